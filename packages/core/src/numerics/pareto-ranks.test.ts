import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goldenRanks, goldenRows } from "../testing/golden-rows.ts";
import { crowdingDistances, dominates, nonDominatedRanks } from "./pareto-ranks.ts";

/** Points on a coarse grid, so that ties and duplicates are common. */
const points = fc
  .integer({ min: 1, max: 5 })
  .chain((m) =>
    fc.array(fc.array(fc.integer({ min: -2, max: 3 }), { minLength: m, maxLength: m }), { minLength: 1, maxLength: 40 }),
  );

function pack(rows: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(rows.flat());
}

/** The definition: peel off the points that no remaining point dominates. */
function peeledRanks(losses: Float64Array, n: number, m: number): Int32Array {
  const ranks = new Int32Array(n).fill(-1);
  for (let rank = 0; ranks.includes(-1); rank++) {
    const left = Array.from({ length: n }, (_, i) => i).filter((i) => ranks[i] === -1);
    const front = left.filter((i) => !left.some((j) => dominates(losses, m, j, i)));
    for (const i of front) ranks[i] = rank;
  }
  return ranks;
}

describe("dominates", () => {
  const losses = pack([
    [1, 2],
    [1, 3],
    [2, 1],
    [1, 2],
    [Number.NaN, 0],
    [-Infinity, 2],
    [1, Infinity],
  ]);
  it.each([
    [0, 1, true, "better in one, equal in the other"],
    [1, 0, false, "worse in one"],
    [0, 2, false, "better in one, worse in the other"],
    [0, 3, false, "equal"],
    [0, 4, false, "NaN"],
    [4, 0, false, "NaN"],
    [5, 0, true, "minus infinity"],
    [0, 6, true, "infinity"],
  ])("point %d over point %d: %s (%s)", (i, j, expected) => {
    expect(dominates(losses, 2, i, j)).toBe(expected);
  });
});

describe("nonDominatedRanks", () => {
  it("gives the golden ranks", () => {
    expect(Array.from(nonDominatedRanks(pack(goldenRows), 7, 2))).toEqual(goldenRanks);
  });

  it("peels off one non-dominated front after the other, for 1 to 5 objectives with ties and duplicates", () => {
    fc.assert(
      fc.property(points, (rows) => {
        const n = rows.length;
        const m = rows[0].length;
        expect(nonDominatedRanks(pack(rows), n, m)).toEqual(peeledRanks(pack(rows), n, m));
      }),
      { numRuns: 500 },
    );
  });

  it("does so for values all different, infinities included", () => {
    const value = fc.double({ noNaN: true });
    const rows = fc
      .integer({ min: 1, max: 4 })
      .chain((m) => fc.array(fc.array(value, { minLength: m, maxLength: m }), { minLength: 1 }));
    fc.assert(
      fc.property(rows, (some) => {
        const m = some[0].length;
        expect(nonDominatedRanks(pack(some), some.length, m)).toEqual(peeledRanks(pack(some), some.length, m));
      }),
      { numRuns: 500 },
    );
  });

  it("depends only on the order within each objective", () => {
    fc.assert(
      fc.property(points, (rows) => {
        const m = rows[0].length;
        const stretched = rows.map((row) => row.map((loss, k) => Math.exp(loss) * 10 ** k - k));
        expect(nonDominatedRanks(pack(stretched), rows.length, m)).toEqual(nonDominatedRanks(pack(rows), rows.length, m));
      }),
    );
  });

  it("counts smaller distinct values when there is one objective", () => {
    expect(Array.from(nonDominatedRanks(Float64Array.of(3, 1, 3, 2), 4, 1))).toEqual([2, 0, 2, 1]);
  });

  it("gives nothing for no points", () => {
    expect(nonDominatedRanks(new Float64Array(0), 0, 3)).toEqual(new Int32Array(0));
  });

  it("refuses NaN, wrong lengths and no objectives, saying where", () => {
    expect(() => nonDominatedRanks(Float64Array.of(1, 2, 3, Number.NaN), 2, 2)).toThrow("objective 1 of point 1 is NaN");
    expect(() => nonDominatedRanks(new Float64Array(5), 2, 2)).toThrow("losses has 5 values, must have n × m = 2 × 2");
    expect(() => nonDominatedRanks(new Float64Array(0), 0, 0)).toThrow("m is 0");
  });
});

describe("crowdingDistances", () => {
  it("adds the normalised gaps between both neighbours, objective by objective", () => {
    // By hand: ranges 4 and 8. Point 1: (3−0)/4 + (8−2)/8 = 1.5; point 2: (4−1)/4 + (3−0)/8 = 1.125.
    const losses = pack([
      [0, 8],
      [1, 3],
      [3, 2],
      [4, 0],
    ]);
    expect(Array.from(crowdingDistances(losses, 4, 2))).toEqual([Infinity, 1.5, 1.125, Infinity]);
  });

  it("is infinite at both extremes of every objective", () => {
    const losses = pack([
      [0, 5, 9],
      [5, 0, 5],
      [9, 9, 0],
      [4, 4, 4],
    ]);
    const distances = crowdingDistances(losses, 4, 3);
    expect(distances.slice(0, 3)).toEqual(Float64Array.of(Infinity, Infinity, Infinity));
    expect(distances[3]).toBeLessThan(Infinity);
  });

  it("orders ties by index", () => {
    expect(Array.from(crowdingDistances(Float64Array.of(1, 1, 2, 2), 4, 1))).toEqual([Infinity, 1, 1, Infinity]);
  });

  it("ignores an objective that is constant", () => {
    const losses = pack([
      [0, 7],
      [1, 7],
      [3, 7],
      [4, 7],
    ]);
    expect(Array.from(crowdingDistances(losses, 4, 2))).toEqual([Infinity, 0.75, 0.75, Infinity]);
    expect(Array.from(crowdingDistances(Float64Array.of(7, 7, 7), 3, 1))).toEqual([0, 0, 0]);
  });

  it("adds nothing for an infinite range but marks its extremes", () => {
    expect(Array.from(crowdingDistances(Float64Array.of(0, 1, Infinity), 3, 1))).toEqual([Infinity, 0, Infinity]);
  });

  it("does not depend on the objectives' units", () => {
    fc.assert(
      fc.property(points, (rows) => {
        const m = rows[0].length;
        const rescaled = rows.map((row) => row.map((loss, k) => loss * 2 ** (k + 3) + k));
        expect(crowdingDistances(pack(rescaled), rows.length, m)).toEqual(crowdingDistances(pack(rows), rows.length, m));
      }),
    );
  });

  it("gives 0 for a single point, nothing for none, and refuses NaN", () => {
    expect(crowdingDistances(Float64Array.of(1, 2), 1, 2)).toEqual(Float64Array.of(0));
    expect(crowdingDistances(new Float64Array(0), 0, 2)).toEqual(new Float64Array(0));
    expect(() => crowdingDistances(Float64Array.of(Number.NaN), 1, 1)).toThrow("objective 0 of point 0 is NaN");
  });
});
