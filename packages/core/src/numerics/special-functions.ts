// Error functions, the normal distribution and sums in log space. One file, because every function here rests on the
// ones above it: erfcx → normal cdf → log cdf and its inverse → truncated normal, log expected improvement.
// Published coefficients are printed in the shortest form that gives the same double.
// Everywhere: a NaN argument gives NaN, infinite arguments give the limit.

const LOG_SQRT_2PI = 0.9189385332046728;
const INVERSE_SQRT_2PI = 0.3989422804014327;
const INVERSE_SQRT_PI = 0.5641895835477563;
const SQRT_HALF_PI = 1.2533141373155003;

// erf(x) = x R(x²) for |x| ≤ 0.46875
const ERF_NUMERATOR = [3209.3775891384694, 377.485237685302, 113.86415415105016, 3.1611237438705655, 0.18577770618460315];
const ERF_DENOMINATOR = [2844.236833439171, 1282.6165260773723, 244.02463793444417, 23.601290952344122, 1];
// erfcx(x) = R(x) for 0.46875 ≤ x ≤ 4
const ERFCX_NUMERATOR = [
  1230.3393547979972, 2051.0783778260716, 1712.0476126340707, 881.952221241769, 298.6351381974001, 66.11919063714163,
  8.883149794388377, 0.5641884969886701, 2.1531153547440383e-8,
];
const ERFCX_DENOMINATOR = [
  1230.3393548037495, 3439.3676741437216, 4362.619090143247, 3290.7992357334597, 1621.3895745666903, 537.1811018620099,
  117.6939508913125, 15.744926110709835, 1,
];
// erfcx(x) = (1/√π − x⁻² R(x⁻²)) / x for x > 4
const ERFCX_TAIL_NUMERATOR = [
  0.0006587491615298378, 0.016083785148742275, 0.12578172611122926, 0.36034489994980445, 0.30532663496123236,
  0.016315387137302097,
];
const ERFCX_TAIL_DENOMINATOR = [
  0.0023352049762686918, 0.06051834131244132, 0.5279051029514285, 1.8729528499234604, 2.568520192289822, 1,
];

/** Σ c[k] x^k by Horner's rule. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k];
  return sum;
}

/** exp(−c x²) to full accuracy: x² is split so that its large part is exact. */
function gaussian(x: number, c: number): number {
  const magnitude = Math.abs(x);
  if (magnitude > 40) return 0;
  const coarse = Math.trunc(magnitude * 16) / 16;
  return Math.exp(-c * coarse * coarse) * Math.exp(-c * (magnitude - coarse) * (magnitude + coarse));
}

/**
 * Error function, in [−1, 1].
 *
 * Accuracy: 1e-15 relative.
 * Source: W. J. Cody (1969), "Rational Chebyshev approximations for the error function", Math. Comp. 23, 631–637.
 * https://doi.org/10.1090/S0025-5718-1969-0247736-4
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) {
    const square = x * x;
    return (x * polynomial(ERF_NUMERATOR, square)) / polynomial(ERF_DENOMINATOR, square);
  }
  const upper = 1 - erfc(magnitude);
  return x < 0 ? -upper : upper;
}

/**
 * Complementary error function 1 − erf(x), in [0, 2].
 *
 * Accuracy: 2e-15 relative, down to the smallest normal double. Source: as {@link erf}.
 */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erf(x);
  const upper = gaussian(x, 1) * erfcxUpper(Math.abs(x));
  return x < 0 ? 2 - upper : upper;
}

/**
 * Scaled complementary error function exp(x²) erfc(x): finite for all x > −26.6, about 1/(x√π) for large x.
 *
 * Accuracy: 2e-15 relative for x ≥ 0; for x < 0 the rounding of x² adds about x² × 2e-16. Source: as {@link erf}.
 */
export function erfcx(x: number): number {
  if (Math.abs(x) <= 0.46875) return Math.exp(x * x) * (1 - erf(x));
  if (x < 0) return 2 * Math.exp(x * x) - erfcxUpper(-x);
  return erfcxUpper(x);
}

/** erfcx for x ≥ 0.46875. */
function erfcxUpper(x: number): number {
  if (x <= 4) return polynomial(ERFCX_NUMERATOR, x) / polynomial(ERFCX_DENOMINATOR, x);
  const inverseSquare = 1 / (x * x);
  const tail = polynomial(ERFCX_TAIL_NUMERATOR, inverseSquare) / polynomial(ERFCX_TAIL_DENOMINATOR, inverseSquare);
  return (INVERSE_SQRT_PI - inverseSquare * tail) / x;
}

/** Density of the standard normal distribution. Accuracy: 1e-15 relative. */
export function normalPdf(z: number): number {
  return INVERSE_SQRT_2PI * gaussian(z, 0.5);
}

/** Log density of the standard normal distribution. */
export function logNormalPdf(z: number): number {
  return -0.5 * z * z - LOG_SQRT_2PI;
}

