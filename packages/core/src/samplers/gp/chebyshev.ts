import type { Rng } from "../../numerics/rng.ts";

const RHO = 0.05;

/**
 * One loss in place of several: the augmented Chebyshev distance from the best values seen, with weights drawn uniformly from the simplex,
 * every objective measured in the range it has shown.
 *
 * @param losses  (n, m) finite.
 * @returns       (n,)
 *
 * Source: J. Knowles (2006), "ParEGO: a hybrid algorithm with on-line landscape approximation", Sec. III, ρ = 0.05,
 * https://doi.org/10.1109/TEVC.2005.851274
 * Departs: weights are uniform instead of from a grid.
 */
export function chebyshevLosses(losses: Float64Array, n: number, m: number, rng: Rng): Float64Array {
  // Gaps between sorted uniforms have the distribution of normalised exponentials.
  const weights = Float64Array.from({ length: m }, () => -Math.log(1 - rng.uniform()) + Number.MIN_VALUE);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const out = new Float64Array(n);
  const worst = new Float64Array(n);
  for (let k = 0; k < m; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < n; i++) {
      low = Math.min(low, losses[i * m + k]);
      high = Math.max(high, losses[i * m + k]);
    }
    for (let i = 0; i < n; i++) {
      // Halves, because the range itself may overflow.
      const share = high > low ? (losses[i * m + k] / 2 - low / 2) / (high / 2 - low / 2) : 0;
      const weighted = (weights[k] / total) * share;
      worst[i] = Math.max(worst[i], weighted);
      out[i] += RHO * weighted;
    }
  }
  for (let i = 0; i < n; i++) out[i] += worst[i];
  return out;
}
