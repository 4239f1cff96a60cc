/**
 * A monotone change of one coordinate of the unit cube, which lets a stationary kernel follow losses that vary faster at one end:
 *
 *   w(u) = 1 − (1 − u^a)^b,   a = b = 1: the identity
 *
 * Source: J. Snoek, K. Swersky, R. Zemel, R. P. Adams (2014), "Input warping for Bayesian optimization of non-stationary functions",
 * https://arxiv.org/abs/1402.0929, with the distribution of P. Kumaraswamy (1980), https://doi.org/10.1016/0022-1694(80)90036-0, in place
 * of the Beta's, because it has a closed form.
 */

/** w(u). @param u  In [0, 1]. @param a @param b positive. */
export function warpInput(u: number, a: number, b: number): number {
  return 0 - Math.expm1(b * logRest(u, a));
}

// A slope at an end itself may be infinite.
const END = 1e-6;

/** ∂w/∂u; nearer than 1e-6 to an end, the slope there. */
export function warpInputSlope(u: number, a: number, b: number): number {
  const inner = Math.min(1 - END, Math.max(END, u));
  return a * b * Math.exp((a - 1) * Math.log(inner) + (b - 1) * logRest(inner, a));
}

/** ∂w/∂log a. */
export function warpInputByLogA(u: number, a: number, b: number): number {
  if (u <= 0 || u >= 1) return 0;
  return a * b * Math.log(u) * Math.exp(a * Math.log(u) + (b - 1) * logRest(u, a));
}

/** ∂w/∂log b. */
export function warpInputByLogB(u: number, a: number, b: number): number {
  if (u <= 0 || u >= 1) return 0;
  const rest = logRest(u, a);
  return -b * rest * Math.exp(b * rest);
}

/** log(1 − u^a). */
function logRest(u: number, a: number): number {
  return Math.log(-Math.expm1(a * Math.log(u)));
}
