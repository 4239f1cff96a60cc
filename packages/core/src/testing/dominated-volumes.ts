import { hypervolume } from "../numerics/hypervolume.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { type EvaluatedProblem, feasibleLosses } from "./feasible-losses.ts";

/** A problem with several objectives. */
export interface FrontProblem extends Omit<EvaluatedProblem, "objectiveCount"> {
  /** (m,) The worst corner, from which the volume is measured. */
  readonly reference: readonly number[];
}

/** Volume that the feasible ones of `count` trials dominate, for each of the seeds 0, 1, …, 19, ascending. */
export function dominatedVolumes(make: () => Sampler, problem: FrontProblem, count: number): number[] {
  const { reference } = problem;
  const m = reference.length;
  const volumes = Array.from({ length: 20 }, (_, seed) => {
    const found = feasibleLosses(make, { ...problem, objectiveCount: m }, count, seed);
    return hypervolume(Float64Array.from(found.flat()), found.length, m, reference);
  });
  return volumes.sort((a, b) => a - b);
}
