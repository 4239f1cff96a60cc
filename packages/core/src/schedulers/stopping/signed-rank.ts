import { normalCdf } from "../../numerics/special-functions.ts";

/** Beyond so many differences the rank sum is taken for normal. */
const mostExact = 25;

/** What the signed-rank test found. */
export interface SignedRank {
  /** W⁺, the rank sum of the positive differences. */
  readonly positiveRankSum: number;
  /** P(W⁺ at least as large) if differences were symmetric about 0. */
  readonly p: number;
}

/**
 * Wilcoxon's signed-rank test, one-sided: whether differences tend to be positive. Equal sizes share their mean rank; a difference
 * of 0 keeps its rank, half of it positive. Up to 25 differences `p` is exact for the ranks at hand, ties and zeros included; beyond,
 * it is normal, without correction for continuity.
 *
 * @param differences  (n,) Infinities are allowed. None gives p = 1.
 * @throws {RangeError} If a difference is NaN.
 *
 * Source: F. Wilcoxon (1945), "Individual comparisons by ranking methods", https://doi.org/10.2307/3001968; zeros after
 * J. W. Pratt (1959), "Remarks on zeros and ties in the Wilcoxon signed rank procedures", https://doi.org/10.1080/01621459.1959.10501526
 * Departs: Pratt leaves the ranks of zeros out of W⁺; adding half of them moves W⁺ by a constant and no `p`.
 */
export function signedRankTest(differences: readonly number[]): SignedRank {
  if (differences.some(Number.isNaN)) throw new RangeError("a difference is NaN");
  const doubledRanks = doubledMidranks(differences);
  const doubledSigned = doubledRanks.filter((_, i) => differences[i] !== 0);
  const doubledSum = doubledRanks.reduce((sum, rank, i) => (differences[i] > 0 ? sum + rank : sum), 0);
  const doubledZeros = doubledRanks.reduce((sum, rank, i) => (differences[i] === 0 ? sum + rank : sum), 0);
  const p = differences.length <= mostExact ? exactTail(doubledSigned, doubledSum) : normalTail(doubledSigned, doubledSum);
  return { positiveRankSum: doubledSum / 2 + doubledZeros / 4, p };
}

/** Twice the rank of each by size, from 1, the mean rank where sizes are equal: whole numbers. */
function doubledMidranks(differences: readonly number[]): number[] {
  const sizes = differences.map(Math.abs);
  return sizes.map((size) => {
    let below = 0;
    let equal = 0;
    for (const other of sizes) {
      if (other < size) below++;
      else if (other === size) equal++;
    }
    return 2 * below + equal + 1;
  });
}

/** P(W ≥ sum), W the sum of those ranks whose fair coin falls on heads. */
function exactTail(ranks: readonly number[], sum: number): number {
  const total = ranks.reduce((a, b) => a + b, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) for (let w = total; w >= rank; w--) ways[w] += ways[w - rank];
  return ways.subarray(sum).reduce((a, b) => a + b, 0) / 2 ** ranks.length;
}

/** The same by the normal distribution of equal mean and variance. */
function normalTail(ranks: readonly number[], sum: number): number {
  if (ranks.length === 0) return 1;
  const mean = ranks.reduce((a, b) => a + b, 0) / 2;
  const variance = ranks.reduce((a, b) => a + b * b, 0) / 4;
  return normalCdf((mean - sum) / Math.sqrt(variance));
}
