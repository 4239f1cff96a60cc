import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { boolean, categorical, constant, float, int } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";
import type { Space } from "../parameters/space.ts";
import { type Importance, importance } from "./importance.ts";
import type { ConfigLoss } from "./observations.ts";

const parameters = {
  lr: float(1e-5, 1e-1, { log: true }),
  width: int(8, 256),
  optimizer: categorical(["adam", "sgd"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
} satisfies Parameters;
const space = createSpace(parameters);
const lossOf = (config: Config): number => (Math.log10(Number(config.lr)) + 3) ** 2 + Number(config.width) / 256;

function trialsOf(drawn: Space, loss: (config: Config) => number, n: number, seed = 1): ConfigLoss[] {
  const rng = createRng(seed);
  return Array.from({ length: n }, () => {
    const config = drawn.decode(Float64Array.from(drawn.dimensions, () => rng.uniform()));
    return { config, loss: loss(config) };
  });
}

function sumOf({ parameters, interactions }: Importance): number {
  return [...parameters, ...interactions].reduce((sum, { share }) => sum + share, 0);
}

describe("importance", () => {
  it("names the parameters, greatest share first, with the space they are active in", () => {
    const { method, trialCount, withheld, fit, parameters } = importance(trialsOf(space, lossOf, 120), space);
    expect([method, trialCount, withheld]).toEqual(["fanova", 120, null]);
    expect(fit).toBeGreaterThan(0.9);
    expect(parameters.map(({ name }) => name).slice(0, 2)).toEqual(["lr", "width"]);
    expect(parameters[0].share).toBeGreaterThan(0.9);
    expect(parameters.find(({ name }) => name === "momentum")?.activeShare).toBeCloseTo(0.5, 2);
    expect(parameters[0].activeShare).toBe(1);
  });

  it("names interactions that are surely there", () => {
    const crossed = createSpace({ a: float(-1, 1), b: float(-1, 1), c: float(-1, 1) });
    const { interactions, parameters } = importance(
      trialsOf(crossed, ({ a, b, c }) => 3 * Number(a) * Number(b) + Number(c), 300),
      crossed,
    );
    expect(interactions[0].names).toEqual(["a", "b"]);
    // Variances 9/9 of the product and 1/3 of c.
    expect(interactions).toHaveLength(1);
    expect(interactions[0].share).toBeGreaterThan(0.5);
    expect(parameters[0].low).toBeGreaterThan(0);
    expect(parameters[0].name).toBe("c");
  });

  it("is the same for the trials in any order", () => {
    for (const method of ["fanova", "ped-anova"] as const) {
      const trials = trialsOf(space, lossOf, 40);
      const plain = importance([...trials, ...trials.slice(0, 5)], space, { method });
      for (const seed of [1, 2]) {
        const shuffled = createRng(seed).shuffle([...trials, ...trials.slice(0, 5)]);
        expect(importance(shuffled, space, { method })).toEqual(plain);
      }
    }
  });

  it("is the same for the parameters in any order of declaration", () => {
    const { lr, width, optimizer, momentum } = parameters;
    const trials = trialsOf(space, lossOf, 40);
    const turned = createSpace({ momentum, optimizer, width, lr });
    expect(importance(trials, turned)).toEqual(importance(trials, space));
  });

  it("gives the same for the same seed, and for another one something a little different", () => {
    const trials = trialsOf(space, lossOf, 40);
    expect(importance(trials, space, { seed: 7 })).toEqual(importance(trials, space, { seed: 7 }));
    expect(importance(trials, space, { seed: 8 })).not.toEqual(importance(trials, space, { seed: 7 }));
  });

  it("does not depend on the unit of the loss", () => {
    const trials = trialsOf(space, lossOf, 40);
    const scaled = trials.map(({ config, loss }) => ({ config, loss: 1024 * loss }));
    expect(importance(scaled, space)).toEqual(importance(trials, space));
  });

  it("gives shares of at least 0 that add up to at most 1, within their intervals, whatever the trials", () => {
    const drawn = fc.record({ n: fc.integer({ min: 30, max: 60 }), seed: fc.nat(), noise: fc.constantFrom(0, 0.3, 3) });
    fc.assert(
      fc.property(drawn, fc.constantFrom("fanova" as const, "ped-anova" as const), ({ n, seed, noise }, method) => {
        const rng = createRng(seed, "noise");
        const [p, q, r] = [rng.normal(), rng.normal(), rng.normal()];
        const loss = (config: Config): number =>
          p * Math.log10(Number(config.lr)) + q * Number(config.momentum ?? 2) * Number(config.width) + r + noise * rng.normal();
        const found = importance(trialsOf(space, loss, n, seed), space, { method });
        expect(sumOf(found)).toBeLessThanOrEqual(1);
        for (const { share, low, high } of [...found.parameters, ...found.interactions]) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(share).toBeGreaterThanOrEqual(low);
          expect(high).toBeGreaterThanOrEqual(share);
          expect(high).toBeLessThanOrEqual(1);
        }
        expect(found.parameters).toHaveLength(found.withheld === null ? 4 : 0);
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }),
      { numRuns: 20 },
    );
  });

  it("serves one parameter alone, and a study of many", () => {
    const single = createSpace({ x: float(0, 1) });
    const alone = importance(
      trialsOf(single, ({ x }) => Number(x) ** 2, 40),
      single,
    );
    expect(alone.parameters.map(({ name }) => name)).toEqual(["x"]);
    expect(alone.parameters[0].share).toBeGreaterThan(0.9);
    const names = Array.from({ length: 20 }, (_, j) => `x${String(j).padStart(2, "0")}`);
    const wide = createSpace(Object.fromEntries(names.map((name) => [name, float(0, 1)])));
    const loss = (config: Config): number => names.reduce((sum, name, j) => sum + (3 * Number(config[name])) / (j + 1), 0);
    const many = importance(trialsOf(wide, loss, 1_000), wide);
    expect(many.trialCount).toBe(1_000);
    // Variances 1, 1/4, 1/9, …: of a sum of 1.596.
    expect(many.parameters.slice(0, 3).map(({ name }) => name)).toEqual(["x00", "x01", "x02"]);
    expect(Math.abs(many.parameters[0].share - 0.626)).toBeLessThan(0.05);
  });

  it("takes stepped, boolean and ordinal parameters, and a thousand trials of equal configs", () => {
    const small = createSpace({ a: boolean(), b: int(0, 3), k: constant("x") });
    const { parameters } = importance(
      trialsOf(small, ({ a, b }) => (a === true ? 2 : 0) + Number(b), 1_000),
      small,
    );
    // Variances 1 and 5/4.
    expect(parameters.map(({ name }) => name)).toEqual(["b", "a"]);
    expect(parameters[0].share).toBeCloseTo(5 / 9, 1);
    expect(parameters[1].share).toBeCloseTo(4 / 9, 1);
  });
});

describe("importance is withheld", () => {
  it("below 30 trials that can be used", () => {
    const trials = trialsOf(space, lossOf, 29);
    const failed = { config: trials[0].config, loss: Number.NaN };
    const { withheld, parameters, interactions, fit } = importance([...trials, failed], space);
    expect(withheld).toEqual({ code: "importance-few-trials", trialCount: 29, required: 30 });
    expect([parameters, interactions, fit]).toEqual([[], [], null]);
    expect(importance(trialsOf(space, lossOf, 30), space).withheld).toBeNull();
  });

  it("when the loss does not vary", () => {
    const { withheld } = importance(
      trialsOf(space, () => 3, 40),
      space,
    );
    expect(withheld).toEqual({ code: "importance-constant-loss", trialCount: 40 });
  });

  it("when there is nothing to choose", () => {
    const fixed = createSpace({ k: constant(1) });
    expect(importance([], fixed).withheld).toEqual({ code: "importance-no-parameters" });
  });

  it("when the parameters do not predict the loss", () => {
    const rng = createRng(5);
    const { withheld, fit, parameters } = importance(
      trialsOf(space, () => rng.normal(), 100),
      space,
    );
    expect(withheld).toEqual({ code: "importance-poor-fit", fit, required: 0.1 });
    expect(parameters).toEqual([]);
  });

  it("when the best trials lie like any others", () => {
    const rng = createRng(5);
    const { withheld } = importance(
      trialsOf(space, () => rng.normal(), 100),
      space,
      { method: "ped-anova" },
    );
    expect(withheld?.code).toBe("importance-no-pattern");
  });
});

describe("importance refuses", () => {
  const cases = [
    [{ topShare: 0 }, "importance.topShare is 0; allowed: a share above 0 and below regionShare, 1"],
    [{ regionShare: 1.5 }, "importance.regionShare is 1.5; allowed: a share in (0, 1]"],
    [{ cutoff: 0 }, "importance.cutoff is 0; allowed: null or a share in (0, 1]"],
    [{ seed: -1 }, "importance.seed is -1; allowed: a whole number from 0 to 2^53 - 1"],
    [{ method: "shap" as "fanova" }, "importance.method is shap; allowed: fanova, ped-anova"],
    [{ scale: "cube" as "log" }, "importance.scale is cube; allowed: linear, log, rank"],
  ] as const;
  for (const [options, message] of cases) {
    it(JSON.stringify(options), () => {
      expect(() => importance([], space, options)).toThrow(message);
    });
  }
});
