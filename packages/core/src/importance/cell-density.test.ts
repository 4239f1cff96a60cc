import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellDensity } from "./cell-density.ts";

describe("cellDensity", () => {
  it("gives positive masses that add up to 1", () => {
    const counts = fc.array(fc.nat(20), { minLength: 1, maxLength: 64 }).filter((list) => list.some((count) => count > 0));
    fc.assert(
      fc.property(counts, fc.boolean(), (list, ordered) => {
        const density = cellDensity(Float64Array.from(list), ordered);
        expect(Math.min(...density)).toBeGreaterThan(0);
        expect(density.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("adds one trial of all choices in equal parts", () => {
    expect([...cellDensity(Float64Array.of(3, 0, 0, 0), false)]).toEqual([3.25 / 4, 0.25 / 4, 0.25 / 4, 0.25 / 4]);
  });

  it("spreads ordered cells like a normal of Scott's width", () => {
    // Two of 64 cells, 20 apart: σ = 10, 32 trials: 10 · 32^(−1/5) = 5 cells.
    const counts = new Float64Array(64);
    counts[20] = 16;
    counts[40] = 16;
    const density = cellDensity(counts, true);
    const height = (distance: number): number => Math.exp(-0.5 * (distance / 5) ** 2);
    expect(density[25] / density[20]).toBeCloseTo((height(5) + height(15)) / (height(0) + height(20)), 3);
    expect(density[20] / density[40]).toBeCloseTo(1, 3);
  });
});
