import { createRng } from "../numerics/rng.ts";
import type { Problem } from "../trial/problem.ts";

// So that every library takes them.
const seedBound = 2 ** 31;

/** Seeds of a trial's replicates, 31 bits: different per replicate for repeats, one for all folds. */
export function replicateSeeds(problem: Problem, trialNumber: number): readonly number[] {
  const { kind, count } = problem.replicates;
  return Array.from({ length: count }, (_, index) =>
    createRng(problem.seed, trialNumber, "replicate", kind === "folds" ? 0 : index).int(seedBound),
  );
}

/** Seeds to confirm trials on, the same for every trial: what differs between them is then the configuration alone. */
export function confirmSeeds(problem: Problem, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => createRng(problem.seed, "confirm", i).int(seedBound));
}
