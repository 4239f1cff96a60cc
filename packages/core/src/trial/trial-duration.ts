import type { Trial } from "./trial.ts";

/** What of a trial tells how long it took. */
export type TrialInstants = "startedAt" | "finishedAt" | "historySeq";

/**
 * Wall milliseconds from a trial's first claim to its end, the time it waited in between included.
 *
 * @returns In [0, ∞); NaN if it is unfinished, was never claimed, or the clock was set back in between; and if it was copied from
 *          another study, where it took its time: nobody has suggested or completed it here.
 */
export function trialDurationMs({ startedAt, finishedAt, historySeq }: Pick<Trial, TrialInstants>): number {
  if (startedAt === null || finishedAt === null || historySeq === 0) return Number.NaN;
  const elapsedMs = finishedAt - startedAt;
  return elapsedMs >= 0 && elapsedMs < Number.POSITIVE_INFINITY ? elapsedMs : Number.NaN;
}
