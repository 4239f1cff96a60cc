import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hypervolume } from "./hypervolume.ts";
import { greedyHypervolumeSubset } from "./hypervolume-subset.ts";

const CORNER = 8;
const cases = fc.integer({ min: 1, max: 4 }).chain((m) =>
  fc.record({
    rows: fc.array(fc.array(fc.nat(9), { minLength: m, maxLength: m }), { minLength: 1, maxLength: 9 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

function pack(rows: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(rows.flat());
}

function volumeOf(rows: readonly (readonly number[])[], chosen: readonly number[]): number {
  const m = rows[0].length;
  return hypervolume(pack(chosen.map((i) => rows[i])), chosen.length, m, new Array(m).fill(CORNER));
}

function choose(rows: readonly (readonly number[])[], count: number): number[] {
  const m = rows[0].length;
  return Array.from(greedyHypervolumeSubset(pack(rows), rows.length, m, new Array(m).fill(CORNER), count));
}

/** The definition: in every round try every point that is left. */
function chooseByTrying(rows: readonly (readonly number[])[], count: number): number[] {
  const chosen: number[] = [];
  while (chosen.length < count) {
    const left = rows.map((_, i) => i).filter((i) => !chosen.includes(i));
    const volumes = left.map((i) => volumeOf(rows, [...chosen, i]));
    chosen.push(left[volumes.indexOf(Math.max(...volumes))]);
  }
  return chosen;
}

function subsets(n: number, count: number): number[][] {
  const all = Array.from({ length: 2 ** n }, (_, bits) => Array.from({ length: n }, (_, i) => i).filter((i) => (bits >> i) & 1));
  return all.filter((subset) => subset.length === count);
}

describe("greedyHypervolumeSubset", () => {
  it("takes in every round the point that adds most, the lower index on ties", () => {
    fc.assert(
      fc.property(cases, ({ rows, share }) => {
        const count = Math.round(share * rows.length);
        expect(choose(rows, count)).toEqual(chooseByTrying(rows, count));
      }),
      { numRuns: 300 },
    );
  });

  it("reaches 1 − 1/e of the best subset's volume", () => {
    fc.assert(
      fc.property(cases, ({ rows, share }) => {
        const count = Math.round(share * rows.length);
        const best = Math.max(...subsets(rows.length, count).map((subset) => volumeOf(rows, subset)));
        expect(volumeOf(rows, choose(rows, count))).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best);
      }),
      { numRuns: 50 },
    );
  });

  it("begins with the largest box and skips what it covers", () => {
    // Boxes under (8, 8): 42, 45, 42, 36. Point 1 leaves 12, 15 and 6 to the others; then point 0, with 12, covers point 3.
    expect(
      choose(
        [
          [1, 2],
          [3, -1],
          [5, -6],
          [2, 2],
        ],
        4,
      ),
    ).toEqual([1, 2, 0, 3]);
  });

  it("puts points that add nothing last, by index", () => {
    expect(
      choose(
        [
          [9, 9],
          [1, 1],
          [1, 1],
          [7, 8],
          [0, 7],
        ],
        5,
      ),
    ).toEqual([1, 4, 0, 2, 3]);
  });

  it("chooses nothing from nothing", () => {
    expect(greedyHypervolumeSubset(new Float64Array(0), 0, 2, [1, 1], 0)).toEqual(new Int32Array(0));
  });

  it("refuses more points than there are, and −∞ inside the reference", () => {
    expect(() => choose([[1, 1]], 2)).toThrow("subsetCount is 2, must be a whole number from 0 to n = 1");
    expect(() => choose([[1, -Infinity]], 1)).toThrow("point 0 has an objective of -Infinity, must be finite");
    expect(
      choose(
        [
          [9, -Infinity],
          [1, 1],
        ],
        2,
      ),
    ).toEqual([1, 0]);
  });
});
