import type { Rng } from "../../numerics/rng.ts";
import { FactorCache } from "./factor-cache.ts";
import { type FitData, type FittedTheta, fitTheta, isFitDue } from "./fit.ts";
import { type Hyperprior, highDimension, withShapes } from "./hyperprior.ts";
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
  /** Whether inputs may be warped. */
  readonly warps: boolean;
  readonly rng: Rng;
}

// θ is learned from this many losses at most.
const FIT_LIMIT = 250;
// Of so many, other places for θ are looked at on few of them first.
const SCOUT_FROM = 150;
const SCOUT_LIMIT = 100;
const LOOK_AROUND_EVERY = 10;
// Fewer losses do not tell a warp from a lengthscale.
const WARP_FROM = 30;
// Inputs are warped if that makes θ more probable by this factor, as a natural logarithm; asked whenever the fit looks around.
const LEAST_EVIDENCE = 3;

/** Fits models when that is due; keeps their factors, which changes nothing but the time they take. */
export class Surrogates {
  readonly #caches = new Map<string, FactorCache>();

  fit(request: SurrogateRequest): Surrogate {
    const { layout, prior, y, fits } = request;
    const length = request.previous?.theta.length;
    const isUsable = length === layout.thetaLength || (request.warps && length === layout.warpedThetaLength);
    const previous = isUsable ? request.previous : undefined;
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

function refit(request: SurrogateRequest, previous: FittedTheta | undefined): FittedTheta {
  const { layout, prior, y, rng } = request;
  const at = y.length;
  const data = fitData(request, FIT_LIMIT);
  const looksAround = at % LOOK_AROUND_EVERY === 0;
  const isWarped = previous?.theta.length === layout.warpedThetaLength;
  const asked = { data, scouted: null, looksAround: false, rng };
  if (isWarped && !looksAround) {
    return { theta: fitTheta({ ...asked, prior: withShapes(prior, layout), previous: previous.theta }).theta, at };
  }
  const scouted = (looksAround || previous === undefined) && data.y.length >= SCOUT_FROM ? fitData(request, SCOUT_LIMIT) : null;
  const known = previous?.theta.subarray(0, layout.thetaLength) ?? null;
  const plain = fitTheta({ ...asked, scouted, prior, previous: known, looksAround });
  if (!looksAround || !mayWarp(request)) return { theta: plain.theta, at };
  const start = isWarped ? previous.theta : new Float64Array(layout.warpedThetaLength);
  if (!isWarped) start.set(plain.theta);
  const warped = fitTheta({ ...asked, prior: withShapes(prior, layout), previous: start });
  return { theta: plain.value - warped.value > LEAST_EVIDENCE ? warped.theta : plain.theta, at };
}

function mayWarp({ layout: { columns }, warps, y }: SurrogateRequest): boolean {
  return warps && columns.length <= highDimension && y.length >= Math.max(WARP_FROM, 3 * columns.length);
}

/** At most `limit` of the losses: the better half of that many and others spread over the rest. */
function fitData({ layout, points, y }: SurrogateRequest, limit: number): FitData {
  const chosen = fitSubset(y, limit);
  const d = layout.columns.length;
  const chosenPoints = new Float64Array(chosen.length * d);
  chosen.forEach((i, at) => {
    chosenPoints.set(points.subarray(i * d, (i + 1) * d), at * d);
  });
  return { likelihood: new Likelihood(layout, chosenPoints, chosen.length), y: Float64Array.from(chosen, (i) => y[i]) };
}

function fitSubset(y: Float64Array, limit: number): Int32Array {
  const all = Int32Array.from(y, (_, i) => i);
  if (y.length <= limit) return all;
  const order = all.slice().sort((a, b) => y[a] - y[b] || a - b);
  const half = limit / 2;
  const others = order.subarray(half);
  const spread = Int32Array.from({ length: half }, (_, k) => others[Math.floor(((k + 0.5) * others.length) / half)]);
  return Int32Array.from([...order.subarray(0, half), ...spread]).sort();
}
