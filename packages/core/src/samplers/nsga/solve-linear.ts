/**
 * Solves A x = b by Gaussian elimination with partial pivoting.
 *
 * @param a  (n, n) row-major; overwritten.
 * @param b  (n,); overwritten with x.
 * @returns  Whether there was a solution: false if a pivot vanishes against the largest entry of A, or is NaN.
 *
 * Cost: O(n³).
 * Source: G. H. Golub, C. F. Van Loan (2013), "Matrix Computations", 4th ed., Alg. 3.4.1.
 */
export function solveLinear(a: Float64Array, b: Float64Array): boolean {
  const n = b.length;
  const scale = a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    if (!(Math.abs(a[pivot * n + k]) > 1e-12 * scale)) return false;
    swapRows(a, b, k, pivot);
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return true;
}

function swapRows(a: Float64Array, b: Float64Array, i: number, k: number): void {
  if (i === k) return;
  const n = b.length;
  for (let j = 0; j < n; j++) [a[i * n + j], a[k * n + j]] = [a[k * n + j], a[i * n + j]];
  [b[i], b[k]] = [b[k], b[i]];
}
