import { minimizeInBox, type SmoothFunction } from "../../numerics/minimize-in-box.ts";
import type { Rng } from "../../numerics/rng.ts";
import { addPenalty, type Hyperprior } from "./hyperprior.ts";
import type { Likelihood } from "./likelihood.ts";

/** θ and how many losses it was fitted to. */
export interface FittedTheta {
  readonly theta: Float64Array;
  readonly at: number;
}

const COLD_ITERATIONS = 50;
const WARM_ITERATIONS = 15;
// θ is rounded so that its note is short; a hundredth of a percent of a lengthscale changes nothing.
const ROUNDING = 1e4;

/** Losses and how likely they are under a θ. */
export interface FitData {
  readonly likelihood: Likelihood;
  /** (n,) of mean 0 and standard deviation 1. */
  readonly y: Float64Array;
}

export interface FitRequest {
  readonly data: FitData;
  /** A part of the data, on which other places are looked at first; null: on all of them. */
  readonly scouted: FitData | null;
  readonly prior: Hyperprior;
  /** θ fitted to fewer of these losses, if any. */
  readonly previous: Float64Array | null;
  /** Start from the mode and a draw from the belief as well, lest the previous θ is a poor local optimum. */
  readonly looksAround: boolean;
  readonly rng: Rng;
}

/** θ and −log of its posterior density, without the constants of the belief. */
export interface Fit {
  readonly theta: Float64Array;
  readonly value: number;
}

/**
 * The most probable θ of some losses, rounded to 1e-4.
 *
 * Starts: the previous θ, or the belief's mode without one.
 */
export function fitTheta({ data, scouted, prior, previous, looksAround, rng }: FitRequest): Fit {
  const others: Float64Array[] = previous === null || looksAround ? [prior.mode] : [];
  if (looksAround) others.push(prior.mode.map((mode, i) => mode + prior.sd[i] * rng.normal()));
  const ends = others.map((start) => descend(scouted ?? data, prior, start, COLD_ITERATIONS));
  if (scouted !== null) {
    const starts = [...(previous === null ? [] : [previous]), ...ends.map(({ theta }) => theta)];
    const known = starts.map((start) => descend(data, prior, start, 0));
    return rounded(descend(data, prior, best(known).theta, WARM_ITERATIONS));
  }
  if (previous !== null) ends.unshift(descend(data, prior, previous, WARM_ITERATIONS));
  return rounded(best(ends));
}

function descend({ likelihood, y }: FitData, prior: Hyperprior, start: Float64Array, maxIterations: number): Fit {
  const objective: SmoothFunction = (theta, gradient) => {
    const value = likelihood.evaluate(y, theta, gradient);
    return value + addPenalty(prior, theta, gradient);
  };
  const clipped = start.map((value, i) => Math.min(prior.upper[i], Math.max(prior.lower[i], value)));
  const value = objective(clipped, new Float64Array(start.length));
  if (!Number.isFinite(value)) return { theta: prior.mode, value: Infinity };
  if (maxIterations === 0) return { theta: clipped, value };
  const found = minimizeInBox(objective, clipped, prior.lower, prior.upper, {
    maxIterations,
    maxEvaluations: 2 * maxIterations,
    gradientTolerance: 1e-2,
    // What is less than this likely does not change where to go next.
    valueTolerance: 1e-4,
  });
  return { theta: found.x, value: found.value };
}

/** Ties go to the first. */
function best(fits: readonly Fit[]): Fit {
  return fits.reduce((least, fit) => (fit.value < least.value ? fit : least));
}

/** JSON has no −0. */
function rounded({ theta, value }: Fit): Fit {
  return { theta: theta.map((element) => Math.round(element * ROUNDING) / ROUNDING + 0), value };
}

/**
 * Whether θ should be fitted again: at every result below 60, then when their number has changed by a twentieth, or when one of those that
 * came since is more than three standard deviations from what was expected.
 *
 * @param n            Results now.
 * @param innovations  (n,) under the θ at hand.
 */
export function isFitDue({ at }: FittedTheta, n: number, innovations: Float64Array): boolean {
  if (n === at) return false;
  if (n < EVERY_BELOW || n >= at * GROWTH || at >= n * GROWTH) return true;
  for (let i = at; i < n; i++) if (!(Math.abs(innovations[i]) <= SURPRISE)) return true;
  return false;
}

const EVERY_BELOW = 60;
const GROWTH = 1.05;
const SURPRISE = 3;
