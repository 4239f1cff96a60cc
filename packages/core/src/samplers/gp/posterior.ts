/**
 * What is believed of the losses after having seen some.
 *
 *   μ(x) = kᵀ K⁻¹ y = qᵀ w,   σ²(x) = k(x, x) − |q|²,   q = L⁻¹ k,   w = L⁻¹ y
 *   ∂μ/∂x = Σ α_i ∂k_i/∂x,   ∂σ²/∂x = −2 Σ β_i ∂k_i/∂x,   α = L⁻ᵀ w,   β = L⁻ᵀ q
 *
 * Points that are still under way take part with the loss that is expected of them (Kriging believer): their innovation, the element of w,
 * is then exactly 0, so they narrow σ and leave μ as it is.
 *
 * Source: C. E. Rasmussen, C. K. I. Williams (2006), "Gaussian Processes for Machine Learning", Alg. 2.1; D. Ginsbourger, R. Le Riche,
 * L. Carraro (2010), "Kriging is well-suited to parallelize optimization", Sec. 4.3, https://doi.org/10.1007/978-3-642-10701-6_6
 */
import { rowStart, solveLower } from "../../numerics/cholesky.ts";
import type { Factor } from "./factor-cache.ts";
import { type CovarianceRow, fillRow, type Kernel, scalePoint, scaleSlope } from "./kernel.ts";

/** Candidates that share one pass over L⁻¹. */
const BLOCK = 4;
// Of the signal: cancellation leaves less than this of a variance meaningless.
const LEAST_VARIANCE = 1e-12;

export class Posterior {
  readonly kernel: Kernel;
  /** (n + pending,) Losses of the points, those expected of the pending ones. */
  readonly believed: Float64Array;
  /** (n + pending,) Posterior means at the points. */
  readonly means: Float64Array;
  /** (n,) Each loss, in standard deviations from what the losses before it let expect. */
  readonly innovations: Float64Array;
  readonly #factor: Factor;
  readonly #count: number;
  readonly #w: Float64Array;
  readonly #alpha: Float64Array;
  readonly #beta: Float64Array;
  readonly #q: Float64Array;
  readonly #k: Float64Array;
  readonly #slopes: Float64Array;
  readonly #scaled: Float64Array;
  readonly #blockSums = new Float64Array(2 * BLOCK);
  /** Of the point whose gradients are asked for. */
  readonly #row: CovarianceRow;
  /** (BLOCK,) Of the candidates, side by side. */
  readonly #blockRows: readonly CovarianceRow[];

