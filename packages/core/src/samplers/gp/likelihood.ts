/**
 * How well a kernel explains the losses: the negative log marginal likelihood and its gradient in θ.
 *
 *   L(θ) = ½ yᵀ K⁻¹ y + Σ log L_ii,   ∂L/∂θ = Σ_ab ½ (K⁻¹ − α αᵀ)_ab ∂K_ab/∂θ,   α = K⁻¹ y
 *
 * Symbols as in kernel.ts; n points · K = k(X, X) + σ² I (n, n) · D (pairs, d) squared differences, computed once and shared by all θ
 * unless θ warps the inputs: then ∂L/∂log a = Σ_i P_i ∂w_i/∂log a with P_i = ∂L/∂w_i, likewise b.
 *
 * Source: C. E. Rasmussen, C. K. I. Williams (2006), "Gaussian Processes for Machine Learning", eq. 5.8 and 5.9.
 */
import { factorCholesky, halfLogDeterminant, rowStart, solveLower, solveUpper } from "../../numerics/cholesky.ts";
import { inverseFromFactor } from "../../numerics/packed-inverse.ts";
import { warpInputByLogA, warpInputByLogB } from "./input-warp.ts";
import { createKernel, type Kernel, noiseFloor, warpPoint } from "./kernel.ts";
import type { KernelLayout } from "./kernel-layout.ts";

// Above, 32 MB of differences cost more than computing them again.
const TABLE_LIMIT = 4_000_000;
// In place of the first squared difference of a group that is active in one point or in neither.
const IN_ONE = -1;
const IN_NEITHER = -2;

/** The likelihood of one set of points; memory for it is held from one θ to the next. */
export class Likelihood {
  readonly layout: KernelLayout;
  readonly #n: number;
  /** (≥ n, d) x. */
  readonly #raw: Float64Array;
  /** (n, d) w(x) of the θ at hand; x where inputs are not warped. */
  readonly #points: Float64Array;
  #isPlaced = false;
  /** (n, d) −ℓ² ∂L/∂w. */
  readonly #pulls: Float64Array;
  readonly #isTabled: boolean;
  /** (pairs, d), or (d,) of the pair at hand. */
  readonly #differences: Float64Array;
  /** Packed (n, n). */
  readonly #factor: Float64Array;
  readonly #inverse: Float64Array;
  /** (pairs,) −∂k/∂(r²/2) of flat spaces. */
  readonly #slopes: Float64Array;
  readonly #alpha: Float64Array;

  /** @param points  (≥ n, d) in model order. */
  constructor(layout: KernelLayout, points: Float64Array, n: number) {
    const d = layout.columns.length;
    const pairCount = (n * (n - 1)) / 2;
    this.layout = layout;
    this.#n = n;
    this.#raw = points;
    this.#points = new Float64Array(n * d);
    this.#pulls = new Float64Array(n * d);
    this.#isTabled = pairCount * d <= TABLE_LIMIT;
    this.#differences = new Float64Array(this.#isTabled ? pairCount * d : d);
    this.#factor = new Float64Array(rowStart(n));
    this.#inverse = new Float64Array(rowStart(n));
    this.#slopes = new Float64Array(pairCount);
    this.#alpha = new Float64Array(n);
  }

