import { describe, expect, it } from "vitest";
import { normalQuantile } from "../numerics/special-functions.ts";
import { boolean, categorical, float, int, ordinal } from "./build-parameter.ts";
import { createSpace } from "./create-space.ts";
import type { Parameter } from "./parameter.ts";
import type { Dimension } from "./space.ts";

function dimension(parameter: Parameter): Dimension {
  return createSpace({ x: parameter }).dimensions[0];
}

function counts(values: readonly unknown[]): Map<unknown, number> {
  const result = new Map<unknown, number>();
  for (const value of values) result.set(value, (result.get(value) ?? 0) + 1);
  return result;
}

/** Midpoints of n equal parts of [0, 1]. */
function midpoints(n: number): number[] {
  return Array.from({ length: n }, (_, i) => (i + 0.5) / n);
}

describe("a numeric dimension", () => {
  it("stretches an int by half a step: 3 of 1 to 4 lies at 5/8", () => {
    const x = dimension(int(1, 4));
    expect([1, 2, 3, 4].map(x.encode)).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect([0, 0.2499, 0.25, 0.9999, 1].map(x.decode)).toEqual([1, 1, 2, 4, 4]);
  });

  it("gives every integer the same share of [0, 1]", () => {
    for (const parameter of [int(1, 7), int(-20, 20, { step: 5 }), int(0, 999)]) {
      const x = dimension(parameter);
      const found = counts(midpoints(x.cellCount * 10).map(x.decode));
      expect(found.size).toBe(x.cellCount);
      expect(new Set(found.values())).toEqual(new Set([10]));
    }
  });

  it("gives an integer on a log scale the share of its cell: log((x + ½)/(x − ½)) / log(8.5/0.5)", () => {
    const x = dimension(int(1, 8, { log: true }));
    const n = 200_000;
    const found = counts(midpoints(n).map(x.decode));
    for (let k = 1; k <= 8; k++) {
      const share = Math.log((k + 0.5) / (k - 0.5)) / Math.log(8.5 / 0.5);
      expect(Math.abs((found.get(k) as number) - share * n)).toBeLessThanOrEqual(1);
    }
    expect(x.encode(2)).toBeCloseTo(Math.log(2 / 0.5) / Math.log(8.5 / 0.5), 15);
  });

  it("puts a continuous value on its line, or on that of its logarithm", () => {
    expect(dimension(float(-1, 3)).encode(0)).toBe(0.25);
    expect(dimension(float(-1, 3)).decode(0.75)).toBe(2);
    expect(dimension(float(1e-5, 1e-1, { log: true })).encode(1e-3)).toBeCloseTo(0.5, 15);
    expect(dimension(float(1e-5, 1e-1, { log: true })).decode(0.25)).toBeCloseTo(1e-4, 18);
  });

  it("reaches both ends exactly and clips what lies beyond", () => {
    for (const parameter of [float(0.1, 0.7, { log: true }), float(-3.3, 0.1), float(5e-324, 1e308, { log: true })]) {
      const x = dimension(parameter);
      expect([-1, 0, 1, 2, Infinity].map(x.decode)).toEqual([
        parameter.min,
        parameter.min,
        parameter.max,
        parameter.max,
        parameter.max,
      ]);
      expect([x.encode(parameter.min), x.encode(parameter.max)]).toEqual([0, 1]);
    }
  });

  it("gives the decimals a person would write on a decimal step", () => {
    const x = dimension(float(0, 1, { step: 0.1 }));
    expect(midpoints(11).map(x.decode)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(dimension(float(1e-5, 9e-5, { step: 1e-5, log: true })).decode(1)).toBe(9e-5);
    expect(dimension(float(-0.3, 0.3, { step: 0.15 })).decode(0.5)).toBe(0);
  });

  it("takes a sum of decimals as on the step", () => {
    const space = createSpace({ x: float(0, 1, { step: 0.1 }) });
    expect(space.check({ x: 0.1 + 0.2 })).toEqual([]);
    expect(space.decode(space.encode({ x: 0.1 + 0.2 }))).toEqual({ x: 0.3 });
    expect(space.check({ x: 0.3001 })).toEqual([
      { path: "x", message: "is 0.3001, off the step 0.1; the nearest are 0.3 and 0.4" },
    ]);
  });

  it("keeps all of 2^53 integers apart", () => {
    const last = Number.MAX_SAFE_INTEGER;
    for (const [min, max, step] of [
      [0, last, 1],
      [-(2 ** 52), 2 ** 52 - 1, 1],
      [-last, last, 2],
      [-last + 2, last, 3],
      [1, last - 2, 1],
    ]) {
      const x = dimension(int(min, max, { step }));
      for (const k of [0, 1, 2, 3, 1000, 12345, 2 ** 20]) {
        for (const value of [min + k * step, max - k * step]) expect(x.decode(x.encode(value))).toBe(value);
      }
      expect([x.decode(0), x.decode(1)]).toEqual([min, max]);
    }
  });

  it("has its ends where half steps do not fit below 0 on a log scale of floats", () => {
    const x = dimension(float(1, 3, { step: 0.5, log: true }));
    expect(x.cellCount).toBe(5);
    for (const value of [1, 1.5, 2, 2.5, 3]) expect(x.decode(x.encode(value))).toBe(value);
  });
});

describe("a dimension of choices", () => {
  it("puts choice k of K at (k + 0.5) / K", () => {
    const x = dimension(categorical(["a", "b", "c", "d"]));
    expect(["a", "b", "c", "d"].map(x.encode)).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect([0, 0.25, 0.5, 0.99, 1].map(x.decode)).toEqual(["a", "b", "c", "d", "d"]);
    expect(x.encode("e")).toBeNaN();
  });

  it("gives each of 10,000 choices its own coordinate", () => {
    const values = Array.from({ length: 10_000 }, (_, i) => i);
    const x = dimension(ordinal(values));
    expect(values.map((value) => x.decode(x.encode(value)))).toEqual(values);
  });

  it("orders booleans false, true", () => {
    const x = dimension(boolean());
    expect([0, 0.49, 0.5, 1].map(x.decode)).toEqual([false, false, true, true]);
    expect(x.kind).toBe("categorical");
  });
});

describe("fromPrior", () => {
  it("is the identity without a prior, and for equal weights", () => {
    for (const parameter of [float(0, 1), categorical(["a", "b"], { weights: [3, 3] }), boolean()]) {
      const x = dimension(parameter);
      expect(x.hasPrior).toBe(false);
      expect([0, 0.3, 1].map(x.fromPrior)).toEqual([0, 0.3, 1]);
    }
  });

  it("gives every choice the share of its weight, and a weight of 0 none", () => {
    const x = dimension(categorical(["a", "b", "c", "d"], { weights: [1, 0, 3, 0] }));
    expect(x.hasPrior).toBe(true);
    const found = counts([0, ...midpoints(998), 1].map((u) => x.decode(x.fromPrior(u))));
    expect(Object.fromEntries(found)).toEqual({ a: 250, c: 750 });
    expect(x.decode(x.fromPrior(0.25))).toBe("c");
  });

  it("keeps to the cells of 10,000 choices with random weights", () => {
    const weights = Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 13);
    const x = dimension(
      ordinal(
        weights.map((_, i) => i),
        { weights },
      ),
    );
    for (const u of midpoints(20_011)) expect(weights[x.decode(x.fromPrior(u)) as number]).toBeGreaterThan(0);
  });

  it("takes the quantile of the normal prior cut off at the range", () => {
    // P(z ≤ q) for z normal(0.3, 0.1) between 0 and 1: Φ(−3) = 0.0013498980316301, Φ(7) = 1 − 1.28e-12.
    const x = dimension(float(0, 1, { prior: { distribution: "normal", mean: 0.3, sd: 0.1 } }));
    const below = 0.0013498980316301;
    for (const u of [0.1, 0.5, 0.9]) expect(x.fromPrior(u)).toBeCloseTo(0.3 + 0.1 * normalQuantile(below + u * (1 - below)), 10);
    expect(x.fromPrior(0)).toBeCloseTo(0, 15);
    expect(x.fromPrior(1)).toBe(1);
  });

  it("takes a log-normal prior on a log range as normal in the coordinate", () => {
    const x = dimension(float(1e-4, 1, { log: true, prior: { distribution: "log-normal", mean: Math.log(1e-2), sd: 0.5 } }));
    expect(x.fromPrior(0.5)).toBeCloseTo(0.5, 12);
    // One standard deviation above the middle: 0.5 of 4 ln 10 further on.
    expect(x.fromPrior(0.8413447460685429)).toBeCloseTo(0.5 + 0.5 / (4 * Math.LN10), 9);
  });

  it("takes a log-normal prior on a plain range from 0, and a normal one on a log range", () => {
    const plain = dimension(float(0, 1000, { prior: { distribution: "log-normal", mean: 0, sd: 1 } }));
    expect(plain.decode(plain.fromPrior(0.5))).toBeCloseTo(1, 6);
    const log = dimension(float(1e-3, 1, { log: true, prior: { distribution: "normal", mean: 0.5, sd: 0.05 } }));
    expect(log.decode(log.fromPrior(0.5))).toBeCloseTo(0.5, 9);
  });

  it("never falls and stays in [0, 1], however wide, narrow or far off the prior is", () => {
    const priors: [number, number][] = [
      [0.5, 1e-300],
      [0.5, 1e12],
      [0, 0.01],
      [1, 0.2],
      [-2.9, 0.1],
      [3.9, 0.1],
      [0.5, 5e5],
    ];
    for (const [mean, sd] of priors) {
      const x = dimension(float(0, 1, { prior: { distribution: "normal", mean, sd } }));
      const drawn = [0, ...midpoints(500), 1].map(x.fromPrior);
      for (const [i, u] of drawn.entries()) {
        expect(u).toBeGreaterThanOrEqual(i === 0 ? 0 : drawn[i - 1] - 1e-12);
        expect(u).toBeLessThanOrEqual(1);
      }
    }
  });

  it("is uniform for a prior much wider than the range", () => {
    const x = dimension(int(1, 10, { prior: { distribution: "normal", mean: 5, sd: 1e9 } }));
    expect(counts(midpoints(1000).map((u) => x.decode(x.fromPrior(u))))).toEqual(
      new Map(Array.from({ length: 10 }, (_, i) => [i + 1, 100])),
    );
  });
});
