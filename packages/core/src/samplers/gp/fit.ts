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

/**
 * The most probable θ of some losses, rounded to 1e-4.
 *
 * Starts: the previous θ, or the belief's mode without one.
 *
 * @param y            (n,) of mean 0 and standard deviation 1.
 * @param previous     θ fitted to fewer of these losses, if any.
 * @param looksAround  Start from the mode and a draw from the belief as well, lest the previous θ is a poor local optimum.
 */
export function fitTheta(
  likelihood: Likelihood,
  y: Float64Array,
  prior: Hyperprior,
  previous: Float64Array | null,
  looksAround: boolean,
  rng: Rng,
): Float64Array {
  const objective: SmoothFunction = (theta, gradient) => {
    const value = likelihood.evaluate(y, theta, gradient);
    return value + addPenalty(prior, theta, gradient);
  };
  const starts = previous === null ? [prior.mode] : [previous];
  if (looksAround) {
    if (previous !== null) starts.push(prior.mode);
    starts.push(prior.mode.map((mode, i) => mode + prior.sd[i] * rng.normal()));
  }
  let best = prior.mode;
  let bestValue = Infinity;
  const gradient = new Float64Array(best.length);
  for (const start of starts) {
    const clipped = start.map((value, i) => Math.min(prior.upper[i], Math.max(prior.lower[i], value)));
    if (!Number.isFinite(objective(clipped, gradient))) continue;
    const maxIterations = start === previous ? WARM_ITERATIONS : COLD_ITERATIONS;
    const found = minimizeInBox(objective, clipped, prior.lower, prior.upper, {
      maxIterations,
      maxEvaluations: 2 * maxIterations,
      gradientTolerance: 1e-2,
      // What is less than this likely does not change where to go next.
      valueTolerance: 1e-4,
    });
    if (found.value < bestValue) best = found.x;
    bestValue = Math.min(bestValue, found.value);
  }
  // JSON has no −0.
  return best.map((value) => Math.round(value * ROUNDING) / ROUNDING + 0);
}

/**
 * Whether θ should be fitted again: at every result below 60, then when their number has changed by a twentieth, or when one of those that
 * came since is more than three standard deviations from what was expected.
 *
 * @param n            Results now.
 * @param innovations  (n,) under the θ at hand.
 *
 * Source: ALGORITHMS.md 5.3.
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