/** P(Z ≤ z) of a standard normal Z, in [0, 1]. Accuracy: 2e-15 relative in both tails, down to the smallest normal double. */
export function normalCdf(z: number): number {
  if (Math.abs(z) <= 0.66) return 0.5 * erfc(-z * Math.SQRT1_2);
  const tail = 0.5 * gaussian(z, 0.5) * erfcxUpper(Math.abs(z) * Math.SQRT1_2);
  return z < 0 ? tail : 1 - tail;
}

/**
 * log P(Z ≤ z) of a standard normal Z, in [−∞, 0]; accurate where the probability underflows and where it rounds to 1.
 *
 * Accuracy: 2e-15 relative.
 */
export function logNormalCdf(z: number): number {
  if (z < -1) return -0.5 * z * z + Math.log(0.5 * erfcxUpper(-z * Math.SQRT1_2));
  return z < 0 ? Math.log(normalCdf(z)) : Math.log1p(-normalCdf(-z));
}

const QUANTILE_CENTRE_NUMERATOR = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const QUANTILE_CENTRE_DENOMINATOR = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
];
const QUANTILE_MIDDLE_NUMERATOR = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const QUANTILE_MIDDLE_DENOMINATOR = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345,
  1.0507500716444169e-9,
];
const QUANTILE_TAIL_NUMERATOR = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124, 0.0012426609473880784,
  0.000027115555687434876, 2.0103343992922881e-7,
];
const QUANTILE_TAIL_DENOMINATOR = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

/**
 * The z with P(Z ≤ z) = p for a standard normal Z. 0 gives −∞, 1 gives ∞, anything outside [0, 1] NaN.
 *
 * Accuracy: 1e-15 relative (and what rounding p costs when p is near 1).
 * Source: M. J. Wichura (1988), "Algorithm AS 241: the percentage points of the normal distribution", PPND16,
 * Applied Statistics 37, 477–484. https://doi.org/10.2307/2347330
 */
export function normalQuantile(p: number): number {
  if (p <= 0 || p >= 1) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  const offset = p - 0.5;
  if (Math.abs(offset) <= 0.425) {
    const r = 0.180625 - offset * offset;
    return (offset * polynomial(QUANTILE_CENTRE_NUMERATOR, r)) / polynomial(QUANTILE_CENTRE_DENOMINATOR, r);
  }
  return offset < 0 ? -upperQuantile(-Math.log(p)) : upperQuantile(-Math.log(1 - p));
}

/** The z with P(Z > z) = exp(−s), for s from 2.6 (probability 0.075) to 729 (below the smallest double). */
function upperQuantile(s: number): number {
  const r = Math.sqrt(s);
  if (r <= 5) return polynomial(QUANTILE_MIDDLE_NUMERATOR, r - 1.6) / polynomial(QUANTILE_MIDDLE_DENOMINATOR, r - 1.6);
  return polynomial(QUANTILE_TAIL_NUMERATOR, r - 5) / polynomial(QUANTILE_TAIL_DENOMINATOR, r - 5);
}

/**
 * The z with log P(Z ≤ z) = y. 0 gives ∞, −∞ gives −∞, positive y NaN.
 *
 * Accuracy: 1e-14 relative, absolute where |z| < 1.
 * Departs: the quantile's own rational functions take a logarithm as it is, so Newton steps, which other
 * implementations take everywhere, are needed only below y = −700.
 */
export function logNormalCdfInverse(y: number): number {
  if (y > -Math.LN2) return y > 0 ? Number.NaN : -logNormalCdfInverse(log1mexp(y));
  if (y > -3) return normalQuantile(Math.exp(y));
  if (y > -700) return -upperQuantile(-y);
  return y === -Infinity ? y : deepTailQuantile(y);
}

/** Newton's method on the log cdf, which is nearly a parabola here: three steps reach full precision. */
function deepTailQuantile(y: number): number {
  let z = -Math.SQRT2 * Math.sqrt(-y - LOG_SQRT_2PI - 0.5 * Math.log(-2 * y));
  for (let step = 0; step < 3; step++) {
    const millsRatio = SQRT_HALF_PI * erfcxUpper(-z * Math.SQRT1_2);
    z -= (logNormalCdf(z) - y) * millsRatio;
  }
  return z;
}

/**
 * log(1 − exp(x)) for x ≤ 0; 0 gives −∞, positive x NaN.
 *
 * Source: M. Mächler (2012), "Accurately computing log(1 − exp(−|a|))".
 * https://cran.r-project.org/package=Rmpfr/vignettes/log1mexp-note.pdf
 */
export function log1mexp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/** log(exp(a) + exp(b)) without overflow or underflow. */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  return Number.isFinite(larger) ? larger + Math.log1p(Math.exp(Math.min(a, b) - larger)) : larger;
}

