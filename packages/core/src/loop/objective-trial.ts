import type { AbortSignalLike } from "../host.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Decision, Metrics, Outcome, Report } from "../trial/trial.ts";
import type { Job } from "./engine.ts";

/** What `report` answers: go on, or leave (a trial that is told to stop may return at once, its reports count). */
export type DecisionWord = Decision["kind"];

/** A trial as an objective function sees it. */
export interface ObjectiveTrial<Params = Config> {
  readonly number: number;
  readonly params: Params;
  /** 31-bit seed of this replicate. */
  readonly seed: number;
  /** Fold from 0, or null without folds. */
  readonly fold: number | null;
  /** Step to train to; null without a declared fidelity. */
  readonly target: number | null;
  /** Raised when the trial is to end before its objective returns. */
  readonly signal: AbortSignalLike;
  /** The steps to train: from 1 to the target, endless without one. */
  steps(): Iterable<number>;
  /** Records metrics at a step, one number for the only objective, and answers whether to go on. */
  report(step: number, metrics: Metrics | number): Promise<DecisionWord>;
}

/** A number for the only objective, metrics by name, or nothing when the trial reported. */
export type ObjectiveResult = number | Metrics | void;

export type Objective<Params = Config> = (trial: ObjectiveTrial<Params>) => ObjectiveResult | Promise<ObjectiveResult>;

/** What an objective needs besides its job. */
export interface ObjectiveContext {
  readonly objectiveNames: readonly string[];
  readonly signal: AbortSignalLike;
  report(report: Report): Promise<Decision>;
}

/** Runs an objective on a job; never rejects. */
export async function runObjective(objective: Objective, job: Job, context: ObjectiveContext): Promise<Outcome> {
  let last: Metrics = {};
  const trial: ObjectiveTrial = {
    number: job.ref.trial,
    params: job.config,
    seed: job.seed,
    fold: job.fold,
    target: job.target,
    signal: context.signal,
    *steps() {
      for (let step = 1; step <= (job.target ?? Number.POSITIVE_INFINITY) && !context.signal.aborted; step++) yield step;
    },
    async report(step, said) {
      last = namedMetrics(said, context.objectiveNames);
      return (await context.report({ step, fidelity: step, metrics: last })).kind;
    },
  };
  try {
    const result = await objective(trial);
    const metrics = result === undefined ? {} : namedMetrics(result, context.objectiveNames);
    return { kind: "complete", metrics: { ...last, ...metrics } };
  } catch (error) {
    return { kind: "failed", reason: "error", message: error instanceof Error ? error.message : String(error) };
  }
}

function namedMetrics(result: Metrics | number, objectiveNames: readonly string[]): Metrics {
  if (typeof result === "object" && result !== null) return result;
  if (typeof result !== "number")
    throw new TypeError(`the objective gave ${typeof result}; allowed: a number or metrics by name`);
  if (objectiveNames.length > 1)
    throw new TypeError(`the objective gave one number; with several objectives name them: ${objectiveNames.join(", ")}`);
  return { [objectiveNames[0]]: result };
}
