import { logExpectedImprovement, logNormalCdf, logNormalPdf } from "../../numerics/special-functions.ts";

/** How much a trial is worth whose outcomes are independent normals. */
export interface Utility {
  /** Number of outcomes it looks at. */
  readonly outcomeCount: number;
  /**
   * Logarithm of the worth, −∞ allowed; adds nothing, overwrites the gradients.
   *
   * @param means  (outcomes,) @param sds (outcomes,) positive.
   * @param byMean (outcomes,) Receives ∂/∂mean; @param bySd likewise.
   */
  log(means: Float64Array, sds: Float64Array, byMean: Float64Array, bySd: Float64Array): number;
}

/**
 * log of the expected improvement below `incumbent`.
 *
 * Source: S. Ament et al. (2023), "Unexpected improvements to expected improvement for Bayesian optimization",
 * https://arxiv.org/abs/2310.20708; EI = s h(z), ∂EI/∂m = −Φ(z), ∂EI/∂s = φ(z), z = (incumbent − m) / s.
 */
export function logEi(incumbent: number): Utility {
  return {
    outcomeCount: 1,
    log(means, sds, byMean, bySd) {
      const s = sds[0];
      const z = (incumbent - means[0]) / s;
      const logH = logExpectedImprovement(z);
      byMean[0] = -Math.exp(logNormalCdf(z) - logH) / s;
      bySd[0] = Math.exp(logNormalPdf(z) - logH) / s;
      return Math.log(s) + logH;
    },
  };
}

/** log of the probability that an outcome observed with noise variance `noise` is at most `threshold`. */
export function logProbabilityBelow(threshold: number, noise: number): Utility {
  return {
    outcomeCount: 1,
    log(means, sds, byMean, bySd) {
      const s = Math.sqrt(sds[0] * sds[0] + noise);
      const z = (threshold - means[0]) / s;
      const logP = logNormalCdf(z);
      const slope = Math.exp(logNormalPdf(z) - logP) / s;
      byMean[0] = -slope;
      bySd[0] = (-slope * z * sds[0]) / s;
      return logP;
    },
  };
}

/** The product of worths of different outcomes, which follow one another in the order of the parts. */
export function product(parts: readonly Utility[]): Utility {
  if (parts.length === 1) return parts[0];
  let from = 0;
  const placed = parts.map((part) => {
    const place = { part, from, to: from + part.outcomeCount };
    from = place.to;
    return place;
  });
  return {
    outcomeCount: from,
    log(means, sds, byMean, bySd) {
      let sum = 0;
      for (const { part, from, to } of placed) {
        sum += part.log(means.subarray(from, to), sds.subarray(from, to), byMean.subarray(from, to), bySd.subarray(from, to));
      }
      return sum;
    },
  };
}
