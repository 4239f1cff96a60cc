/** A share of the variance and how sure it is; 0 ≤ low ≤ share ≤ high ≤ 1. */
export interface Estimate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The 95 % quantile of the standard normal: half of a 90 % interval, in standard errors. */
export const NORMAL_QUANTILE = 1.6449;

/**
 * The share Σ parts / Σ wholes over bootstrap replicates, and around it a 90 % interval of 1.64 standard errors either way.
 *
 * The error is that of the ratio within one replicate, by linearisation: the spread of part − ratio · whole relative to the mean
 * whole. Replicates differ as other samples of trials would; that they also differ by their own luck, which the ratio of the sums
 * averages out, makes the interval a little wide.
 *
 * @param parts   (replicates,)
 * @param wholes  (replicates,) Of positive sum.
 */
export function estimateShare(parts: Float64Array, wholes: Float64Array): Estimate {
  const whole = sum(wholes);
  const ratio = sum(parts) / whole;
  const squares = parts.reduce((total, part, r) => total + (part - ratio * wholes[r]) ** 2, 0);
  const error = Math.sqrt(squares / (parts.length - 1)) / (whole / parts.length);
  return around(ratio, NORMAL_QUANTILE * error);
}

/** The part of [ratio − halfWidth, ratio + halfWidth] within [0, 1]. */
export function around(ratio: number, halfWidth: number): Estimate {
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return { share: clip(ratio), low: clip(ratio - halfWidth), high: clip(ratio + halfWidth) };
}

/** Shrinks shares that by chance add up to more than `limit`, and their lower ends with them. */
export function limitSum<T extends Estimate>(estimates: readonly T[], limit: number): readonly T[] {
  const total = estimates.reduce((sum, { share }) => sum + share, 0);
  if (total <= limit) return estimates;
  // A last place less, so that rounding does not carry the sum past the limit.
  const factor = (limit / total) * (1 - 1e-12);
  return estimates.map((estimate) => ({ ...estimate, share: estimate.share * factor, low: estimate.low * factor }));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