  /** @param y  (n,) Losses of the first points of the factor; the others are pending. */
  constructor(factor: Factor, y: Float64Array) {
    const { kernel, count, lower } = factor;
    const d = kernel.weights.length;
    this.kernel = kernel;
    this.#factor = factor;
    this.#count = count;
    this.#w = new Float64Array(count);
    this.#w.set(y);
    solveLower(lower, y.length, this.#w);
    this.innovations = this.#w.subarray(0, y.length);
    this.#alpha = new Float64Array(count);
    this.#backSolve(this.#w, this.#alpha);
    this.believed = new Float64Array(count);
    this.believed.set(y);
    for (let i = y.length; i < count; i++) {
      for (let j = 0; j < y.length; j++) this.believed[i] += lower[rowStart(i) + j] * this.#w[j];
    }
    this.means = this.believed.map((value, i) => value - kernel.noise * this.#alpha[i]);
    this.#beta = new Float64Array(count);
    this.#q = new Float64Array(count);
    this.#k = new Float64Array(BLOCK * count);
    this.#slopes = new Float64Array(kernel.rho.length * count);
    this.#scaled = new Float64Array(BLOCK * d);
    const row = { z: factor.scaled, count, q: this.#scaled, qAt: 0, out: this.#k, outAt: 0, outStride: 1, slopes: this.#slopes };
    this.#row = row;
    this.#blockRows = Array.from({ length: BLOCK }, (_, c) => ({ ...row, qAt: c * d, outAt: c, outStride: BLOCK, slopes: null }));
  }

  /**
   * @param points    (count, d) in model order.
   * @param means     (count,) Receives μ.
   * @param variances (count,) Receives σ², of the noiseless loss.
   *
   * Cost: O(count (n² / 2 + n d)).
   */
  predict(points: Float64Array, count: number, means: Float64Array, variances: Float64Array): void {
    const d = this.kernel.weights.length;
    for (let first = 0; first < count; first += BLOCK) {
      const size = Math.min(BLOCK, count - first);
      // A short last block repeats its last point.
      for (let c = 0; c < BLOCK; c++) this.#readCandidate(points, (first + Math.min(c, size - 1)) * d, c);
      this.#predictBlock();
      for (let c = 0; c < size; c++) {
        means[first + c] = this.#blockSums[c];
        variances[first + c] = this.#varianceFrom(this.#blockSums[BLOCK + c]);
      }
    }
  }

  /**
   * @param x             (d,) in model order.
   * @param meanGradient  (d,) Receives ∂μ/∂x for the active numeric coordinates; the others are arbitrary.
   * @param varianceGradient  (d,) Likewise ∂σ²/∂x.
   * @returns             [μ, σ²] in `out`.
   *
   * Cost: O(n² + n d).
   */
  predictWithGradient(x: Float64Array, out: Float64Array, meanGradient: Float64Array, varianceGradient: Float64Array): void {
    const { kernel } = this;
    const n = this.#count;
    const q = this.#q;
    this.#scaled.set(x);
    scalePoint(kernel, this.#scaled, 0);
    fillRow(kernel, this.#row);
    let mean = 0;
    let explained = 0;
    this.#explain(this.#k, q);
    for (let i = 0; i < n; i++) {
      mean += q[i] * this.#w[i];
      explained += q[i] * q[i];
    }
    this.#backSolve(q, this.#beta);
    out[0] = mean;
    out[1] = this.#varianceFrom(explained);
    this.#addGradients(x, meanGradient, varianceGradient);
  }

  #addGradients(x: Float64Array, meanGradient: Float64Array, varianceGradient: Float64Array): void {
    const { layout } = this.kernel;
    const d = layout.columns.length;
    const n = this.#count;
    const { scaled } = this.#factor;
    const point = this.#scaled;
    meanGradient.fill(0);
    varianceGradient.fill(0);
    layout.groups.forEach(({ start, choiceStart }, g) => {
      for (let i = 0, p = 0; i < n; i++, p += d) {
        const slope = this.#slopes[g * n + i];
        if (slope === 0) continue;
        const byMean = -this.#alpha[i] * slope;
        const byVariance = 2 * this.#beta[i] * slope;
        for (let j = start; j < choiceStart; j++) {
          const delta = point[j] - scaled[p + j];
          meanGradient[j] += byMean * delta;
          varianceGradient[j] += byVariance * delta;
        }
      }
    });
    for (let j = 0; j < d; j++) {
      const scale = scaleSlope(this.kernel, j, x[j]);
      meanGradient[j] *= scale;
      varianceGradient[j] *= scale;
    }
  }

  #readCandidate(points: Float64Array, at: number, c: number): void {
    const d = this.kernel.weights.length;
    for (let j = 0; j < d; j++) this.#scaled[c * d + j] = points[at + j];
    scalePoint(this.kernel, this.#scaled, c * d);
    fillRow(this.kernel, this.#blockRows[c]);
  }

  /** Four candidates side by side, two rows at a time: Σ q_i w_i and Σ q_i² of each. */
  #predictBlock(): void {
    const n = this.#count;
    const { inverse } = this.#factor;
    const k = this.#k;
    this.#blockSums.fill(0);
    for (let i = 0; i < n; i += 2) {
      const isPair = i + 1 < n;
      const row = rowStart(i);
      const next = isPair ? rowStart(i + 1) : row;
      let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let j = 0, c = 0; j <= i; j++, c += BLOCK) {
        const u = inverse[row + j];
        const v = inverse[next + j];
        const k0 = k[c];
        const k1 = k[c + 1];
        const k2 = k[c + 2];
        const k3 = k[c + 3];
        a0 += u * k0;
        a1 += u * k1;
        a2 += u * k2;
        a3 += u * k3;
        b0 += v * k0;
        b1 += v * k1;
        b2 += v * k2;
        b3 += v * k3;
      }
      this.#addToBlock(i, a0, a1, a2, a3);
      if (!isPair) continue;
      const last = inverse[next + i + 1];
      const c = BLOCK * (i + 1);
      this.#addToBlock(i + 1, b0 + last * k[c], b1 + last * k[c + 1], b2 + last * k[c + 2], b3 + last * k[c + 3]);
    }
  }

  #addToBlock(i: number, q0: number, q1: number, q2: number, q3: number): void {
    const sums = this.#blockSums;
    const w = this.#w[i];
    sums[0] += q0 * w;
    sums[1] += q1 * w;
    sums[2] += q2 * w;
    sums[3] += q3 * w;
    sums[4] += q0 * q0;
    sums[5] += q1 * q1;
    sums[6] += q2 * q2;
    sums[7] += q3 * q3;
  }

  /** q = L⁻¹ k; four rows share each pass over k. */
  #explain(k: Float64Array, q: Float64Array): void {
    const { inverse } = this.#factor;
    const n = this.#count;
    let i = 0;
    for (; i + 3 < n; i += 4) {
      const row0 = rowStart(i);
      const row1 = rowStart(i + 1);
      const row2 = rowStart(i + 2);
      const row3 = rowStart(i + 3);
      let q0 = 0;
      let q1 = 0;
      let q2 = 0;
      let q3 = 0;
      for (let j = 0; j <= i; j++) {
        const kj = k[j];
        q0 += inverse[row0 + j] * kj;
        q1 += inverse[row1 + j] * kj;
        q2 += inverse[row2 + j] * kj;
        q3 += inverse[row3 + j] * kj;
      }
      q[i] = q0;
      q[i + 1] = q1 + inverse[row1 + i + 1] * k[i + 1];
      q[i + 2] = q2 + inverse[row2 + i + 1] * k[i + 1] + inverse[row2 + i + 2] * k[i + 2];
      q[i + 3] = q3 + inverse[row3 + i + 1] * k[i + 1] + inverse[row3 + i + 2] * k[i + 2] + inverse[row3 + i + 3] * k[i + 3];
    }
    for (; i < n; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[rowStart(i) + j] * k[j];
      q[i] = sum;
    }
  }

  #varianceFrom(explained: number): number {
    const { signal } = this.kernel;
    return Math.max(signal - explained, LEAST_VARIANCE * signal);
  }

