import type { Config } from "../parameters/parameter.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { type TestProblem, TestStudy, testProblem } from "./test-study.ts";

/** A problem and what its trials come to. */
export interface EvaluatedProblem extends TestProblem {
  /** @returns (m,) every one minimised. */
  readonly losses: (config: Config) => readonly number[];
  /** 0 where the config is feasible; default: everywhere. */
  readonly violation?: (config: Config) => number;
}

/** Losses of those of `count` trials that are feasible, one after the other, in a study that is to have so many. */
export function feasibleLosses(
  make: () => Sampler,
  problem: EvaluatedProblem,
  count: number,
  seed: number,
): (readonly number[])[] {
  const constrained = problem.violation !== undefined;
  const study = new TestStudy({ ...testProblem({ ...problem, constrained, seed }), trialBudget: count });
  const sampler = make();
  const feasible: (readonly number[])[] = [];
  for (let i = 0; i < count; i++) {
    const suggestion = study.suggest(sampler);
    if (suggestion === null) break;
    const losses = problem.losses(suggestion.config);
    const violation = problem.violation?.(suggestion.config) ?? 0;
    study.finish(study.add(suggestion), { losses, violation });
    if (violation === 0) feasible.push(losses);
  }
  return feasible;
}
