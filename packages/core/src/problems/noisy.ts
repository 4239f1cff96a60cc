import { createRng } from "../numerics/rng.ts";
import type { BenchmarkProblem } from "./benchmark-problem.ts";

export interface NoiseOptions {
  /** Standard deviation of the normal noise on every metric, in the metric's unit. */
  readonly sd: number;
  readonly seed: number;
}

/** The same problem with normal noise, which is a function of (seed, config, draw): evaluating a config again needs another draw. */
export function noisy(problem: BenchmarkProblem, { sd, seed }: NoiseOptions): BenchmarkProblem {
  if (!(sd >= 0 && sd < Infinity)) throw new RangeError(`sd is ${sd}, must be a finite number of at least 0`);
  const names = Object.keys(problem.parameters);
  return Object.freeze({
    ...problem,
    name: `${problem.name}-noise${sd}`,
    noiseless: problem.noiseless ?? problem,
    evaluate(config, draw = 0) {
      const metrics = problem.evaluate(config, draw);
      const at = names.map((name) => `${name}=${typeof config[name]}:${config[name]}`).join(";");
      const rng = createRng(seed, "noise", at, draw);
      return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value + sd * rng.normal()]));
    },
  } satisfies BenchmarkProblem);
}
