/**
 * Inverses of packed lower triangles (cholesky.ts), four rows at a time: each pass over a row then does four times the work,
 * in the order, hence to the bits, of one row after another.
 */
import { rowStart } from "./cholesky.ts";

/**
 * Rows `first` … n − 1 of L⁻¹, from those above them: appended one by one or all at once, the bits are the same.
 *
 * @param l    Packed L, n rows.
 * @param out  Packed; its rows before `first` are those of L⁻¹. May not be `l`.
 *
 * Cost: O(n³ / 6) multiplications.
 */
export function invertRows(l: Float64Array, first: number, n: number, out: Float64Array): void {
  for (let i = first; i < n; i++) {
    const row = rowStart(i);
    out.fill(0, row, row + i);
    let k = 0;
    for (; k + 3 < i; k += 4) subtractFour(l, row, k, out);
    for (; k < i; k++) {
      const above = rowStart(k);
      const factor = l[row + k];
      for (let j = 0; j <= k; j++) out[row + j] -= factor * out[above + j];
    }
    const own = 1 / l[row + i];
    for (let j = 0; j < i; j++) out[row + j] *= own;
    out[row + i] = own;
  }
}

/** Takes rows k … k + 3 of `out`, times their elements of `l`, from the row at `row`. */
function subtractFour(l: Float64Array, row: number, k: number, out: Float64Array): void {
  const [r0, r1, r2, r3] = [rowStart(k), rowStart(k + 1), rowStart(k + 2), rowStart(k + 3)];
  const f0 = l[row + k];
  const f1 = l[row + k + 1];
  const f2 = l[row + k + 2];
  const f3 = l[row + k + 3];
  for (let j = 0; j <= k; j++) {
    out[row + j] = out[row + j] - f0 * out[r0 + j] - f1 * out[r1 + j] - f2 * out[r2 + j] - f3 * out[r3 + j];
  }
  out[row + k + 1] = out[row + k + 1] - f1 * out[r1 + k + 1] - f2 * out[r2 + k + 1] - f3 * out[r3 + k + 1];
  out[row + k + 2] = out[row + k + 2] - f2 * out[r2 + k + 2] - f3 * out[r3 + k + 2];
  out[row + k + 3] -= f3 * out[r3 + k + 3];
}

/**
 * K⁻¹ = L⁻ᵀ L⁻¹ from the factor of K.
 *
 * @param l    Packed L, n rows; kept.
 * @param out  Becomes the packed lower triangle of K⁻¹. May not be `l`.
 *
 * Cost: O(n³ / 3) multiplications.
 */
export function inverseFromFactor(l: Float64Array, n: number, out: Float64Array): void {
  invertRows(l, 0, n, out);
  let k = 0;
  // Element (i, j) is the sum over k ≥ i of V_ki V_kj, V = L⁻¹. Row k adds its outer product to the rows above it, which hold V no longer;
  // the row itself is scaled last.
  for (; k + 3 < n; k += 4) {
    for (let i = 0; i < k; i++) addFour(out, k, i);
    for (let own = k; own < k + 4; own++) addOuter(out, own, k);
  }
  const end = k;
  for (; k < n; k++) {
    for (let i = 0; i < end; i++) addRow(out, k, i);
    addOuter(out, k, end);
  }
}

/** Adds to row i what the outer products of rows k … k + 3 give it. */
function addFour(v: Float64Array, k: number, i: number): void {
  const to = rowStart(i);
  const [r0, r1, r2, r3] = [rowStart(k), rowStart(k + 1), rowStart(k + 2), rowStart(k + 3)];
  const f0 = v[r0 + i];
  const f1 = v[r1 + i];
  const f2 = v[r2 + i];
  const f3 = v[r3 + i];
  for (let j = 0; j <= i; j++) v[to + j] = v[to + j] + f0 * v[r0 + j] + f1 * v[r1 + j] + f2 * v[r2 + j] + f3 * v[r3 + j];
}

function addRow(v: Float64Array, k: number, i: number): void {
  const to = rowStart(i);
  const row = rowStart(k);
  const factor = v[row + i];
  for (let j = 0; j <= i; j++) v[to + j] += factor * v[row + j];
}

/** Row k's outer product, for the rows from `from` on, itself last. */
function addOuter(v: Float64Array, k: number, from: number): void {
  for (let i = from; i < k; i++) addRow(v, k, i);
  const row = rowStart(k);
  const own = v[row + k];
  for (let j = 0; j <= k; j++) v[row + j] *= own;
}
