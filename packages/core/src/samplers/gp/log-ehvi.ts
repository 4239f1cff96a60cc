/**
 * log of the expected growth of the area that a front of two losses dominates, exactly.
 *
 *   EHVI = Σ_i [ψ₁(x_{i+1}) − ψ₁(x_i)] ψ₂(Y_i),   ψ(a) = E max(a − N(m, s²), 0) = s h((a − m) / s)
 *
 * Symbols: front sorted by its first loss, x_0 = −∞, x_1 … x_n its first losses, x_{n+1} = r₁; Y_0 = r₂, Y_1 … Y_n its second losses; r the
 * reference point; N(m, s²) the two independent outcomes.
 *
 * Source: the strips of M. Emmerich, K. Yang, A. Deutz, H. Wang, C. M. Fonseca (2016), "A multicriteria generalization of Bayesian global
 * optimization", https://doi.org/10.1007/978-3-319-29975-4_12
 * Departs: every term is positive, so all is summed in logarithms and stays exact where the improvement itself would vanish.
 */
import {
  log1mexp,
  logExpectedImprovement,
  logNormalCdf,
  logNormalMass,
  logNormalPdf,
  logSumExp,
} from "../../numerics/special-functions.ts";
import type { Utility } from "./utility.ts";

/**
 * @param front      (n, 2) losses, none dominated by another, in any order; those not below `reference` add nothing.
 * @param reference  (2,) Losses from which on nothing is gained.
 *
 * Cost: O(n) each time.
 */
export function logEhvi(front: Float64Array, reference: readonly [number, number]): Utility {
  const [x, y] = strips(front, reference);
  const n = y.length;
  const logWidths = new Float64Array(n);
  const logHeights = new Float64Array(n);
  const terms = new Float64Array(n);
  return {
    outcomeCount: 2,
    log([m1, m2], [s1, s2], byMean, bySd) {
      for (let i = 0; i < n; i++) {
        logWidths[i] = logDifference(m1, s1, x[i], x[i + 1]);
        logHeights[i] = logPsi(m2, s2, y[i]);
        terms[i] = logWidths[i] + logHeights[i];
      }
      const total = logSumExp(terms);
      byMean.fill(0);
      bySd.fill(0);
      for (let i = 0; i < n; i++) {
        const [low, high] = [(x[i] - m1) / s1, (x[i + 1] - m1) / s1];
        const rest = logHeights[i] - total;
        byMean[0] -= Math.exp(logNormalMass(low, high) + rest);
        bySd[0] += Math.exp(logNormalPdf(high) + rest) - Math.exp(logNormalPdf(low) + rest);
        const z = (y[i] - m2) / s2;
        byMean[1] -= Math.exp(logNormalCdf(z) + logWidths[i] - total);
        bySd[1] += Math.exp(logNormalPdf(z) + logWidths[i] - total);
      }
      return total;
    },
  };
}

/**
 * Where improvement begins to count: a tenth of the front's range beyond its worst losses.
 *
 * @param front  (n, 2) @param losses (≥ n, 2) All losses: their range stands in for a front of one point.
 */
export function referencePoint(front: Float64Array, losses: Float64Array): readonly [number, number] {
  const along = (k: number): number => {
    const [low, high] = range(front, k);
    const [lowest, highest] = range(losses, k);
    return high + 0.1 * (high - low || highest - lowest || 1);
  };
  return [along(0), along(1)];
}

function range(losses: Float64Array, k: number): readonly [number, number] {
  const column = losses.filter((_, at) => at % 2 === k);
  return [Math.min(...column), Math.max(...column)];
}

/** Borders of the strips (n + 1,) and the second loss below which each is not dominated yet (n,). */
function strips(front: Float64Array, [r1, r2]: readonly [number, number]): readonly [Float64Array, Float64Array] {
  const inside: (readonly [number, number])[] = [];
  for (let i = 0; i < front.length; i += 2) if (front[i] < r1 && front[i + 1] < r2) inside.push([front[i], front[i + 1]]);
  inside.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const x = [-Infinity];
  const y = [r2];
  for (const [a, b] of inside) {
    // A strip without width: an equal point.
    if (a === x[x.length - 1]) continue;
    x.push(a);
    y.push(b);
  }
  return [Float64Array.from([...x, r1]), Float64Array.from(y)];
}

function logPsi(m: number, s: number, a: number): number {
  return Math.log(s) + logExpectedImprovement((a - m) / s);
}

/** log(ψ(to) − ψ(from)), from < to. */
function logDifference(m: number, s: number, from: number, to: number): number {
  const all = logPsi(m, s, to);
  if (from === -Infinity) return all;
  const less = logPsi(m, s, from) - all;
  return less < 0 ? all + log1mexp(less) : -Infinity;
}
