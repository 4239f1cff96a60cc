import type { Problem } from "../trial/problem.ts";
import type { Trial } from "../trial/trial.ts";
import { type Importance, type ImportanceOptions, importance } from "./importance.ts";

export interface StudyImportanceOptions extends ImportanceOptions {
  /** Whether trials stopped early count with the value they had then; default false: it is of another, shorter training. */
  readonly includeStopped: boolean;
}

export interface ObjectiveImportance extends Importance {
  /** The objective's name. */
  readonly objective: string;
}

/**
 * The importance of a study's parameters, for each of its objectives in their order.
 *
 * Of the trials, complete ones count, whether or not they satisfy the outcome constraints. The seed is the study's unless given.
 */
export function studyImportance(
  trials: readonly Pick<Trial, "state" | "config" | "values">[],
  { space, objectives, seed }: Pick<Problem, "space" | "objectives" | "seed">,
  { includeStopped = false, ...options }: Partial<StudyImportanceOptions> = {},
): readonly ObjectiveImportance[] {
  const counted = trials.filter(({ state }) => state === "complete" || (includeStopped && state === "stopped"));
  return objectives.map(({ name, goal }, k) => {
    const lossOf = (value: number): number => (goal === "minimize" ? value : -value);
    const observed = counted.map(({ config, values }) => ({ config, loss: lossOf(values?.[k] ?? Number.NaN) }));
    return { objective: name, ...importance(observed, space, { seed, ...options }) };
  });
}
