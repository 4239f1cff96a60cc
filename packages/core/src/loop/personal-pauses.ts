import type { StudyEvent } from "../storage/storage.ts";
import type { Decision } from "../trial/trial.ts";

/**
 * The replicates of one trial that a person told to pause, each with the attempt that ran then.
 *
 * The word stands until the trial is resumed, also when the attempt was lost before it heard; an attempt that came after it and
 * reported has not heard it, and undoes it.
 */
export type PersonalPauses = Map<number, number>;

export function isPersonalPause(decision: Decision | undefined): boolean {
  return decision?.kind === "pause" && decision.why.code === "person";
}

/**
 * Takes in an event about the trial.
 * @param decision  What was decided, for `decided`.
 */
export function applyToPauses(
  pauses: PersonalPauses,
  { kind, replicate, attempt }: StudyEvent,
  decision: Decision | undefined,
): void {
  if (kind === "resumed") pauses.clear();
  if (replicate === null || attempt === null) return;
  if (kind === "decided" && isPersonalPause(decision)) pauses.set(replicate, attempt);
  if (kind === "reported" && attempt > (pauses.get(replicate) ?? Number.POSITIVE_INFINITY)) pauses.delete(replicate);
}
