import { describe, expect, it } from "vitest";
import { trustRegion, trustRegionWidth } from "./trust-region.ts";

const d = 25;
const falling = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => 100 - i);

describe("trustRegionWidth", () => {
  it("doubles after three successes in a row, to 1.6 at most", () => {
    expect(trustRegionWidth(falling(10), 10, d)).toBe(0.8);
    expect(trustRegionWidth(falling(12), 10, d)).toBe(0.8);
    expect(trustRegionWidth(falling(13), 10, d)).toBe(1.6);
    expect(trustRegionWidth(falling(40), 10, d)).toBe(1.6);
  });

  it("halves after d failures in a row, and opens again below 1/128", () => {
    const stuck = (count: number): number => trustRegionWidth(new Float64Array(10 + count).fill(5), 10, d);
    expect(stuck(24)).toBe(0.8);
    expect(stuck(25)).toBe(0.4);
    expect(stuck(6 * 25)).toBe(0.0125);
    expect(stuck(7 * 25)).toBe(0.8);
  });

  it("does not count an improvement by less than a thousandth", () => {
    const losses = Float64Array.from({ length: 35 }, (_, i) => 100 - i * 0.01);
    expect(trustRegionWidth(losses, 10, d)).toBe(0.4);
  });
});

describe("trustRegion", () => {
  it("has sides in the proportions of the lengthscales, cut off at the cube, and leaves choices free", () => {
    const centre = Float64Array.of(0.5, 0.5, 0.9, 0.5);
    const { lower, upper } = trustRegion(centre, Float64Array.of(2, 0.5, 1, 1), (j) => j === 3, 0.4);
    expect([...lower].map((value) => Number(value.toFixed(12)))).toEqual([0.4, 0.1, 0.7, 0]);
    expect([...upper].map((value) => Number(value.toFixed(12)))).toEqual([0.6, 0.9, 1, 1]);
  });
});
