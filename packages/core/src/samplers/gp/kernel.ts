/**
 * The covariance of the losses at two points, over mixed and conditional coordinates.
 *
 *   k(x, x′) = s² · M(r₀) · Π_g F_g,   M(r) = (1 + √5 r + 5r²/3) e^(−√5 r),   r_g² = Σ_j (Δ_j / ℓ_j)² + Σ_choices 1[x_j ≠ x′_j] / ℓ_j²
 *   F_g = ρ_g² + (1 − ρ_g²) M(r_g) where group g is active in both points, ρ_g where in one, 1 where in neither
 *
 * Symbols: d coordinates · G groups, group 0 always active · ℓ lengthscales (d,) · ρ correlation across a condition (G,) · s² signal, σ²
 * noise variance · z = w(x) / ℓ for numeric coordinates, w being the input warp if there is one, x itself for choices.
 *
 * Source: Matérn 5/2 with one lengthscale per coordinate: C. E. Rasmussen, C. K. I. Williams (2006), "Gaussian Processes for Machine
 * Learning", Sec. 4.2 and 5.1; choices are within the distance. F_g is the kernel of the feature (ρ, √(1 − ρ²) φ(x)) for an
 * active group and (1, 0) for an inactive one, hence positive semidefinite.
 * Departs: not one factor per conditional parameter: parameters of one condition, which are active together, share
 * one factor and one ρ.
 */
import { warpInput, warpInputSlope } from "./input-warp.ts";
import type { KernelLayout } from "./kernel-layout.ts";

/** A kernel with its θ unpacked. */
export interface Kernel {
  readonly layout: KernelLayout;
  /** (d,) 1 / ℓ. */
  readonly inverseLengths: Float64Array;
  /** (d,) 1 / ℓ². */
  readonly weights: Float64Array;
  /** (G,) The first is 0 and unused. */
  readonly rho: Float64Array;
  readonly signal: number;
  /** With its floor. */
  readonly noise: number;
  /** (2 d,) Shapes a, b of each coordinate's input warp, those of a choice unused; null: inputs are not warped. */
  readonly shapes: Float64Array | null;
}

// Keeps covariance matrices positive definite to working precision.
export const noiseFloor = 1e-6;

/** @param theta  (thetaLength,), or (warpedThetaLength,) where inputs are warped. */
export function createKernel(layout: KernelLayout, theta: Float64Array): Kernel {
  const d = layout.columns.length;
  const inverseLengths = theta.subarray(0, d).map((logLength) => Math.exp(-logLength));
  return {
    layout,
    inverseLengths,
    weights: inverseLengths.map((inverse) => inverse * inverse),
    rho: Float64Array.from(layout.groups, (_, g) => (g === 0 ? 0 : 1 / (1 + Math.exp(-theta[d + g - 1])))),
    signal: Math.exp(theta[layout.signalAt]),
    noise: Math.exp(theta[layout.noiseAt]) + noiseFloor,
    shapes: theta.length > layout.thetaLength ? theta.subarray(layout.thetaLength).map(Math.exp) : null,
  };
}

/** Warps the numeric coordinates of the point at `at`. */
export function warpPoint({ layout, shapes }: Kernel, points: Float64Array, at: number): void {
  if (shapes === null) return;
  for (const { start, choiceStart } of layout.groups) {
    for (let j = start; j < choiceStart; j++) points[at + j] = warpInput(points[at + j], shapes[2 * j], shapes[2 * j + 1]);
  }
}

/** Turns the point at `at` from x into z. */
export function scalePoint(kernel: Kernel, points: Float64Array, at: number): void {
  warpPoint(kernel, points, at);
  for (const { start, choiceStart } of kernel.layout.groups) {
    for (let j = start; j < choiceStart; j++) points[at + j] *= kernel.inverseLengths[j];
  }
}

/** ∂z/∂x of a numeric coordinate. */
export function scaleSlope({ inverseLengths, shapes }: Kernel, j: number, u: number): number {
  return shapes === null ? inverseLengths[j] : inverseLengths[j] * warpInputSlope(u, shapes[2 * j], shapes[2 * j + 1]);
}

/** A row of covariances: of the point q with the first of the points z. */
export interface CovarianceRow {
  /** Scaled points, (≥ count, d). */
  readonly z: Float64Array;
  readonly count: number;
  /** Scaled points; the one at offset `qAt` is meant. */
  readonly q: Float64Array;
  readonly qAt: number;
  /** Receives the covariance with point i at outAt + outStride · i. */
  readonly out: Float64Array;
  readonly outAt: number;
  readonly outStride: number;
  /** (G, count) or null. Receives b with ∂k / ∂z_j = −b (z_j − z′_j) for the coordinates of each group. */
  readonly slopes: Float64Array | null;
}

export function fillRow(kernel: Kernel, row: CovarianceRow): void {
  const { count, out, outAt, outStride } = row;
  for (let i = 0, o = outAt; i < count; i++, o += outStride) out[o] = 1;
  for (let g = 0; g < kernel.layout.groups.length; g++) applyGroup(kernel, g, row);
}

/** Multiplies by the factor of a group, which for the first is s² M, ρ being 0. */
function applyGroup({ layout, weights, rho: rhos, signal }: Kernel, g: number, row: CovarianceRow): void {
  const { z, count, q, qAt, out, outAt, outStride, slopes } = row;
  const d = layout.columns.length;
  const { start, choiceStart, end } = layout.groups[g];
  const rho = rhos[g];
  const span = g === 0 ? signal : 1 - rho * rho;
  const isActive = g === 0 || !Number.isNaN(q[qAt + start]);
  for (let i = 0, p = 0, o = outAt; i < count; i++, p += d, o += outStride) {
    const isOther = g === 0 || !Number.isNaN(z[p + start]);
    let factor = isActive === isOther ? 1 : rho;
    let slope = 0;
    if (isActive && isOther) {
      let square = 0;
      for (let j = start; j < choiceStart; j++) {
        const delta = q[qAt + j] - z[p + j];
        square += delta * delta;
      }
      for (let j = choiceStart; j < end; j++) if (q[qAt + j] !== z[p + j]) square += weights[j];
      const r = Math.sqrt(5 * square);
      const e = span * Math.exp(-r);
      factor = rho * rho + e * (1 + r + (r * r) / 3);
      slope = (5 / 3) * e * (1 + r);
    }
    if (slopes !== null) {
      for (let h = 0; h < g; h++) slopes[h * count + i] *= factor;
      slopes[g * count + i] = slope * out[o];
    }
    out[o] *= factor;
  }
}