/** log Σ exp(values) without overflow or underflow. No values give −∞. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - largest);
  return largest + Math.log(sum);
}

/**
 * log P(a ≤ Z ≤ b) of a standard normal Z; −∞ for a = b, NaN for a > b. Accurate in both tails and for narrow intervals.
 *
 * Accuracy: 1e-13 absolute (relative, of the probability), besides 2 ulp of the result.
 */
export function logNormalMass(a: number, b: number): number {
  if (a > 0) return logNormalMass(-b, -a);
  if (!(a < b)) return a === b ? -Infinity : Number.NaN;
  const width = b - a;
  const middle = a + 0.5 * width;
  if (width * Math.max(1, Math.abs(middle)) < 1e-3) {
    // Midpoint rule with its second-order term; differences of cdfs would cancel here.
    return logNormalPdf(middle) + Math.log(width) + Math.log1p(((middle * middle - 1) * width * width) / 24);
  }
  if (b > 0) return Math.log1p(-normalCdf(a) - normalCdf(-b));
  // Both below 0: the common factor φ(b) leaves the difference, so that only well-scaled terms are subtracted.
  const scaledLow = Math.exp(0.5 * width * (a + b)) * erfcx(-a * Math.SQRT1_2);
  return -0.5 * b * b + Math.log(0.5 * (erfcx(-b * Math.SQRT1_2) - (a === -Infinity ? 0 : scaledLow)));
}

/**
 * Log density at `x` of a normal distribution with the given mean and sigma, truncated to [low, high].
 *
 * @param sigma  Positive. `low` may be −∞ and `high` ∞.
 * @returns      −∞ outside [low, high].
 */
export function truncatedNormalLogPdf(x: number, mean: number, sigma: number, low: number, high: number): number {
  if (x < low || x > high) return -Infinity;
  const logMass = logNormalMass((low - mean) / sigma, (high - mean) / sigma);
  return logNormalPdf((x - mean) / sigma) - Math.log(sigma) - logMass;
}

/**
 * The u-quantile of a normal distribution with the given mean and sigma, truncated to [low, high]; uniform u gives draws.
 *
 * @param u      In [0, 1]; 0 gives `low` and 1 gives `high`.
 * @param sigma  Positive. `low` may be −∞ and `high` ∞.
 *
 * Accuracy: 1e-13 relative to max(1, |z|), z the standardised result.
 */
export function truncatedNormalQuantile(u: number, mean: number, sigma: number, low: number, high: number): number {
  const z = standardTruncatedQuantile(u, (low - mean) / sigma, (high - mean) / sigma);
  return Math.min(high, Math.max(low, mean + sigma * z));
}

// Below this a tail probability loses digits to subnormal doubles, so logarithms take over.
const SMALLEST_SAFE_PROBABILITY = 1e-290;

function standardTruncatedQuantile(u: number, a: number, b: number): number {
  // Mixing the end points' tail masses never subtracts; the tail below 1/2 is the accurate one.
  const below = (1 - u) * normalCdf(a) + u * normalCdf(b);
  const above = (1 - u) * normalCdf(-a) + u * normalCdf(-b);
  if (below <= above) return below > SMALLEST_SAFE_PROBABILITY ? normalQuantile(below) : deepTruncatedQuantile(u, a, b);
  return above > SMALLEST_SAFE_PROBABILITY ? -normalQuantile(above) : -deepTruncatedQuantile(u, -a, -b);
}

function deepTruncatedQuantile(u: number, a: number, b: number): number {
  return logNormalCdfInverse(logAddExp(Math.log1p(-u) + logNormalCdf(a), Math.log(u) + logNormalCdf(b)));
}

/**
 * log h(z), h(z) = φ(z) + z Φ(z): the logarithm of the expected improvement of a normal prediction whose mean is z
 * standard deviations better than the incumbent (add log sigma for the improvement in the objective's unit).
 * Its derivative is exp(logNormalCdf(z) − log h(z)).
 *
 * Accuracy: 1e-14, relative, or absolute where |log h| < 1.
 * Source: S. Ament et al. (2023), "Unexpected improvements to expected improvement for Bayesian optimization".
 * https://arxiv.org/abs/2310.20708
 * Departs: below z = −50 the asymptotic series of h, h ≈ φ(z) z⁻² (1 − 3z⁻² + 15z⁻⁴ − …), replaces the closed form,
 * whose cancellation grows with z²; the paper changes over at −10⁶.
 */
export function logExpectedImprovement(z: number): number {
  if (z > -1) return Math.log(normalPdf(z) + z * normalCdf(z));
  if (z > -50) return logNormalPdf(z) + log1mexp(Math.log(-z * SQRT_HALF_PI * erfcx(-z * Math.SQRT1_2)));
  const t = 1 / (z * z);
  const series = t * (-3 + t * (15 + t * (-105 + t * (945 - t * 10395))));
  return logNormalPdf(z) - 2 * Math.log(-z) + Math.log1p(series);
}
