import { describe, expect, it } from "vitest";
import { createRng, type Rng } from "../numerics/rng.ts";
import { categorical, float } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";
import { observe } from "./observations.ts";
import { type PedAnovaOptions, type PedAnovaResult, pedAnova, pedAnovaDefaults } from "./ped-anova.ts";
import { spaceColumns } from "./space-columns.ts";

type Loss = (x: Readonly<Record<string, number>>, config: Config, rng: Rng) => number;

function analyse(
  parameters: Parameters,
  loss: Loss,
  n: number,
  seed: number,
  options: Partial<PedAnovaOptions> = {},
): PedAnovaResult {
  const space = createSpace(parameters);
  const rng = createRng(seed, "trials");
  const trials = Array.from({ length: n }, () => {
    const config = space.decode(Float64Array.from(space.dimensions, () => rng.uniform()));
    return { config, loss: loss(config as Record<string, number>, config, rng) };
  });
  return pedAnova(spaceColumns(space), observe(trials, space), { ...pedAnovaDefaults, ...options }, createRng(seed, "ped-anova"));
}

/** Mean shares over 20 seeds; a withheld result is a failure. */
function meanShares(parameters: Parameters, loss: Loss, n: number, options: Partial<PedAnovaOptions> = {}): number[] {
  const found = Array.from({ length: 20 }, (_, seed) => {
    const { mains } = analyse(parameters, loss, n, seed, options);
    if (mains === null) throw new Error(`seed ${seed}: no pattern found`);
    return mains;
  });
  return found[0].map((_, j) => found.reduce((sum, mains) => sum + mains[j].share / 20, 0));
}

const unit = () => float(0, 1);
const flat = { a: unit(), b: unit(), idle: unit(), kind: categorical(["p", "q", "r", "s"]) };

// Tolerances: four standard errors of the mean over the seeds and the bias, from 60 other seeds.
describe("pedAnova finds the shares of", () => {
  // Good are those in a box of volume 0.1. Where a side covers w of the range, the divergence of its density 1/w is 1/w − 1.
  it("a box: 0.2 wide in a (divergence 4), 0.5 in b (1)", () => {
    const [a, b, idle, kind] = meanShares(flat, (x) => Math.max(x.a / 0.2, x.b / 0.5), 400);
    expect(Math.abs(a - 0.8)).toBeLessThan(0.045);
    expect(Math.abs(b - 0.2)).toBeLessThan(0.045);
    expect(idle).toBeLessThan(0.01);
    expect(kind).toBeLessThan(0.01);
  });

  it("one choice of four (3) and 0.4 of a (1.5)", () => {
    const loss: Loss = (x, config) => (config.kind === "p" ? x.a / 0.4 : 1 + x.b);
    const [a, b, idle, kind] = meanShares(flat, loss, 400);
    expect(Math.abs(a - 1.5 / 4.5)).toBeLessThan(0.065);
    expect(Math.abs(kind - 3 / 4.5)).toBeLessThan(0.075);
    expect(b + idle).toBeLessThan(0.04);
  });

  it("a conditional parameter, among the trials that have it, times how many these are", () => {
    const parameters = {
      lr: unit(),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
      optimizer: categorical(["adam", "sgd"]),
    };
    const loss: Loss = (x, config) => (config.optimizer === "sgd" ? Math.max(x.momentum / 0.4, x.lr / 0.5) : 2);
    const [lr, momentum, optimizer] = meanShares(parameters, loss, 400);
    // Good is one in ten of all and two in ten of sgd: lr 0.1² · 1, optimizer 0.1² · 1, momentum ½ · 0.2² · 1.5.
    expect(Math.abs(lr - 0.2)).toBeLessThan(0.036);
    expect(Math.abs(optimizer - 0.2)).toBeLessThan(0.036);
    expect(Math.abs(momentum - 0.6)).toBeLessThan(0.04);
  });

  it("what tells the best from the good, which all trials together do not show", () => {
    // The best fifth has a < 0.2; among these b decides. Over all: divergence 4 in a, 1 in b.
    const loss: Loss = (x) => (x.a < 0.2 ? x.b / 2 : 0.5 + x.a);
    const [globalA, globalB] = meanShares(flat, loss, 400);
    const [localA, localB] = meanShares(flat, loss, 400, { regionShare: 0.2 });
    expect(Math.abs(globalA - 0.8)).toBeLessThan(0.07);
    expect(Math.abs(globalB - 0.2)).toBeLessThan(0.075);
    expect(localB).toBeGreaterThan(0.89);
    expect(localA).toBeLessThan(0.08);
  });
});

describe("pedAnova", () => {
  it("gives shares that add up to 1, in intervals that hold the truth in about nine of ten cases", () => {
    let [held, asked] = [0, 0];
    for (let seed = 0; seed < 30; seed++) {
      const { mains } = analyse(flat, (x) => Math.max(x.a / 0.2, x.b / 0.5), 300, seed);
      if (mains === null) throw new Error(`seed ${seed}: no pattern found`);
      expect(mains.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      for (const [j, truth] of [0.8, 0.2].entries()) {
        asked++;
        if (mains[j].low <= truth && truth <= mains[j].high) held++;
      }
    }
    expect(held / asked).toBeGreaterThan(0.85);
  });

  it("finds no pattern in noise, or once in twenty times", () => {
    const found = Array.from({ length: 60 }, (_, seed) => analyse(flat, (_x, _c, rng) => rng.normal(), 150, seed).mains);
    expect(found.filter((mains) => mains !== null).length).toBeLessThanOrEqual(6);
  });

  it("counts trials as good as the last good one among the good, so that ties say nothing", () => {
    const { mains, deviation } = analyse(flat, () => 1, 100, 1);
    expect(mains).toBeNull();
    expect(deviation).toBe(0);
  });

  it("refuses shares that leave nothing to compare", () => {
    expect(() => analyse(flat, (x) => x.a, 50, 1, { topShare: 0.5, regionShare: 0.4 })).toThrow(RangeError);
  });
});
