import { factorCholesky, factorWithJitter, rowStart } from "../../numerics/cholesky.ts";
import { invertRows } from "../../numerics/packed-inverse.ts";
import { createKernel, fillRow, type Kernel, scalePoint } from "./kernel.ts";
import type { KernelLayout } from "./kernel-layout.ts";

/** K = L Lᵀ of n points under one θ. Good until the cache that gave it is asked again. */
export interface Factor {
  readonly kernel: Kernel;
  readonly count: number;
  /** (≥ n, d) z. */
  readonly scaled: Float64Array;
  /** Packed L and L⁻¹ of at least n rows. */
  readonly lower: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * Keeps the last factor. Rows of L depend on the rows above them only, so what a new question shares with the last one, θ and the first
 * rows to the bit, is taken over and the rest appended: the answer is the same as without the cache.
 */
export class FactorCache {
  #kernel: Kernel | null = null;
  #theta = new Float64Array(0);
  #capacity = 0;
  #count = 0;
  #points = new Float64Array(0);
  #scaled = new Float64Array(0);
  #lower = new Float64Array(0);
  #inverse = new Float64Array(0);

  /**
   * @param points  (≥ n, d) in model order.
   * @returns       Null if K is not positive definite to working precision, even with 1e-4 of its diagonal added.
   *
   * Cost: O(n²) for each row that is new.
   */
  factor(layout: KernelLayout, theta: Float64Array, points: Float64Array, n: number): Factor | null {
    const d = layout.columns.length;
    const shared = this.#kernel?.layout === layout && isEqual(theta, this.#theta) ? this.#sharedRows(points, n, d) : 0;
    const kernel = shared > 0 && this.#kernel !== null ? this.#kernel : createKernel(layout, theta);
    this.#reserve(n, d);
    this.#kernel = kernel;
    this.#theta = theta.slice();
    this.#count = n;
    this.#points.set(points.subarray(shared * d, n * d), shared * d);
    this.#scaled.set(points.subarray(shared * d, n * d), shared * d);
    for (let i = shared; i < n; i++) scalePoint(kernel, this.#scaled, i * d);
    this.#fillRows(kernel, shared, n);
    if (factorCholesky(this.#lower, n, shared) < n && !this.#factorJittered(kernel, n)) return null;
    invertRows(this.#lower, shared, n, this.#inverse);
    return { kernel, count: n, scaled: this.#scaled, lower: this.#lower, inverse: this.#inverse };
  }

  #sharedRows(points: Float64Array, n: number, d: number): number {
    const limit = Math.min(n, this.#count) * d;
    let at = 0;
    while (at < limit && Object.is(points[at], this.#points[at])) at++;
    return Math.floor(at / d);
  }

  #reserve(n: number, d: number): void {
    if (n <= this.#capacity && this.#points.length >= n * d) return;
    this.#capacity = Math.max(64, 2 * n);
    const grown = (from: Float64Array, length: number): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(length);
      to.set(from.subarray(0, length));
      return to;
    };
    this.#points = grown(this.#points, this.#capacity * d);
    this.#scaled = grown(this.#scaled, this.#capacity * d);
    this.#lower = grown(this.#lower, rowStart(this.#capacity));
    this.#inverse = grown(this.#inverse, rowStart(this.#capacity));
  }

  #fillRows(kernel: Kernel, first: number, n: number): void {
    const d = kernel.weights.length;
    const z = this.#scaled;
    const out = this.#lower;
    for (let i = first; i < n; i++) {
      const outAt = rowStart(i);
      fillRow(kernel, { z, count: i, q: z, qAt: i * d, out, outAt, outStride: 1, slopes: null });
      out[outAt + i] = kernel.signal + kernel.noise;
    }
  }

  /** The jitter changes all rows, so nothing of this factor may be shared later. */
  #factorJittered(kernel: Kernel, n: number): boolean {
    this.#fillRows(kernel, 0, n);
    this.#count = 0;
    const added = factorWithJitter(this.#lower.slice(0, rowStart(n)), n, this.#lower);
    if (Number.isNaN(added)) return false;
    invertRows(this.#lower, 0, n, this.#inverse);
    return true;
  }
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
