import { categorical, float, int } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { TestStudy, testProblem } from "./test-study.ts";

const parameters = {
  layers: int(1, 6),
  lr: float(1e-5, 1e-1, { log: true }),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  optimizer: categorical(["adam", "sgd"]),
};

function loss({ layers, lr, momentum, optimizer }: Config): number {
  const distance = (Math.log10(lr as number) + 3) ** 2 + ((layers as number) - 3) ** 2 / 9;
  return distance + (optimizer === "sgd" ? ((momentum as number) - 0.9) ** 2 : 0.2);
}

/**
 * What a sampler suggests for some trials of one small study, for tests that freeze it: a change there changes what running studies would
 * have been told, so `version` is raised with it.
 *
 * @param trials  Numbers, ascending.
 * @param digits  Significant digits kept: later ones may differ between JavaScript engines, whose exp and log do.
 */
export function frozenSuggestions(sampler: Sampler, trials: readonly number[], digits: number): (Config | null)[] {
  const study = new TestStudy(testProblem({ parameters, seed: 42 }));
  const configs: (Config | null)[] = [];
  for (let trial = 0; trial <= (trials.at(-1) ?? -1); trial++) {
    const config = study.step(sampler, loss);
    if (trials.includes(trial)) configs.push(config);
  }
  const round = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(value.toPrecision(digits)) : value);
  return JSON.parse(JSON.stringify(configs), round) as (Config | null)[];
}
