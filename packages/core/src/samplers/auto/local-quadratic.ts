/**
 * A quadratic that agrees with losses around one point, and where it is least.
 *
 *   z  (n, p)  places, seen from the best one and measured in radii
 *   y  (n,)    losses
 *   g, H       gradient and Hessian at z = 0 of the model q(z) = b + gᵀz + zᵀHz / 2
 *
 * Of all quadratics the one with the least ‖g‖² / c₁ + ‖H‖² / c₂ beside its errors: by ridge regression with the kernel
 * k(a, b) = c₀ + c₁ aᵀb + c₂ (aᵀb)² / 2, so that fewer places than coefficients are enough. What a quadratic cannot say grows with the cube
 * of the distance, and so does the error that a place is granted.
 *
 * Source: M. J. D. Powell (2004), "Least Frobenius norm updating of quadratic models that satisfy interpolation conditions", Sec. 1 (the
 * Hessian of least norm), https://doi.org/10.1007/s10107-003-0490-7
 * Departs: regression instead of interpolation: the places are whatever was tried, not a set that is kept in good order.
 */
import { factorWithJitter, rowStart, solveLower, solveUpper } from "../../numerics/cholesky.ts";
import { minimizeInBox } from "../../numerics/minimize-in-box.ts";
import type { Rng } from "../../numerics/rng.ts";

export interface Quadratic {
  /** (p,) */
  readonly g: Float64Array;
  /** (p, p) symmetric. */
  readonly H: Float64Array;
}

const C0 = 10;
const C1 = 100;
const C2 = 100;
const LEAST_ERROR = 1e-9;
// At one radius in every coordinate, in units of y.
const CUBIC_ERROR = 0.02;

/**
 * @param z  (n, p) row-major.
 * @param y  (n,) finite, of the order of 1.
 * @returns  Null where the places are too alike to tell anything.
 *
 * Cost: O(n² p + n³ / 6 + n p²).
 */
export function fitQuadratic(z: Float64Array, y: Float64Array, p: number): Quadratic | null {
  const n = y.length;
  const K = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      const product = dot(z, i * p, k * p, p);
      K[rowStart(i) + k] = C0 + C1 * product + (C2 * product * product) / 2;
    }
    const distance = Math.sqrt(dot(z, i * p, i * p, p) / p);
    K[rowStart(i) + i] += LEAST_ERROR + (CUBIC_ERROR * distance ** 3) ** 2;
  }
  const L = new Float64Array(K.length);
  if (Number.isNaN(factorWithJitter(K, n, L))) return null;
  const alpha = y.slice();
  solveLower(L, n, alpha);
  solveUpper(L, n, alpha);
  const g = new Float64Array(p);
  const H = new Float64Array(p * p);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < p; a++) {
      g[a] += C1 * alpha[i] * z[i * p + a];
      for (let b = 0; b <= a; b++) H[a * p + b] += C2 * alpha[i] * z[i * p + a] * z[i * p + b];
    }
  }
  for (let a = 0; a < p; a++) for (let b = 0; b < a; b++) H[b * p + a] = H[a * p + b];
  return g.every(Number.isFinite) && H.every(Number.isFinite) ? { g, H } : null;
}

const START_COUNT = 4;

/**
 * The least q − b in a box that holds 0: a quadratic that bends downwards has several minima there, so the search starts at 0 and at four
 * places at random.
 *
 * @param lower  (p,) at most 0; `upper` (p,) at least 0.
 */
export function minimizeQuadratic(
  { g, H }: Quadratic,
  lower: Float64Array,
  upper: Float64Array,
  rng: Rng,
): { readonly x: Float64Array; readonly value: number } {
  const p = g.length;
  const q = (x: Float64Array, gradient: Float64Array): number => {
    let value = 0;
    for (let a = 0; a < p; a++) {
      let bend = 0;
      for (let b = 0; b < p; b++) bend += H[a * p + b] * x[b];
      gradient[a] = g[a] + bend;
      value += x[a] * (g[a] + bend / 2);
    }
    return value;
  };
  let least = minimizeInBox(q, new Float64Array(p), lower, upper);
  for (let start = 0; start < START_COUNT; start++) {
    const from = lower.map((low, a) => low + (upper[a] - low) * rng.uniform());
    const found = minimizeInBox(q, from, lower, upper);
    if (found.value < least.value) least = found;
  }
  return { x: least.x, value: least.value };
}

function dot(z: Float64Array, a: number, b: number, p: number): number {
  let sum = 0;
  for (let j = 0; j < p; j++) sum += z[a + j] * z[b + j];
  return sum;
}
