import { truncatedNormalQuantile } from "../numerics/special-functions.ts";
import type { NumericScale } from "./numeric-scale.ts";
import type { NumericPrior } from "./parameter.ts";

// Where the range is this small a part of the standard deviation the density is flat and its quantile loses all digits.
const flatWidth = 1e-6;

/**
 * Uniform u → coordinate in [0, 1] of the u-quantile of a prior cut off at the ends of the range (with half a step beyond them).
 *
 * The quantile is taken where the prior is normal: on the values, or on their logarithms for `log-normal`.
 */
export function numericPriorQuantile(prior: NumericPrior, scale: NumericScale): (u: number) => number {
  const logarithmic = prior.distribution === "log-normal";
  const low = logarithmic ? Math.log(Math.max(0, scale.lowest)) : scale.lowest;
  const high = logarithmic ? Math.log(scale.highest) : scale.highest;
  const flat = (high - low) / prior.sd < flatWidth;
  return (u) => {
    const share = u < 0 ? 0 : u > 1 ? 1 : u;
    const quantile = flat ? low + share * (high - low) : truncatedNormalQuantile(share, prior.mean, prior.sd, low, high);
    return scale.toUnit(logarithmic ? Math.exp(quantile) : quantile);
  };
}
