import type { Rng } from "../../numerics/rng.ts";

// Parents closer than this are one point: their children would differ by rounding only.
const LEAST_GAP = 1e-14;

/**
 * Spread factor β of simulated binary crossover: the distance of the two children over that of their parents. Half of all β are
 * below 1, and the density is (η + 1) β^η / 2 there and (η + 1) β^−(η + 2) / 2 above, cut off at `reach`.
 *
 * @param u      Uniform in [0, 1).
 * @param eta    η, distribution index, ≥ 0; the larger, the closer β is to 1.
 * @param reach  Greatest β whose children stay in bounds, ≥ 1; may be Infinity.
 *
 * Source: K. Deb, R. B. Agrawal (1995), "Simulated binary crossover for continuous search space", Complex Systems 9(2), Sec. 4;
 * the cut-off as in K. Deb, S. Agrawal (1999), "A niched-penalty approach for constraint handling in genetic algorithms",
 * https://doi.org/10.1007/978-3-7091-6384-9_40
 */
export function crossoverSpread(u: number, eta: number, reach: number): number {
  const alpha = 2 - reach ** -(eta + 1);
  const share = u * alpha;
  return (share <= 1 ? share : 1 / (2 - share)) ** (1 / (eta + 1));
}

/**
 * One of the two children of a and b, each with the same chance: the lower one at their middle less β/2 times their distance, or the
 * upper one likewise, where β is cut off so that it stays in [0, 1]. Between equidistant bounds the mean is that of the parents.
 *
 * @param a    In [0, 1], like `b`.
 * @param eta  η, see {@link crossoverSpread}.
 */
export function crossCoordinates(a: number, b: number, eta: number, rng: Rng): number {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  const gap = high - low;
  if (gap < LEAST_GAP) return a;
  const isLower = rng.uniform() < 0.5;
  const room = isLower ? low : 1 - high;
  const half = 0.5 * crossoverSpread(rng.uniform(), eta, 1 + (2 * room) / gap) * gap;
  const middle = 0.5 * (low + high);
  return isLower ? Math.max(0, middle - half) : Math.min(1, middle + half);
}
