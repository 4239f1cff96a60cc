import type { KernelLayout } from "./kernel-layout.ts";

/** A normal belief about each kernel parameter in θ, and the box it is sought in. All are (thetaLength,). */
export interface Hyperprior {
  readonly mode: Float64Array;
  readonly sd: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

// From here on lengthscales are expected to grow with √d.
export const highDimension = 20;

/**
 * What is believed of θ before any data, for losses of mean 0 and standard deviation 1 on the unit cube.
 *
 * @param noiseless  σ² stays at its least value.
 *
 * Source: up to 20 dimensions measured on classic functions. Above: C. Hvarfner, E. O. Hellsten, L. Nardi (2024), "Vanilla Bayesian
 * optimization performs great in high dimensions", https://arxiv.org/abs/2402.02229: ℓ log-normal with μ = √2 + ½ log d and σ = √3, σ²
 * log-normal with μ = −4 and σ = 1, s² = 1. Those are densities of ℓ and σ², so their modes lie at log ℓ = μ − σ².
 * Departs: logit ρ, unknown to both, is normal with mode 0 and sd 1.5.
 */
export function hyperprior(layout: KernelLayout, noiseless: boolean): Hyperprior {
  const d = layout.columns.length;
  const isHigh = d > highDimension;
  const prior = {
    mode: new Float64Array(layout.thetaLength),
    sd: new Float64Array(layout.thetaLength).fill(1.5),
    lower: new Float64Array(layout.thetaLength).fill(-6),
    upper: new Float64Array(layout.thetaLength).fill(6),
  };
  const set = (from: number, to: number, mode: number, sd: number, lower: number, upper: number): void => {
    prior.mode.fill(mode, from, to);
    prior.sd.fill(sd, from, to);
    prior.lower.fill(lower, from, to);
    prior.upper.fill(upper, from, to);
  };
  const { signalAt, noiseAt } = layout;
  if (isHigh) {
    set(0, d, Math.SQRT2 + 0.5 * Math.log(d) - 3, Math.sqrt(3), Math.log(0.025), Math.log(50) + 0.5 * Math.log(d));
    set(signalAt, signalAt + 1, 0, 1, 0, 0);
    set(noiseAt, noiseAt + 1, -5, 1, Math.log(1e-4), 0);
  } else {
    set(0, d, Math.log(0.5) + 0.5 * Math.log(Math.max(d, 4) / 4), 1.25, Math.log(0.02), Math.log(50));
    set(signalAt, signalAt + 1, 0, 1.5, -7, 4);
    set(noiseAt, noiseAt + 1, -7, 2, -14, 0);
  }
  if (noiseless) set(noiseAt, noiseAt + 1, -14, 2, -14, -14);
  return prior;
}

// Half of what is usual: wider, warps overfit (measured).
const SHAPE_SD = 0.25;
const SHAPE_LIMIT = 1.5;

/**
 * The same belief with the shapes of the input warps behind it: log a, log b normal around 0, the identity; those of a choice are 0.
 *
 * Departs: sd 0.25 instead of 0.5.
 */
export function withShapes(prior: Hyperprior, { dimensions }: KernelLayout): Hyperprior {
  const limits = Float64Array.from({ length: 2 * dimensions.length }, (_, i) =>
    dimensions[i >> 1].kind === "categorical" ? 0 : SHAPE_LIMIT,
  );
  return {
    mode: Float64Array.of(...prior.mode, ...limits.map(() => 0)),
    sd: Float64Array.of(...prior.sd, ...limits.map(() => SHAPE_SD)),
    lower: Float64Array.of(...prior.lower, ...limits.map((limit) => -limit)),
    upper: Float64Array.of(...prior.upper, ...limits),
  };
}

/** −log of the belief at θ, without its constant; adds its gradient. */
export function addPenalty({ mode, sd }: Hyperprior, theta: Float64Array, gradient: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < theta.length; i++) {
    const t = (theta[i] - mode[i]) / sd[i];
    sum += 0.5 * t * t;
    gradient[i] += t / sd[i];
  }
  return sum;
}
