import { describe, expect, it } from "vitest";
import { isStuck, isWithin } from "./closeness.ts";

const isChoice = (j: number): boolean => j === 2;

describe("isWithin", () => {
  const near = (a: readonly number[], b: readonly number[]): boolean =>
    isWithin(Float64Array.from(a), 0, Float64Array.from(b), 0, 3, 0.01, isChoice);

  it("allows numbers to differ by less than the radius, choices not at all", () => {
    expect(near([0.5, 0.5, 0.25], [0.505, 0.495, 0.25])).toBe(true);
    expect(near([0.5, 0.5, 0.25], [0.511, 0.5, 0.25])).toBe(false);
    expect(near([0.5, 0.5, 0.25], [0.5, 0.5, 0.255])).toBe(false);
  });

  it("asks for the same coordinates to be active", () => {
    expect(near([Number.NaN, 0.5, 0.25], [Number.NaN, 0.5, 0.25])).toBe(true);
    expect(near([Number.NaN, 0.5, 0.25], [0.5, 0.5, 0.25])).toBe(false);
    expect(near([0.5, 0.5, Number.NaN], [0.5, 0.5, 0.25])).toBe(false);
  });
});

describe("isStuck", () => {
  const stuck = (points: readonly number[]): boolean =>
    isStuck(Float64Array.from(points.flatMap((u) => [u, 0.5, 0.25])), points.length, 3, isChoice);

  it("is so when each of the last three results has an earlier one within a thousandth", () => {
    expect(stuck([0.1, 0.9, 0.1001, 0.9002, 0.1002])).toBe(true);
    expect(stuck([0.1, 0.9, 0.1001, 0.5, 0.1002])).toBe(false);
    expect(stuck([0.1, 0.1, 0.1])).toBe(false);
  });
});