  /** out = L⁻ᵀ x; four rows share each pass over `out`. */
  #backSolve(x: Float64Array, out: Float64Array): void {
    const { inverse } = this.#factor;
    const n = this.#count;
    out.fill(0);
    let i = 0;
    for (; i + 3 < n; i += 4) {
      const row0 = rowStart(i);
      const row1 = rowStart(i + 1);
      const row2 = rowStart(i + 2);
      const row3 = rowStart(i + 3);
      const x0 = x[i];
      const x1 = x[i + 1];
      const x2 = x[i + 2];
      const x3 = x[i + 3];
      for (let j = 0; j <= i; j++) {
        out[j] += inverse[row0 + j] * x0 + inverse[row1 + j] * x1 + inverse[row2 + j] * x2 + inverse[row3 + j] * x3;
      }
      out[i + 1] += inverse[row1 + i + 1] * x1 + inverse[row2 + i + 1] * x2 + inverse[row3 + i + 1] * x3;
      out[i + 2] += inverse[row2 + i + 2] * x2 + inverse[row3 + i + 2] * x3;
      out[i + 3] += inverse[row3 + i + 3] * x3;
    }
    for (; i < n; i++) for (let j = 0; j <= i; j++) out[j] += inverse[rowStart(i) + j] * x[i];
  }
}
