import { normalQuantile } from "../../numerics/special-functions.ts";

/** A monotone change of losses that makes them easier to model. */
export interface OutputWarp {
  readonly kind: "none" | "yeo-johnson" | "half-rank";
  /** (n,) Losses of mean 0 and standard deviation 1, or all 0 where they do not differ. */
  readonly values: Float64Array;
  /** A modelled value back in the unit of the losses. */
  inverse(value: number): number;
}

// Fewer losses than this say nothing about the shape of their distribution.
const LEAST_COUNT = 8;
const LEAST_SD = 0.1;
const LAMBDA_LOW = -4;

/**
 * Standardises losses and tames their bad tail: Yeo–Johnson with the most likely λ ≤ 1, or the half-rank warp where that squeezes nearly
 * all of them together.
 *
 * @param losses  (n,) finite.
 * @param warped  False: only standardised.
 *
 * Source: I.-K. Yeo, R. A. Johnson (2000), "A new family of power transformations to improve normality or symmetry", Biometrika 87(4);
 * λ ≤ 1, which never squeezes the good tail. Half-rank: X. Song et al. (2024), "The Vizier Gaussian process
 * bandit algorithm", Sec. 4.1, https://arxiv.org/abs/2408.11527
 */
export function warpLosses(losses: Float64Array, warped: boolean): OutputWarp {
  const plain = standardise(losses);
  const asIs: OutputWarp = { kind: "none", values: plain.values, inverse: plain.inverse };
  if (!warped || losses.length < LEAST_COUNT || plain.values.every((value) => value === 0)) return asIs;
  const lambda = likelyLambda(plain.values);
  if (lambda > 0.999) return asIs;
  const bent = plain.values.map((value) => yeoJohnson(value, lambda));
  if (!(standardDeviation(bent) >= LEAST_SD)) return halfRank(losses);
  const again = standardise(bent);
  return {
    kind: "yeo-johnson",
    values: again.values,
    inverse: (value) => plain.inverse(inverseYeoJohnson(again.inverse(value), lambda)),
  };
}

export function yeoJohnson(value: number, lambda: number): number {
  if (value >= 0) return boxCox(Math.log1p(value), lambda);
  return -boxCox(Math.log1p(-value), 2 - lambda);
}

// Nearer to 0, λ is 0.
const LEAST_LAMBDA = 1e-12;

/** (e^(λt) − 1) / λ, t at λ = 0. */
function boxCox(t: number, lambda: number): number {
  return Math.abs(lambda) < LEAST_LAMBDA ? t : Math.expm1(lambda * t) / lambda;
}

/** ±∞ beyond the range of the transform. */
export function inverseYeoJohnson(value: number, lambda: number): number {
  if (value >= 0) return Math.expm1(inverseBoxCox(value, lambda));
  return -Math.expm1(inverseBoxCox(-value, 2 - lambda));
}

function inverseBoxCox(value: number, lambda: number): number {
  if (Math.abs(lambda) < LEAST_LAMBDA) return value;
  return lambda * value <= -1 ? Infinity : Math.log1p(lambda * value) / lambda;
}

/** The λ in [−4, 1] that makes the values most likely normal: the best of a coarse grid, refined by golden section. */
function likelyLambda(values: Float64Array): number {
  const magnitudes = values.map((value) => Math.log1p(Math.abs(value)));
  let logJacobian = 0;
  for (let i = 0; i < values.length; i++) logJacobian += values[i] < 0 ? -magnitudes[i] : magnitudes[i];
  const bent = new Float64Array(values.length);
  const logLikelihood = (lambda: number): number => {
    for (let i = 0; i < values.length; i++) {
      bent[i] = values[i] < 0 ? -boxCox(magnitudes[i], 2 - lambda) : boxCox(magnitudes[i], lambda);
    }
    return -values.length * Math.log(standardDeviation(bent)) + (lambda - 1) * logJacobian;
  };
  const step = 0.5;
  let best = 1;
  for (let lambda = LAMBDA_LOW; lambda < 1; lambda += step) if (logLikelihood(lambda) > logLikelihood(best)) best = lambda;
  return goldenSection(logLikelihood, Math.max(LAMBDA_LOW, best - step), Math.min(1, best + step));
}

function goldenSection(f: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [fa, fb] = [f(a), f(b)];
  while (high - low > 1e-3) {
    if (fa >= fb) {
      [high, b, fb] = [b, a, fa];
      a = high - ratio * (high - low);
      fa = f(a);
    } else {
      [low, a, fa] = [a, b, fb];
      b = low + ratio * (high - low);
      fb = f(b);
    }
  }
  return (low + high) / 2;
}

/** Losses worse than the median take the place that a normal distribution as wide as the better half gives to their rank. */
function halfRank(losses: Float64Array): OutputWarp {
  const distinct = Float64Array.from(new Set(losses)).sort();
  const sorted = losses.slice().sort();
  const n = sorted.length;
  const median = n % 2 === 1 ? sorted[(n - 1) / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
  const good = sorted.filter((loss) => loss <= median);
  const scale = good.reduce((most, loss) => Math.max(most, median - loss), 0) || 1;
  const spread = Math.sqrt(good.reduce((sum, loss) => sum + ((loss - median) / scale) ** 2, 0) / good.length) || 1;
  const badCount = distinct.reduce((count, loss) => count + (loss > median ? 1 : 0), 0);
  const denominator = badCount + (distinct.includes(median) ? 0.5 : 0);
  const bend = (rankFromWorst: number): number => -spread * normalQuantile((0.5 * (rankFromWorst - 0.5)) / denominator);
  const warpedOf = new Map(
    Array.from(distinct, (loss, i) => [loss, loss > median ? bend(distinct.length - i) : (loss - median) / scale] as const),
  );
  const again = standardise(losses.map((loss) => warpedOf.get(loss) ?? 0));
  const images = Float64Array.from(distinct, (loss) => warpedOf.get(loss) ?? 0);
  return { kind: "half-rank", values: again.values, inverse: (value) => interpolate(images, distinct, again.inverse(value)) };
}

/** Piecewise linear through (x, y), both ascending; the end values beyond. */
function interpolate(x: Float64Array, y: Float64Array, at: number): number {
  let i = 0;
  while (i < x.length && x[i] < at) i++;
  if (i === 0) return y[0];
  if (i === x.length) return y[i - 1];
  const share = (at - x[i - 1]) / (x[i] - x[i - 1]);
  return (1 - share) * y[i - 1] + share * y[i];
}

function standardise(values: Float64Array): { readonly values: Float64Array; inverse(value: number): number } {
  // Squares of larger numbers overflow, of smaller ones vanish.
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = largest > 1e150 || (largest < 1e-150 && largest > 0) ? largest : 1;
  const scaled = values.map((value) => value / unit);
  const mean = scaled.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = standardDeviation(scaled);
  // Differences that are rounding errors of a common value are none.
  if (!(sd > 1e-12 * Math.abs(mean)) || sd === 0) {
    return { values: new Float64Array(values.length), inverse: () => mean * unit };
  }
  return { values: scaled.map((value) => (value - mean) / sd), inverse: (value) => (mean + sd * value) * unit };
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
