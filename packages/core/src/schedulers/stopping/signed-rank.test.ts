import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signedRankTest } from "./signed-rank.ts";

/** The definition: every choice of signs for the sizes that are not 0 is equally likely. */
function byEnumeration(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs);
  const ranks = sizes.map((size) => {
    const places = sizes.toSorted((a, b) => a - b);
    return (places.indexOf(size) + places.lastIndexOf(size)) / 2 + 1;
  });
  const moving = ranks.filter((_, i) => sizes[i] > 0);
  const found = ranks.reduce((sum, rank, i) => (differences[i] > 0 ? sum + rank : sum), 0);
  let count = 0;
  for (let signs = 0; signs < 2 ** moving.length; signs++) {
    const sum = moving.reduce((total, rank, i) => ((signs >> i) & 1 ? total + rank : total), 0);
    if (sum >= found) count++;
  }
  return count / 2 ** moving.length;
}

describe("signedRankTest", () => {
  it("is exact for few differences", () => {
    expect(signedRankTest([0.1, 0.3, -0.2, 0.5, 0.4, 0.25, 0.6, -0.05])).toEqual({ positiveRankSum: 32, p: 0.02734375 });
  });

  it("gives half of a zero's rank to the positive side, and equal sizes their mean rank", () => {
    // Ranks 4 4 7 1.5 4 9 1.5 7 7 10: positive 4 + 4 + 7 + 9 + 7 + 10, and half of the zeros' 3; 84 of 1,024 by enumeration.
    expect(signedRankTest([1, 1, 2, 0, -1, 3, 0, 2, -2, 4])).toEqual({ positiveRankSum: 42.5, p: 0.08203125 });
    expect(signedRankTest([0, 0, 0])).toEqual({ positiveRankSum: 3, p: 1 });
    expect(signedRankTest([3, 3, 3, 3])).toEqual({ positiveRankSum: 10, p: 0.0625 });
    expect(signedRankTest([])).toEqual({ positiveRankSum: 0, p: 1 });
  });

  it("agrees with the enumeration of all signs, ties and zeros included", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 10 }), (differences) => {
        expect(signedRankTest(differences).p).toBe(byEnumeration(differences));
      }),
    );
  });

  // Recipe: SciPy 1.17.1, wilcoxon(d, alternative="greater", zero_method="zsplit", method="approx").
  it("is normal for many", () => {
    const untied = Array.from({ length: 30 }, (_, i) => ((((i + 1) * 37) % 61) - 22) / 10 + 0.001 * (i + 1));
    const tied = Array.from({ length: 30 }, (_, i) => ((i * 7) % 13) - 5 || 3);
    expect(signedRankTest(untied).positiveRankSum).toBe(347);
    expect(signedRankTest(untied).p).toBeCloseTo(0.009259487348733856, 14);
    expect(signedRankTest(tied).positiveRankSum).toBe(291);
    expect(signedRankTest(tied).p).toBeCloseTo(0.11365042761680544, 14);
  });

  it("changes little where it becomes normal", () => {
    // Recipe as above, method="exact": 0.008726834319531918 for the first of the tests above, 30 differences.
    const untied = Array.from({ length: 30 }, (_, i) => ((((i + 1) * 37) % 61) - 22) / 10 + 0.001 * (i + 1));
    expect(Math.abs(signedRankTest(untied).p - 0.008726834319531918)).toBeLessThan(0.001);
    expect(signedRankTest(new Array<number>(26).fill(0)).p).toBe(1);
  });

  it("takes infinite differences for the largest, and equal", () => {
    expect(signedRankTest([Infinity, Infinity, Infinity, -1])).toEqual(signedRankTest([9, 9, 9, -1]));
  });

  it("refuses NaN", () => {
    expect(() => signedRankTest([1, Number.NaN])).toThrow(RangeError);
  });
});
