import { describe, expect, it } from "vitest";
import { categorical, float } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { type ConfigLoss, observe, scaleLosses } from "./observations.ts";

const linear = { scale: "linear", cutoff: null } as const;

describe("observe", () => {
  const space = createSpace({ momentum: float(0, 1, { when: { opt: "sgd" } }), opt: categorical(["adam", "sgd"]) });

  it("sorts trials by point and loss, inactive first", () => {
    const trials: ConfigLoss[] = [
      { config: { opt: "sgd", momentum: 0.5 }, loss: 3 },
      { config: { opt: "sgd", momentum: 0.5 }, loss: 1 },
      { config: { opt: "adam" }, loss: 2 },
    ];
    const { points, losses } = observe(trials, space);
    expect([...points]).toEqual([Number.NaN, 0.25, 0.5, 0.75, 0.5, 0.75]);
    expect([...losses]).toEqual([2, 1, 3]);
  });

  it("leaves out trials without a loss and those that the space does not know", () => {
    const trials: ConfigLoss[] = [
      { config: { opt: "adam" }, loss: Number.NaN },
      { config: { opt: "lion" }, loss: 1 },
      { config: { opt: "sgd" }, loss: 1 },
      { config: { opt: "sgd", momentum: 7 }, loss: 1 },
      { config: { opt: "adam" }, loss: 4 },
    ];
    expect([...observe(trials, space).losses]).toEqual([4]);
  });

  it("keeps trials that violate a constraint", () => {
    const constrained = createSpace({ x: float(0, 1) }, ["x <= 0.5"]);
    expect(observe([{ config: { x: 0.9 }, loss: 1 }], constrained).losses).toHaveLength(1);
  });

  it("takes infinite losses for the worst and the best finite one", () => {
    const losses = [-Infinity, 1, 5, Infinity].map((loss, i) => ({ config: { x: i / 4 }, loss }));
    expect([...observe(losses, createSpace({ x: float(0, 1) })).losses]).toEqual([1, 1, 5, 5]);
  });
});

describe("scaleLosses", () => {
  it("brings losses to mean 0 and variance 1, however far from 0 they lie", () => {
    for (const shift of [0, 1e9]) {
      const scaled = scaleLosses(
        Float64Array.of(1, 2, 3, 4).map((loss) => loss + shift),
        linear,
      );
      expect([...(scaled ?? [])].map((loss) => Number(loss.toFixed(6)))).toEqual([-1.341641, -0.447214, 0.447214, 1.341641]);
    }
  });

  it("is null for losses that are all equal, also once the cutoff is through with them", () => {
    expect(scaleLosses(Float64Array.of(2, 2, 2), linear)).toBeNull();
    expect(scaleLosses(Float64Array.of(1, 1, 1, 1, 9), { scale: "linear", cutoff: 0.5 })).toBeNull();
  });

  it("cuts far-out losses at three interquartile ranges above the upper quartile", () => {
    const scaled = scaleLosses(Float64Array.of(0, 1, 2, 3, 1_000), linear) ?? [];
    // Quartiles 1 and 3: the last counts as 9.
    const same = scaleLosses(Float64Array.of(0, 1, 2, 3, 9), linear) ?? [];
    expect([...scaled]).toEqual([...same]);
  });

  it("keeps far-out losses where half of them are equal", () => {
    expect((scaleLosses(Float64Array.of(1, 1, 1, 1, 9), linear) ?? [])[4]).toBeCloseTo(2, 12);
  });

  it("cuts at a quantile", () => {
    const scaled = scaleLosses(Float64Array.of(0, 1, 2, 3, 4), { scale: "linear", cutoff: 0.5 }) ?? [];
    expect(scaled[2]).toBe(scaled[4]);
    expect(scaled[1]).toBeLessThan(scaled[2]);
  });

  it("takes logarithms or ranks, equal losses sharing theirs", () => {
    const ratios = scaleLosses(Float64Array.of(1, 10, 100), { scale: "log", cutoff: 1 }) ?? [];
    expect(ratios[1]).toBeCloseTo(0, 12);
    const ranks = scaleLosses(Float64Array.of(5, 1, 5, 900), { scale: "rank", cutoff: 1 }) ?? [];
    expect(ranks[0]).toBe(ranks[2]);
    expect(ranks[3] - ranks[0]).toBeCloseTo(ranks[0] - ranks[1], 12);
  });

  it("refuses the logarithm of what is not above 0", () => {
    const act = (): unknown => scaleLosses(Float64Array.of(0.5, -0.25), { scale: "log", cutoff: null });
    expect(act).toThrow(TunesmithError);
    expect(act).toThrow("scale: is log, but a loss is -0.25; allowed: losses above 0, or linear or rank");
  });
});
