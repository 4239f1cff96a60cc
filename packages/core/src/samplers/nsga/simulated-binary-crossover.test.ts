import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { crossCoordinates, crossoverSpread } from "./simulated-binary-crossover.ts";

/** The definition: the integral of the density from 0 to β, over that to `reach`. */
function spreadCdf(beta: number, eta: number, reach: number): number {
  const integral = (b: number): number => (b <= 1 ? 0.5 * b ** (eta + 1) : 1 - 0.5 * b ** -(eta + 1));
  return integral(beta) / integral(reach);
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const eta = fc.double({ min: 0, max: 50, noNaN: true });

describe("crossoverSpread", () => {
  it.each([
    // Recipe: without bounds (2u)^(1/(η+1)) up to u = 1/2, then (1/(2 − 2u))^(1/(η+1)).
    [0.125, 1, Infinity, 0.5],
    [0.5, 20, Infinity, 1],
    [0.875, 1, Infinity, 2],
    // α = 2 − 2^−2 = 7/4: u α = 7/8, and at u = 1 exactly the reach.
    [0.5, 1, 2, Math.sqrt(7 / 8)],
    [1, 1, 2, 2],
    // Parents at the bound: no child beyond them.
    [1, 20, 1, 1],
  ])("at u = %d, η = %d, reach %d is %d", (u, index, reach, beta) => {
    expect(crossoverSpread(u, index, reach)).toBeCloseTo(beta, 14);
  });

  it("is the quantile function of the cut-off polynomial density", () => {
    fc.assert(
      fc.property(unit, eta, fc.double({ min: 1, max: 1e3, noNaN: true }), (u, index, reach) => {
        expect(spreadCdf(crossoverSpread(u, index, reach), index, reach)).toBeCloseTo(u, 10);
      }),
    );
  });
});

describe("crossCoordinates", () => {
  it("never leaves the range", () => {
    fc.assert(
      fc.property(unit, unit, eta, fc.integer({ min: 0, max: 1e6 }), (a, b, index, seed) => {
        const child = crossCoordinates(a, b, index, createRng(seed));
        expect(child).toBeGreaterThanOrEqual(0);
        expect(child).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("gives equal parents their own value", () => {
    expect(crossCoordinates(0.3, 0.3, 20, createRng(1))).toBe(0.3);
  });

  for (const index of [2, 20]) {
    it(`has the mean of the parents on average between equidistant bounds (η = ${index})`, () => {
      const rng = createRng(2, "mean", index);
      const children = Float64Array.from({ length: 20_000 }, () => crossCoordinates(0.35, 0.65, index, rng));
      const mean = children.reduce((a, b) => a + b) / children.length;
      const sd = Math.sqrt(children.reduce((sum, child) => sum + (child - mean) ** 2, 0) / children.length);
      // Four standard errors; the seed is fixed, so the test cannot flicker.
      expect(Math.abs(mean - 0.5)).toBeLessThan((4 * sd) / Math.sqrt(children.length));
    });

    it(`puts half of the children between the parents where the bounds are far (η = ${index})`, () => {
      const rng = createRng(3, "between", index);
      const n = 20_000;
      let between = 0;
      for (let i = 0; i < n; i++) {
        const child = crossCoordinates(0.501, 0.5, index, rng);
        if (child > 0.5 && child < 0.501) between++;
      }
      expect(Math.abs(between / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
    });
  }

  it("keeps children of a larger index closer to a parent", () => {
    const farness = (index: number): number => {
      const rng = createRng(4, "index", index);
      let sum = 0;
      for (let i = 0; i < 5_000; i++) {
        const child = crossCoordinates(0.4, 0.6, index, rng);
        sum += Math.min(Math.abs(child - 0.4), Math.abs(child - 0.6));
      }
      return sum / 5_000;
    };
    const means = [0, 2, 20, 100].map(farness);
    for (let i = 1; i < means.length; i++) expect(means[i]).toBeLessThan(means[i - 1] / 1.5);
  });
});
