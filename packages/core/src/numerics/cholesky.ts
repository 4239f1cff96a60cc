/**
 * Cholesky factors K = L Lᵀ of symmetric positive definite matrices.
 *
 * A matrix is its lower triangle, packed row by row: element (i, j), j ≤ i, stands at i (i + 1) / 2 + j, so a matrix of n rows is a
 * `Float64Array` of n (n + 1) / 2, and rows are appended by writing behind the last. Rows are factored one after another, each from the
 * rows above it only: factoring a matrix at once or row by row gives the same bits.
 *
 * Source: G. H. Golub, C. F. Van Loan (2013), "Matrix Computations", 4th ed., Sec. 4.2 (the bordered, row-oriented form).
 */

/** Where row `i` of a packed triangle begins. */
export function rowStart(i: number): number {
  return (i * (i + 1)) / 2;
}

/**
 * Factors a matrix in place.
 *
 * @param a      Packed lower triangle of K, of at least n rows; becomes L.
 * @param n      Number of rows, at least 0.
 * @param first  Rows before it are factored already. Default 0.
 * @returns      The number of rows that are factored now: n, or less if row `result` makes the matrix numerically not positive
 *               definite. That row and those behind it are then spoilt.
 *
 * Cost: O(n³ / 6) multiplications; O(n²) for one appended row.
 */
export function factorCholesky(a: Float64Array, n: number, first = 0): number {
  for (let i = first; i < n; i++) {
    const row = rowStart(i);
    for (let j = 0; j < i; j++) {
      const above = rowStart(j);
      a[row + j] = (a[row + j] - dot(a, row, a, above, j)) / a[above + j];
    }
    const pivot = a[row + i] - dot(a, row, a, row, i);
    // Also refuses NaN.
    if (!(pivot > 0)) return i;
    a[row + i] = Math.sqrt(pivot);
  }
  return n;
}

/**
 * Factors a matrix that may be singular to working precision, with the least of 0, 1e-10, 1e-9, … 1e-4 times its mean diagonal added to
 * the diagonal that makes it positive definite.
 *
 * @param a    Packed lower triangle of K, of n rows; kept.
 * @param out  Becomes L. May not be `a`.
 * @returns    What was added to the diagonal; NaN if nothing in that range helps, and `out` is spoilt.
 */
export function factorWithJitter(a: Float64Array, n: number, out: Float64Array): number {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[rowStart(i) + i];
  for (let jitter = 0; jitter <= 1.01e-4; jitter = jitter === 0 ? 1e-10 : jitter * 10) {
    const added = (jitter * trace) / n;
    out.set(a.subarray(0, rowStart(n)));
    for (let i = 0; i < n; i++) out[rowStart(i) + i] += added;
    if (factorCholesky(out, n) === n) return added;
  }
  return Number.NaN;
}

/** Solves L x = b. @param x  (n,) b, becomes the solution. @param first  Elements before it are solved already. Cost: O(n² / 2). */
export function solveLower(l: Float64Array, n: number, x: Float64Array, first = 0): void {
  for (let i = first; i < n; i++) {
    const row = rowStart(i);
    x[i] = (x[i] - dot(l, row, x, 0, i)) / l[row + i];
  }
}

/** Solves Lᵀ x = b. @param x  (n,) b, becomes the solution. Cost: O(n² / 2). */
export function solveUpper(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = rowStart(i);
    x[i] /= l[row + i];
    const xi = x[i];
    for (let j = 0; j < i; j++) x[j] -= l[row + j] * xi;
  }
}

/** Σ log L_ii, half the logarithm of the determinant of K. */
export function halfLogDeterminant(l: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(l[rowStart(i) + i]);
  return sum;
}

/** Σ a[i + k] b[j + k] for k < count, in four strands. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[i + k] * b[j + k];
    s1 += a[i + k + 1] * b[j + k + 1];
    s2 += a[i + k + 2] * b[j + k + 2];
    s3 += a[i + k + 3] * b[j + k + 3];
  }
  for (; k < count; k++) s0 += a[i + k] * b[j + k];
  return s0 + s1 + (s2 + s3);
}