  /**
   * @param y         (n,) Losses of mean 0.
   * @param theta     (thetaLength,), or (warpedThetaLength,) where inputs are warped.
   * @param gradient  As long as `theta`; receives ∂L/∂θ.
   * @returns         NaN where K is not positive definite to working precision; the gradient is then arbitrary.
   *
   * Cost: O(n³ / 2 + n² d / 2).
   */
  evaluate(y: Float64Array, theta: Float64Array, gradient: Float64Array): number {
    const n = this.#n;
    const kernel = createKernel(this.layout, theta);
    this.#placePoints(kernel);
    if (this.layout.groups.length === 1) this.#fillFlat(kernel);
    else this.#fillGrouped(kernel);
    if (factorCholesky(this.#factor, n) < n) return Number.NaN;
    const alpha = this.#alpha;
    alpha.set(y);
    solveLower(this.#factor, n, alpha);
    let value = halfLogDeterminant(this.#factor, n);
    for (let i = 0; i < n; i++) value += 0.5 * alpha[i] * alpha[i];
    solveUpper(this.#factor, n, alpha);
    inverseFromFactor(this.#factor, n, this.#inverse);
    gradient.fill(0);
    if (this.layout.groups.length === 1) this.#addFlatGradient(kernel, gradient);
    else this.#addGroupedGradient(kernel, gradient);
    this.#addScaleGradient(y, kernel, gradient);
    if (kernel.shapes !== null) this.#addShapeGradient(kernel, kernel.shapes, gradient);
    return value;
  }

  /** Warps the points and tables their differences; once for all θ that do not warp. */
  #placePoints(kernel: Kernel): void {
    const isPlain = kernel.shapes === null;
    if (isPlain && this.#isPlaced) return;
    const d = this.layout.columns.length;
    this.#points.set(this.#raw.subarray(0, this.#n * d));
    for (let i = 0; i < this.#n; i++) warpPoint(kernel, this.#points, i * d);
    this.#isPlaced = isPlain;
    if (!this.#isTabled) return;
    for (let i = 1, p = 0; i < this.#n; i++) for (let j = 0; j < i; j++, p++) this.#writeDifferences(i, j, p * d);
  }

  /** ∂/∂log s² and ∂/∂log σ²: tr(K⁻¹ K_f) and αᵀ K_f α follow from K_f = K − σ² I. */
  #addScaleGradient(y: Float64Array, { noise }: Kernel, gradient: Float64Array): void {
    const n = this.#n;
    let trace = 0;
    let alphaAlpha = 0;
    let alphaY = 0;
    for (let i = 0; i < n; i++) {
      const a = this.#alpha[i];
      trace += this.#inverse[rowStart(i) + i];
      alphaAlpha += a * a;
      alphaY += a * y[i];
    }
    gradient[this.layout.signalAt] = 0.5 * (n - noise * trace - (alphaY - noise * alphaAlpha));
    gradient[this.layout.noiseAt] = 0.5 * (noise - noiseFloor) * (trace - alphaAlpha);
  }

  #fillFlat({ weights, signal, noise }: Kernel): void {
    const d = weights.length;
    const k = this.#factor;
    const slopes = this.#slopes;
    const differences = this.#differences;
    const isTabled = this.#isTabled;
    for (let i = 0, p = 0, o = 0; i < this.#n; i++) {
      for (let j = 0; j < i; j++, p++, o++) {
        const at = isTabled ? p * d : this.#writeDifferences(i, j, 0);
        let square = 0;
        for (let c = 0; c < d; c++) square += weights[c] * differences[at + c];
        const r = Math.sqrt(5 * square);
        const e = signal * Math.exp(-r);
        k[o] = e * (1 + r + (r * r) / 3);
        slopes[p] = (5 / 3) * e * (1 + r);
      }
      k[o++] = signal + noise;
    }
  }

  #addFlatGradient({ weights }: Kernel, gradient: Float64Array): void {
    const d = weights.length;
    const inverse = this.#inverse;
    const alpha = this.#alpha;
    const slopes = this.#slopes;
    const differences = this.#differences;
    const isTabled = this.#isTabled;
    for (let i = 0, p = 0, o = 0; i < this.#n; i++, o++) {
      const own = alpha[i];
      for (let j = 0; j < i; j++, p++, o++) {
        const at = isTabled ? p * d : this.#writeDifferences(i, j, 0);
        const factor = (inverse[o] - own * alpha[j]) * slopes[p];
        for (let c = 0; c < d; c++) gradient[c] += factor * differences[at + c];
      }
    }
    for (let c = 0; c < d; c++) gradient[c] *= weights[c];
  }

  #fillGrouped(kernel: Kernel): void {
    const pair = new PairFactors(kernel);
    for (let i = 0, p = 0, o = 0; i < this.#n; i++) {
      for (let j = 0; j < i; j++, p++) this.#factor[o++] = pair.read(this.#differences, this.#offset(i, j, p));
      this.#factor[o++] = kernel.signal + kernel.noise;
    }
  }

  #addGroupedGradient(kernel: Kernel, gradient: Float64Array): void {
    const pair = new PairFactors(kernel);
    for (let i = 0, p = 0, o = 0; i < this.#n; i++, o++) {
      for (let j = 0; j < i; j++, p++, o++) {
        const at = this.#offset(i, j, p);
        pair.read(this.#differences, at);
        pair.addGradient(this.#differences, at, this.#inverse[o] - this.#alpha[i] * this.#alpha[j], gradient);
      }
    }
  }

  /** ∂/∂log a and ∂/∂log b. */
  #addShapeGradient(kernel: Kernel, shapes: Float64Array, gradient: Float64Array): void {
    const { layout, weights } = kernel;
    const d = weights.length;
    const raw = this.#raw;
    this.#sumPulls(kernel);
    for (const { start, choiceStart } of layout.groups) {
      for (let j = start; j < choiceStart; j++) {
        const [a, b] = [shapes[2 * j], shapes[2 * j + 1]];
        let byLogA = 0;
        let byLogB = 0;
        for (let i = 0, at = j; i < this.#n; i++, at += d) {
          // Also those of inactive coordinates.
          if (this.#pulls[at] === 0) continue;
          byLogA += this.#pulls[at] * warpInputByLogA(raw[at], a, b);
          byLogB += this.#pulls[at] * warpInputByLogB(raw[at], a, b);
        }
        gradient[layout.thetaLength + 2 * j] = -weights[j] * byLogA;
        gradient[layout.thetaLength + 2 * j + 1] = -weights[j] * byLogB;
      }
    }
  }

  #sumPulls(kernel: Kernel): void {
    const { groups } = this.layout;
    const d = this.layout.columns.length;
    const pair = new PairFactors(kernel);
    const points = this.#points;
    const pulls = this.#pulls.fill(0);
    for (let i = 0, p = 0, o = 0; i < this.#n; i++, o++) {
      for (let j = 0; j < i; j++, p++, o++) {
        const weight = this.#inverse[o] - this.#alpha[i] * this.#alpha[j];
        if (groups.length > 1) pair.read(this.#differences, this.#offset(i, j, p));
        for (let g = 0; g < groups.length; g++) {
          const factor = weight * (groups.length > 1 ? pair.slope(g) : this.#slopes[p]);
          if (factor === 0) continue;
          for (let c = groups[g].start; c < groups[g].choiceStart; c++) {
            const pull = factor * (points[i * d + c] - points[j * d + c]);
            pulls[i * d + c] += pull;
            pulls[j * d + c] -= pull;
          }
        }
      }
    }
  }

  #offset(i: number, j: number, p: number): number {
    return this.#isTabled ? p * this.layout.columns.length : this.#writeDifferences(i, j, 0);
  }

  #writeDifferences(i: number, j: number, at: number): number {
    const { groups } = this.layout;
    const d = this.layout.columns.length;
    const points = this.#points;
    const out = this.#differences;
    for (const { start, choiceStart, end } of groups) {
      for (let c = start; c < end; c++) {
        const delta = points[i * d + c] - points[j * d + c];
        out[at + c] = c < choiceStart ? delta * delta : delta === 0 ? 0 : 1;
      }
      if (start === end) continue;
      const inactiveCount = (Number.isNaN(points[i * d + start]) ? 1 : 0) + (Number.isNaN(points[j * d + start]) ? 1 : 0);
      if (inactiveCount > 0) out[at + start] = inactiveCount === 1 ? IN_ONE : IN_NEITHER;
    }
    return at;
  }
}

/** The factors of the kernel for one pair of points. */
class PairFactors {
  readonly #kernel: Kernel;
  /** (G,) Each as if it were the only one; the first times s². */
  readonly #factors: Float64Array;
  /** (G,) −∂factor/∂(r²/2). */
  readonly #slopes: Float64Array;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#factors = new Float64Array(kernel.rho.length);
    this.#slopes = new Float64Array(kernel.rho.length);
  }

  /** @returns The covariance. */
  read(differences: Float64Array, at: number): number {
    const { layout, weights, rho, signal } = this.#kernel;
    let covariance = 1;
    for (let g = 0; g < rho.length; g++) {
      const { start, end } = layout.groups[g];
      const marker = g === 0 ? 0 : differences[at + start];
      if (marker < 0) {
        this.#factors[g] = marker === IN_ONE ? rho[g] : 1;
        this.#slopes[g] = 0;
      } else {
        let square = 0;
        for (let c = start; c < end; c++) square += weights[c] * differences[at + c];
        const r = Math.sqrt(5 * square);
        const scale = g === 0 ? signal : 1 - rho[g] * rho[g];
        const e = scale * Math.exp(-r);
        this.#factors[g] = e * (1 + r + (r * r) / 3) + (g === 0 ? 0 : rho[g] * rho[g]);
        this.#slopes[g] = (5 / 3) * e * (1 + r);
      }
      covariance *= this.#factors[g];
    }
    return covariance;
  }

  /** −∂/∂(r_g²/2) of the covariance last read. */
  slope(g: number): number {
    let product = this.#slopes[g];
    for (let h = 0; h < this.#factors.length; h++) if (h !== g) product *= this.#factors[h];
    return product;
  }

  /** Adds `weight` times the gradient of the covariance last read. */
  addGradient(differences: Float64Array, at: number, weight: number, gradient: Float64Array): void {
    const { layout, weights, rho } = this.#kernel;
    const d = weights.length;
    for (let g = 0; g < rho.length; g++) {
      let others = weight;
      for (let h = 0; h < rho.length; h++) if (h !== g) others *= this.#factors[h];
      const { start, end } = layout.groups[g];
      const marker = g === 0 ? 0 : differences[at + start];
      if (marker === IN_NEITHER) continue;
      const r = rho[g];
      if (marker === IN_ONE) {
        gradient[d + g - 1] += others * r * (1 - r);
        continue;
      }
      const factor = others * this.#slopes[g];
      for (let c = start; c < end; c++) gradient[c] += factor * weights[c] * differences[at + c];
      // F = ρ² + (1 − ρ²) M, so ∂F/∂ρ = 2ρ (1 − M) = 2ρ (1 − F) / (1 − ρ²); ∂ρ/∂logit ρ = ρ (1 − ρ).
      if (g > 0) gradient[d + g - 1] += (others * 2 * r * r * (1 - this.#factors[g])) / (1 + r);
    }
  }
}
