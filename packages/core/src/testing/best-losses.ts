import type { Config } from "../parameters/parameter.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { type EvaluatedProblem, feasibleLosses } from "./feasible-losses.ts";

/** A problem with one objective. */
export interface LossProblem extends Omit<EvaluatedProblem, "losses"> {
  readonly loss: (config: Config) => number;
}

/** Best feasible loss after `count` trials for each of the seeds 0, 1, …, 19, ascending; ∞ where there is none. */
export function bestLosses(make: () => Sampler, problem: LossProblem, count: number): number[] {
  const evaluated = { ...problem, losses: (config: Config) => [problem.loss(config)] };
  const bests = Array.from({ length: 20 }, (_, seed) =>
    Math.min(...feasibleLosses(make, evaluated, count, seed).map(([loss]) => loss)),
  );
  return bests.sort((a, b) => a - b);
}
