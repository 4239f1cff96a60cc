import { legacyNormals } from "./legacy-random.ts";

/** (d, d) row-major. */
export type Matrix = Float64Array;

/**
 * The oscillation T_osz: smooth, monotone, keeps sign and 0, and roughens around.
 * Source: N. Hansen et al. (2009), INRIA RR-6829, Sec. 0.2.
 */
export function oscillated(x: number): number {
  if (x === 0) return 0;
  const log = Math.log(Math.abs(x));
  const [c1, c2] = x > 0 ? [10, 7.9] : [5.5, 3.1];
  return Math.sign(x) * Math.exp(log + 0.049 * (Math.sin(c1 * log) + Math.sin(c2 * log)));
}

/** The asymmetry T_asy with exponent `beta`: what is positive grows faster, more so for later coordinates. Source: RR-6829, Sec. 0.2. */
export function asymmetric(x: Float64Array, beta: number): Float64Array {
  const last = x.length - 1;
  return x.map((value, i) => (value > 0 ? value ** (1 + ((beta * i) / last) * Math.sqrt(value)) : value));
}

/** Multiplies by the diagonal matrix Λ^α: α^(i / 2(d−1)). Source: RR-6829, Sec. 0.2. */
export function conditioned(x: Float64Array, alpha: number): Float64Array {
  const last = x.length - 1;
  return x.map((value, i) => alpha ** (i / (2 * last)) * value);
}

/** f_pen: how far outside [−5, 5]^d, squared. Source: RR-6829, Sec. 0.2. */
export function boundaryPenalty(x: Float64Array): number {
  return x.reduce((sum, value) => sum + Math.max(0, Math.abs(value) - 5) ** 2, 0);
}

export function shifted(x: Float64Array, by: Float64Array): Float64Array {
  return x.map((value, i) => value - by[i]);
}

/** @returns (d,) M x. */
export function rotated(matrix: Matrix, x: Float64Array): Float64Array {
  const d = x.length;
  return x.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += matrix[i * d + j] * x[j];
    return sum;
  });
}

/** A rotation: normal numbers, orthonormalised column by column (Gram and Schmidt). Source: RR-6829, Sec. 0.2. */
export function rotation(d: number, seed: number): Matrix {
  const matrix = new Float64Array(d * d);
  const normals = legacyNormals(d * d, seed);
  for (let i = 0; i < d; i++) {
    const column = normals.subarray(i * d, (i + 1) * d);
    for (let j = 0; j < i; j++) {
      const earlier = normals.subarray(j * d, (j + 1) * d);
      const along = column.reduce((sum, value, k) => sum + value * earlier[k], 0);
      for (let k = 0; k < d; k++) column[k] -= along * earlier[k];
    }
    const norm = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < d; k++) {
      column[k] /= norm;
      matrix[k * d + i] = column[k];
    }
  }
  return matrix;
}
