import { describe, expect, it } from "vitest";
import { bracketSizes, rungLevels } from "./rungs.ts";

describe("rungLevels", () => {
  it("multiplies by eta below the greatest fidelity", () => {
    expect(rungLevels(1, 81, 3)).toEqual([1, 3, 9, 27]);
    expect(rungLevels(1, 80, 3)).toEqual([1, 3, 9, 27]);
    expect(rungLevels(1, 82, 3)).toEqual([1, 3, 9, 27, 81]);
    expect(rungLevels(2, 100, 4)).toEqual([2, 8, 32]);
  });

  it("is exact where logarithms are not", () => {
    expect(Math.log(1000) / Math.log(10)).toBeLessThan(3);
    expect(rungLevels(1, 1001, 10)).toEqual([1, 10, 100, 1000]);
    expect(rungLevels(1, 243, 3)).toEqual([1, 3, 9, 27, 81]);
    expect(rungLevels(1, 3 ** 20, 3)).toHaveLength(20);
  });

  it("is empty when there is nothing below the greatest fidelity", () => {
    expect(rungLevels(5, 5, 3)).toEqual([]);
  });
});

describe("bracketSizes", () => {
  it("is Hyperband's table for R = 81 and eta = 3", () => {
    expect(bracketSizes(4, 3)).toEqual([81, 34, 15, 8, 5]);
  });
});
