import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { random } from "../../samplers/random.ts";
import { PopulationDrill } from "../../testing/population-drill.ts";
import { testProblem } from "../../testing/test-study.ts";
import { type PbtOptions, pbt } from "./pbt.ts";

type Model = readonly [number, number];

function quality([a, b]: Model): number {
  return 1.2 - a * a - b * b;
}

/**
 * The toy of the paper's Fig. 2: a model of two weights, from (0.9, 0.9), climbs the gradient of a surrogate of its quality in which the
 * hyperparameters h1 and h2 are the weights of the two terms; step size 0.01.
 */
function climb(model: Model | null, { h1, h2 }: Config): { model: Model; loss: number } {
  const [a, b] = model ?? [0.9, 0.9];
  const next: Model = [a - 0.02 * (h1 as number) * a, b - 0.02 * (h2 as number) * b];
  return { model: next, loss: -quality(next) };
}

/** Mean quality of a population of ten after 200 steps each. */
function meanQuality(seed: number, workerCount: number, options: PbtOptions): number {
  const problem = testProblem({ parameters: { h1: float(0, 1), h2: float(0, 1) }, fidelity: { min: 1, max: 200 }, seed });
  const makePolicy = () => pbt({ population: 10, interval: 10, ...options }).drive(random());
  const { trials } = new PopulationDrill<Model>({ problem, makePolicy, workerCount, advance: climb }).run();
  const ends = trials.filter(({ state }) => state === "complete");
  expect(ends.length).toBe(10);
  return ends.reduce((sum, { checkpoint }) => sum + quality(checkpoint.model as Model), 0) / ends.length;
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("pbt on the toy problem of its paper", () => {
  test.each([1, 4, 16, 64])(
    "brings the mean quality of the population above 1.1 in 200 steps, for 20 seeds, on %i slots",
    (workerCount) => {
      for (const seed of seeds) expect(meanQuality(seed, workerCount, {})).toBeGreaterThan(1.1);
    },
  );

  test("does not without copying: the same populations stay below 1.1 in the mean over the seeds", () => {
    // Measured 1.013; three of the twenty seeds draw a population that comes above 1.1 by itself.
    expect(meanOf(seeds.map((seed) => meanQuality(seed, 4, { quantile: 0 })))).toBeLessThan(1.1);
  });

  test("does better with changed copies than with plain ones", () => {
    const still = meanOf(seeds.map((seed) => meanQuality(seed, 4, { perturb: [1], resample: 0 })));
    const moving = meanOf(seeds.map((seed) => meanQuality(seed, 4, {})));
    expect(moving).toBeGreaterThan(still);
  });
});

describe("pbt's options", () => {
  const refused = (options: object): string => {
    try {
      pbt(options as PbtOptions).drive(random());
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  test("outside their range are refused, each with what was found and what is allowed", () => {
    expect(refused({ population: 1, interval: 0, quantile: 0.6, score: "mean:0", tune: [], perturb: [0], resample: 2 })).toBe(
      "pbt: quantile: is 0.6; allowed: a number from 0 to 0.5; population: is 1; allowed: a whole number from 2; " +
        'interval: is 0; allowed: a number above 0, or null; score: is "mean:0"; allowed: last, or mean:k with a whole number k from 1; ' +
        "tune: is []; allowed: a list of at least one parameter name, or null; " +
        "perturb: is [0]; allowed: a list of at least one number above 0; resample: is 2; allowed: a number from 0 to 1",
    );
    expect(refused({ population: 2.5 })).toContain("population: is 2.5");
    expect(refused({ score: "best" })).toContain('score: is "best"');
    expect(refused({ perturb: "0.8" })).toContain('perturb: is "0.8"');
    expect(refused({ tune: "lr" })).toContain('tune: is "lr"');
  });

  test("at the ends of their ranges are taken", () => {
    expect(refused({ population: 2, interval: 1e-3, quantile: 0, score: "last", tune: null, perturb: [1], resample: 0 })).toBe(
      "",
    );
    expect(refused({ quantile: 0.5, score: "mean:10", tune: ["lr"], perturb: [0.5, 2], resample: 1 })).toBe("");
  });
});
