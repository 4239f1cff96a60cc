import { describe, expect, it } from "vitest";
import { divisionsWithin, referencePointCount, referencePoints } from "./reference-points.ts";

describe("referencePoints", () => {
  it("are the multiples of 1/divisions on the simplex", () => {
    expect([...referencePoints(2, 4).weights]).toEqual([0, 1, 0.25, 0.75, 0.5, 0.5, 0.75, 0.25, 1, 0]);
    expect([...referencePoints(1, 3).weights]).toEqual([1]);
  });

  it.each([
    // C(m + p − 1, p); m = 3, 5: K. Deb, H. Jain (2014), Table I. m = 8: C(10, 3) + C(9, 2).
    [3, 12, 91],
    [5, 6, 210],
    [8, 3, 156],
    [6, 1, 7],
  ])("for %d objectives and %d divisions are %d different ones of sum 1", (m, divisions, count) => {
    const points = referencePoints(m, divisions);
    expect(points.count).toBe(count);
    expect(referencePointCount(m, divisions)).toBe(count);
    const rows = Array.from({ length: count }, (_, j) => [...points.weights.subarray(j * m, (j + 1) * m)]);
    expect(new Set(rows.map(String)).size).toBe(count);
    for (const row of rows) {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(row.every((weight) => weight >= 0)).toBe(true);
    }
  });

  it("has inner points from six objectives on", () => {
    const isInner = (m: number): boolean[] =>
      Array.from(
        { length: referencePointCount(m, 2) },
        (_, j) =>
          !referencePoints(m, 2)
            .weights.subarray(j * m, (j + 1) * m)
            .includes(0),
      );
    expect(isInner(5).some(Boolean)).toBe(false);
    expect(isInner(6).filter(Boolean)).toHaveLength(6);
  });
});

describe("divisionsWithin", () => {
  it.each([
    [1, 50, 1],
    [2, 50, 49],
    [3, 50, 8],
    [4, 50, 4],
    [5, 50, 3],
    [6, 50, 2],
    [8, 50, 2],
    [10, 50, 1],
    [300, 50, 1],
  ])("for %d objectives and at most %d points is %d", (m, limit, divisions) => {
    expect(divisionsWithin(m, limit)).toBe(divisions);
  });
});
