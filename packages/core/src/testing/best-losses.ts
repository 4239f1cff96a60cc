import type { Config } from "../parameters/parameter.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { type TestProblem, TestStudy, testProblem } from "./test-study.ts";

/** Best loss after `count` trials for each of the seeds 0, 1, …, ascending. */
export function bestLosses(
  make: () => Sampler,
  problem: TestProblem,
  objective: (config: Config) => number,
  count: number,
  seedCount = 20,
): number[] {
  const bests = Array.from({ length: seedCount }, (_, seed) => {
    const study = new TestStudy(testProblem({ ...problem, seed }));
    const sampler = make();
    let best = Infinity;
    for (let i = 0; i < count; i++) {
      study.step(sampler, (config) => {
        const loss = objective(config);
        best = Math.min(best, loss);
        return loss;
      });
    }
    return best;
  });
  return bests.sort((a, b) => a - b);
}
