import type { Rng } from "../../numerics/rng.ts";
import { FactorCache } from "./factor-cache.ts";
import { type FittedTheta, fitTheta, isFitDue } from "./fit.ts";
import type { Hyperprior } from "./hyperprior.ts";
import type { KernelLayout } from "./kernel-layout.ts";
import { Likelihood } from "./likelihood.ts";
import { Posterior } from "./posterior.ts";

/** A fitted model of one outcome. */
export interface Surrogate {
  readonly posterior: Posterior;
  readonly fitted: FittedTheta;
  readonly isRefitted: boolean;
}

export interface SurrogateRequest {
  /** One outcome keeps one name, so that its factor can be taken up again. */
  readonly name: string;
  readonly layout: KernelLayout;
  readonly prior: Hyperprior;
  /** (≥ n + pending, d) in model order, pending points last. */
  readonly points: Float64Array;
  readonly pendingCount: number;
  /** (n,) of mean 0 and standard deviation 1. */
  readonly y: Float64Array;
  /** What an earlier suggestion fitted, if any. */
  readonly previous: FittedTheta | undefined;
  /** False: the belief's mode stands for θ, because the data are too few to say more. */
  readonly fits: boolean;
  readonly rng: Rng;
}

// θ is learned from this many losses at most: the better half of them and as many others.
const FIT_LIMIT = 250;
const LOOK_AROUND_EVERY = 10;

/** Fits models when that is due; keeps their factors, which changes nothing but the time they take. */
export class Surrogates {
  readonly #caches = new Map<string, FactorCache>();

  fit(request: SurrogateRequest): Surrogate {
    const { prior, y, fits } = request;
    const previous = request.previous?.theta.length === prior.mode.length ? request.previous : undefined;
    if (!fits) return this.#surrogate(request, { theta: prior.mode, at: y.length }, false);
    if (previous !== undefined) {
      const old = this.#surrogate(request, previous, false);
      if (!isFitDue(previous, y.length, old.posterior.innovations)) return old;
    }
    return this.#surrogate(request, refit(request, previous), true);
  }

  #surrogate(request: SurrogateRequest, fitted: FittedTheta, isRefitted: boolean): Surrogate {
    const { name, layout, prior, points, pendingCount, y } = request;
    const cache = this.#caches.get(name) ?? new FactorCache();
    this.#caches.set(name, cache);
    const factor = cache.factor(layout, fitted.theta, points, y.length + pendingCount);
    if (factor !== null) return { posterior: new Posterior(factor, y), fitted, isRefitted };
    // Noise as large as the signal makes any covariance positive definite.
    const theta = prior.mode.slice();
    theta[layout.noiseAt] = 0;
    return this.#surrogate(request, { theta, at: y.length }, isRefitted);
  }
}

function refit({ layout, prior, points, y, rng }: SurrogateRequest, previous: FittedTheta | undefined): FittedTheta {
  const chosen = fitSubset(y);
  const d = layout.columns.length;
  const chosenPoints = new Float64Array(chosen.length * d);
  chosen.forEach((i, at) => {
    chosenPoints.set(points.subarray(i * d, (i + 1) * d), at * d);
  });
  const chosenY = Float64Array.from(chosen, (i) => y[i]);
  const likelihood = new Likelihood(layout, chosenPoints, chosen.length);
  const looksAround = y.length % LOOK_AROUND_EVERY === 0;
  return { theta: fitTheta(likelihood, chosenY, prior, previous?.theta ?? null, looksAround, rng), at: y.length };
}

function fitSubset(y: Float64Array): Int32Array {
  const all = Int32Array.from(y, (_, i) => i);
  if (y.length <= FIT_LIMIT) return all;
  const order = all.slice().sort((a, b) => y[a] - y[b] || a - b);
  const half = FIT_LIMIT / 2;
  const others = order.subarray(half);
  const spread = Int32Array.from({ length: half }, (_, k) => others[Math.floor(((k + 0.5) * others.length) / half)]);
  return Int32Array.from([...order.subarray(0, half), ...spread]).sort();
}
