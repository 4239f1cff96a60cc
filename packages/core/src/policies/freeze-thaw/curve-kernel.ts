/**
 * The covariance of the losses of two learning curves, each at a time of its own.
 *
 *   k((x, t), (x′, t′)) = M(x, x′) (A + B κ(t, t′)) + 1[same curve] (A₁ + B₁ κ(t, t′)) + V₀ + V₁ φ(t) φ(t′)
 *   κ(t, t′) = (β / (t + t′ + β))^α,   φ(t) = κ(t, 0),   y = f(x, t) + noise of variance σ²
 *
 * Symbols: x config in model coordinates (d,) · t share of the greatest fidelity, in [0, 1] · M Matérn 5/2 over configs · κ covariance of
 * curves that are mixtures of falling exponentials · A, B what configs have in common at their ends and on their way · A₁, B₁ what is the
 * curve's own · V₀, V₁ of the mean curve m₀ + m₁ φ(t), whose two weights are part of the posterior · θ the logarithms of ℓ, A, B, A₁, B₁,
 * β, α, σ², and the logit ρ of each condition.
 *
 * Source: K. Swersky, J. Snoek, R. P. Adams (2014), "Freeze-thaw Bayesian optimization", Sec. 3 (κ, as an integral of e^(−λ(t + t′)) over a
 * gamma density of λ), https://arxiv.org/abs/1406.3896
 * Departs: configs share the way down as well as the end (a product kernel); curves begin above their end (the mean curve).
 */

import type { Space } from "../../parameters/space.ts";
import { createKernel, fillRow, type Kernel, scalePoint } from "../../samplers/gp/kernel.ts";
import { type KernelLayout, kernelLayout } from "../../samplers/gp/kernel-layout.ts";

/** How θ of a space is laid out, and what is believed of it before anything is seen: independent normals. */
export interface CurveTheta {
  readonly layout: KernelLayout;
  /** (p,) */
  readonly means: Float64Array;
  /** (p,) */
  readonly sds: Float64Array;
}

// Of A, B, A₁, B₁, β, α, σ²: losses are scaled so that the best is 0 and the median curve 1. Chosen on curves that fall by powers and
// exponentials, so that what is predicted of them is neither too sure nor too vague.
const medians = [0.5, 0.5, 0.01, 0.1, 0.3, 1, 1e-4];
const logSds = [1, 1, 1.2, 1.2, 0.8, 0.4, 1.5];
const meanEnd = 1;
const meanFall = 4;

export function curveTheta(space: Space): CurveTheta {
  const layout = kernelLayout(space);
  const d = layout.columns.length;
  const configCount = layout.signalAt;
  const means = new Float64Array(configCount + medians.length);
  const sds = new Float64Array(configCount + medians.length);
  // Distances grow with the square root of the number of coordinates.
  means.fill(Math.log(0.5) + 0.5 * Math.log(Math.max(1, d)), 0, d);
  sds.fill(0.8, 0, d);
  sds.fill(1, d, configCount);
  medians.forEach((median, i) => {
    means[configCount + i] = Math.log(median);
    sds[configCount + i] = logSds[i];
  });
  return { layout, means, sds };
}

/** A kernel with its θ unpacked. */
export interface CurveKernel {
  readonly configs: Kernel;
  readonly sharedEnd: number;
  readonly sharedFall: number;
  readonly ownEnd: number;
  readonly ownFall: number;
  readonly beta: number;
  readonly alpha: number;
  readonly noise: number;
}

export function createCurveKernel({ layout }: CurveTheta, theta: Float64Array): CurveKernel {
  const configTheta = new Float64Array(layout.thetaLength);
  configTheta.set(theta.subarray(0, layout.signalAt));
  const [sharedEnd, sharedFall, ownEnd, ownFall, beta, alpha, noise] = theta.subarray(layout.signalAt).map(Math.exp);
  return { configs: createKernel(layout, configTheta), sharedEnd, sharedFall, ownEnd, ownFall, beta, alpha, noise };
}

/** κ(t, t′) where `time` is t + t′. */
export function fallCovariance({ beta, alpha }: CurveKernel, time: number): number {
  return Math.exp(alpha * Math.log(beta / (time + beta)));
}

/**
 * The covariance of two losses without noise.
 *
 * @param alike  M of their configs.
 * @param fall   κ of their times.
 * @param falls  φ(t) φ(t′).
 */
export function curveCovariance(kernel: CurveKernel, alike: number, isSame: boolean, fall: number, falls: number): number {
  const { sharedEnd, sharedFall, ownEnd, ownFall } = kernel;
  const own = isSame ? ownEnd + ownFall * fall : 0;
  return alike * (sharedEnd + sharedFall * fall) + own + meanEnd + meanFall * falls;
}

/** Configs as the kernel of configs compares them. @param points  (count, d) in model coordinates; kept. @returns (count, d) z. */
export function scaledConfigs(kernel: CurveKernel, points: Float64Array): Float64Array {
  const z = points.slice();
  const d = kernel.configs.layout.columns.length;
  for (let at = 0; at < z.length; at += d) scalePoint(kernel.configs, z, at);
  return z;
}

/** M of one config with the first `count`. @param q  The one at offset `qAt` of it, scaled. @param out  (≥ count,) from `outAt`. */
export function fillAlikeness(
  kernel: CurveKernel,
  z: Float64Array,
  count: number,
  q: Float64Array,
  qAt: number,
  out: Float64Array,
  outAt: number,
): void {
  fillRow(kernel.configs, { z, count, q, qAt, out, outAt, outStride: 1, slopes: null });
}
