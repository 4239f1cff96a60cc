import { isTerminal, type Problem, type Storage, type Trial } from "@tunesmith/core";
import { readMeanCurve } from "./learning-curve.ts";
import type { OpenedStudy } from "./opened-study.ts";

/** By trial number, see `readLastValues`. */
export type LastValues = ReadonlyMap<number, readonly number[] | null>;

/** Of each of these trials. Cost: reads the reports of those that have no values. */
export async function lastValuesOf(
  storage: Storage,
  { record, problem }: Pick<OpenedStudy, "record" | "problem">,
  trials: readonly Trial[],
): Promise<LastValues> {
  const found = new Map<number, readonly number[] | null>();
  for (const trial of trials) found.set(trial.number, await readLastValues(storage, record.id, trial, problem));
  return found;
}

/**
 * What a trial came to, as far as it is known: its values; of one that was stopped without any, or is on its way, what it reported last.
 *
 * @returns  By objective, in the user's own sign; null of a trial that failed, was cancelled, or never reported.
 */
export async function readLastValues(
  storage: Storage,
  studyId: string,
  trial: Trial,
  problem: Problem,
): Promise<readonly number[] | null> {
  const { values, state, fidelity } = trial;
  if (values !== null) return values;
  if (fidelity === null || (isTerminal(state) && state !== "stopped")) return null;
  return (await readMeanCurve(storage, studyId, trial, problem)).at(-1)?.values ?? null;
}
