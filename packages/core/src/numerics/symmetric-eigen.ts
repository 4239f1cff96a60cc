/**
 * Eigenvalues and eigenvectors of a real symmetric matrix: A = B diag(d) Bᵀ.
 *
 * @param a       (n, n) row-major, symmetric; only the lower triangle is read. Kept.
 * @param n       Number of rows, at least 1.
 * @param values  (n,) becomes d, ascending.
 * @param vectors (n, n) row-major, becomes B: column j is the unit eigenvector of `values[j]`. May not be `a`.
 * @throws {RangeError} If an element is NaN or infinite.
 *
 * Cost: O(n³): Householder reduction to a tridiagonal matrix, then implicit QL. Every step depends on the input alone, so equal
 * matrices give equal bits.
 * Accuracy: |A − B diag(d) Bᵀ| and |BᵀB − I| within 1e-13 n ‖A‖ (tested).
 * Source: R. S. Martin, C. Reinsch, J. H. Wilkinson (1968), https://doi.org/10.1007/BF02161360 (reduction); A. Dubrulle, R. S. Martin,
 * J. H. Wilkinson (1968), https://doi.org/10.1007/BF02165404 (implicit QL).
 */
export function symmetricEigen(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): void {
  const offDiagonal = new Float64Array(n);
  copySymmetric(a, n, vectors);
  tridiagonalise(vectors, n, values, offDiagonal);
  implicitQl(values, offDiagonal, n, vectors);
  sortAscending(values, n, vectors);
}

function copySymmetric(a: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = a[i * n + j];
      if (!Number.isFinite(value)) throw new RangeError(`element (${i}, ${j}) is ${value}, must be finite`);
      out[i * n + j] = value;
      out[j * n + i] = value;
    }
  }
}

/**
 * Reduces `q` to a tridiagonal matrix T = Qᵀ A Q by Householder reflections, from the last row up.
 *
 * @param q  (n, n) row-major, A; becomes Q.
 * @param d  (n,) becomes the diagonal of T.
 * @param e  (n,) becomes the elements beside it: e[i] couples i − 1 and i, e[0] = 0.
 */
function tridiagonalise(q: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let i = n - 1; i > 0; i--) d[i] = reflectRow(q, n, i, e);
  d[0] = 0;
  e[0] = 0;
  accumulateReflections(q, n, d);
}

/** Zeroes row `i` left of the element beside the diagonal. @returns h = |u|² / 2 of the reflection I − u uᵀ / h, 0 for none. */
function reflectRow(q: Float64Array, n: number, i: number, e: Float64Array): number {
  const row = i * n;
  let scale = 0;
  for (let k = 0; k < i; k++) scale += Math.abs(q[row + k]);
  if (i === 1 || scale === 0) {
    e[i] = q[row + i - 1];
    return 0;
  }
  let h = 0;
  for (let k = 0; k < i; k++) {
    q[row + k] /= scale;
    h += q[row + k] * q[row + k];
  }
  const f = q[row + i - 1];
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  q[row + i - 1] = f - g;
  applyReflection(q, n, i, h, e);
  return h;
}

/** A ← (I − u uᵀ/h) A (I − u uᵀ/h) on the leading i rows, u being row `i`; e[0 … i − 1] is scratch. */
function applyReflection(q: Float64Array, n: number, i: number, h: number, e: Float64Array): void {
  const row = i * n;
  let projection = 0;
  for (let j = 0; j < i; j++) {
    // Kept for the product of all reflections.
    q[j * n + i] = q[row + j] / h;
    let g = 0;
    for (let k = 0; k <= j; k++) g += q[j * n + k] * q[row + k];
    for (let k = j + 1; k < i; k++) g += q[k * n + j] * q[row + k];
    e[j] = g / h;
    projection += e[j] * q[row + j];
  }
  const half = projection / (h + h);
  for (let j = 0; j < i; j++) {
    const f = q[row + j];
    e[j] -= half * f;
    for (let k = 0; k <= j; k++) q[j * n + k] -= f * e[k] + e[j] * q[row + k];
  }
}

function accumulateReflections(q: Float64Array, n: number, d: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    if (d[i] !== 0) {
      for (let j = 0; j < i; j++) {
        let g = 0;
        for (let k = 0; k < i; k++) g += q[row + k] * q[k * n + j];
        for (let k = 0; k < i; k++) q[k * n + j] -= g * q[k * n + i];
      }
    }
    d[i] = q[row + i];
    q[row + i] = 1;
    for (let j = 0; j < i; j++) {
      q[row + j] = 0;
      q[j * n + i] = 0;
    }
  }
}

// Each eigenvalue takes about two iterations; this many mean the input is not what it should be.
const mostIterations = 60;

/** Diagonalises the tridiagonal matrix of d and e by implicit QL steps with Wilkinson's shift, turning the columns of `q` along. */
function implicitQl(d: Float64Array, e: Float64Array, n: number, q: Float64Array): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      const m = firstSplit(d, e, l, n);
      if (m === l) break;
      if (iteration === mostIterations) throw new RangeError(`eigenvalue ${l} did not converge`);
      qlStep(d, e, l, m, n, q);
    }
  }
}

/** The first index from `l` on where the matrix falls apart: what couples it to the next is nothing beside them. */
function firstSplit(d: Float64Array, e: Float64Array, l: number, n: number): number {
  for (let m = l; m < n - 1; m++) if (Math.abs(e[m]) <= Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) return m;
  return n - 1;
}

/** One QL step with implicit shift on the block l … m. */
function qlStep(d: Float64Array, e: Float64Array, l: number, m: number, n: number, q: Float64Array): void {
  const theta = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(theta, 1);
  let g = d[m] - d[l] + e[l] / (theta + (theta < 0 ? -root : root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    for (let k = 0; k < n; k++) {
      const at = k * n + i;
      const next = q[at + 1];
      q[at + 1] = s * q[at] + c * next;
      q[at] = c * q[at] - s * next;
    }
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

function sortAscending(values: Float64Array, n: number, vectors: Float64Array): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (values[j] < values[least]) least = j;
    if (least === i) continue;
    [values[i], values[least]] = [values[least], values[i]];
    for (let row = 0; row < n * n; row += n) {
      const value = vectors[row + i];
      vectors[row + i] = vectors[row + least];
      vectors[row + least] = value;
    }
  }
}
