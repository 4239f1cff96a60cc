/**
 * Tree-structured Parzen estimator, the joint ("multivariate") form: draw candidates from the density ℓ of good trials and
 * take the one where ℓ is largest against the density g of the others (`log-densities.ts`, `density-ratios.ts`).
 *
 * symbol   meaning                                                          shape
 * n        trials with a result
 * n_b      how many of them are good ("below")
 * m        trials one density is made of                                    kernels 0 … m − 1, oldest first; kernel m is the prior
 * C        candidates
 * μ, σ     centre and bandwidth of a kernel in a coordinate, in units of the searched range
 * e        sharpness: no bandwidth of ℓ is below (2 + m)^−e, nor below half a cell; none of g below max(0.01, (2 + m)^−1)
 * w        weights of the kernels, sum 1                                    (m + 1,)
 * K        values of a stepped or categorical coordinate
 * x        candidates of one coordinate, NaN = inactive                     (C,)
 *
 * Source: J. Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", Sec. 4 (TPE, the neighbour bandwidths);
 * S. Falkner et al. (2018), https://arxiv.org/abs/1807.01774, and S. Watanabe (2023), "Tree-structured Parzen estimator",
 * https://arxiv.org/abs/2304.11127 (joint kernels, e).
 * Departs: e is drawn anew for every suggestion, stepped coordinates have a floor of their own and g has another, half of the
 * candidates are recombinations of good trials, and groups of conditional coordinates share kernels trial by trial.
 */
import type { Rng } from "../../numerics/rng.ts";
import { normalQuantile } from "../../numerics/special-functions.ts";
import type { Arena } from "./arena.ts";
import { type Axis, type ChoiceAxis, choiceAt, choiceCentre, type Group } from "./kernel-space.ts";
import { tailEnd, upperTail } from "./upper-tail.ts";

export const LOG_SQRT_2PI = 0.9189385332046728;
const LEAST_BANDWIDTH = 1e-6;
const CELL_SHARE = 0.5;

// --- The split: how many are good ---

/** n_b = min(⌈fraction · n⌉, limit). */
export function goodTrialCount(n: number, fraction: number, limit: number): number {
  // 0.07 · 100 is 7.000000000000001: what only rounding put above a whole number is that number.
  return Math.min(Math.ceil(fraction * n - 1e-9), limit);
}

/**
 * Weights of m trials by age, oldest first: 1 for the newest 25, below them a straight line from 1/m to 1.
 *
 * Source: J. Bergstra, D. Yamins, D. D. Cox (2013), Hyperopt's "linear forgetting" of 25,
 * https://proceedings.mlr.press/v28/bergstra13.html
 */
export function ageWeights(m: number): Float64Array {
  const weights = new Float64Array(m);
  for (let i = 0; i < m; i++) weights[i] = ageWeight(i, m);
  return weights;
}

/** The i-th of `ageWeights(m)`. */
export function ageWeight(i: number, m: number): number {
  const rampCount = m - 25;
  if (i >= rampCount) return 1;
  return rampCount === 1 ? 1 / m : 1 / m + (i / (rampCount - 1)) * (1 - 1 / m);
}

// --- One density: a mixture of product kernels ---

/** A density over the coordinates of one group. */
export interface Parzen {
  /** Number of trials m; there are m + 1 kernels. */
  readonly count: number;
  /** (m + 1,) w. */
  readonly weights: Float64Array;
  /** (m + 1,) Running sums of w. */
  readonly cumulative: Float64Array;
  /** Per axis (m + 1,) μ; of a choice axis the coordinate of the trial's choice, NaN for the prior. */
  readonly centres: readonly Float64Array[];
  /** Per axis (m + 1,) σ; empty for a choice axis. */
  readonly sigmas: readonly Float64Array[];
  /** Per axis (m,) kernels in ascending order of μ; empty for a choice axis. */
  readonly orders: readonly Int32Array[];
  /** (m + 1,) log of w and of what makes each kernel a density: what no coordinate adds to, each can only take from. */
  readonly logPeaks: Float64Array;
}

/**
 * @param trialWeights  (m,) relative weights; the prior weighs 1.
 * @param centres       Per axis (m + 1,), the last place still empty: it receives the prior's. Becomes part of the result.
 * @param orders        Per axis (m,), see `Parzen.orders`.
 * @param floors        Per axis the least σ; not looked at for a choice axis.
 * @param arena         Gives the memory of the result.
 */
export function createParzen(
  group: Group,
  trialWeights: Float64Array,
  centres: readonly Float64Array[],
  orders: readonly Int32Array[],
  floors: readonly number[],
  arena: Arena,
): Parzen {
  const m = trialWeights.length;
  const sigmas = group.axes.map((axis, a) => {
    centres[a][m] = axis.kind === "choices" ? Number.NaN : axis.priorCentre;
    if (axis.kind === "choices") return arena.float64(0);
    const sigma = arena.float64(m + 1);
    neighbourBandwidths(centres[a], orders[a], floors[a], sigma);
    sigma[m] = axis.priorSigma;
    return sigma;
  });
  const weights = arena.float64(m + 1);
  let total = 1;
  for (let i = 0; i < m; i++) total += trialWeights[i];
  for (let i = 0; i < m; i++) weights[i] = trialWeights[i] / total;
  weights[m] = 1 / total;
  const cumulative = arena.float64(m + 1);
  let sum = 0;
  for (let i = 0; i <= m; i++) {
    sum += weights[i];
    cumulative[i] = sum;
  }
  const logPeaks = logNormalisers(group, centres, sigmas, m, arena);
  for (let i = 0; i <= m; i++) logPeaks[i] = Math.log(weights[i]) + logPeaks[i];
  return { count: m, weights, cumulative, centres, sigmas, orders, logPeaks };
}

/**
 * Minus the logarithm of what the truncated normals of a kernel integrate to over [0, 1], and of √(2π) σ for densities.
 * Centres lie in the range and σ ≤ 1, so each mass is at least 0.34: plain differences of Φ are accurate.
 */
function logNormalisers(
  { axes }: Group,
  centres: readonly Float64Array[],
  sigmas: readonly Float64Array[],
  count: number,
  arena: Arena,
): Float64Array {
  const densityCount = axes.filter(({ kind }) => kind === "continuous").length;
  const logs = arena.float64(count + 1).fill(-densityCount * LOG_SQRT_2PI);
  const product = arena.float64(count + 1).fill(1);
  axes.forEach(({ kind }, a) => {
    if (kind !== "choices") multiplyMasses(centres[a], sigmas[a], kind === "continuous", product);
    // Each factor is at least a third of 1e-6: ten of them are far from underflow.
    if (a % 10 < 9 && a < axes.length - 1) return;
    for (let i = 0; i <= count; i++) logs[i] -= Math.log(product[i]);
    product.fill(1);
  });
  return logs;
}

function multiplyMasses(mu: Float64Array, sigma: Float64Array, isDensity: boolean, product: Float64Array): void {
  for (let i = 0; i < mu.length; i++) {
    const mass = truncatedMass(mu[i], sigma[i]);
    product[i] *= isDensity ? mass * sigma[i] : mass;
  }
}

/** What a normal integrates to over [0, 1], which holds its μ. */
export function truncatedMass(mu: number, sigma: number): number {
  return 1 - tailBeyond(mu, sigma) - tailBeyond(1 - mu, sigma);
}

/**
 * σ of every kernel: the greater gap to its two neighbours, in [floor, 1]. The outermost two have only one neighbour, a single
 * one has the ends of the range.
 */
export function neighbourBandwidths(mu: Float64Array, order: Int32Array, floor: number, sigma: Float64Array): void {
  const m = order.length;
  if (m === 0) return;
  let own = mu[order[0]];
  let left = m === 1 ? own : 0;
  for (let k = 0; k + 1 < m; k++) {
    const next = mu[order[k + 1]];
    const right = next - own;
    // Not comparisons: which of them is greatest cannot be predicted.
    sigma[order[k]] = Math.min(1, Math.max(floor, left, right));
    left = right;
    own = next;
  }
  sigma[order[m - 1]] = Math.min(1, Math.max(floor, left, m === 1 ? 1 - own : 0));
}

/**
 * Least bandwidth of ℓ of m trials in a coordinate, in [1e-6, 1].
 *
 * Source: S. Watanabe (2023), the floor (2 + m)^−e.
 * Departs: in a stepped coordinate at least half a cell, measured by the mean one: two thirds of a kernel's mass stay in the cell of its
 * trial and the rest goes to the neighbours, which a narrower kernel would never try.
 */
export function sharpFloor(axis: Axis, m: number, sharpness: number): number {
  const floor = Math.max(LEAST_BANDWIDTH, (2 + m) ** -sharpness);
  return axis.kind === "cells" ? Math.max(floor, CELL_SHARE / (axis.edges.length - 1)) : floor;
}

/**
 * Least bandwidth of g of m trials.
 *
 * Source: S. Watanabe (2023), exponent 1 with a limit of 100 kernels.
 * Departs: for g only. g is to say where enough was tried: narrow kernels would leave holes between bad trials that look promising.
 */
export function wideFloor(m: number): number {
  return 1 / Math.min(100, 2 + m);
}

// --- Candidates ---

/**
 * Draws C candidates from ℓ: the first half pure draws, in the second half each coordinate changes over to another kernel with
 * probability `crossover`. Kernels of all groups belong to the same trial where that trial has the group.
 *
 * @param kernelOf  Kernel in `good[group]` of the trial behind kernel `lead` of the first group, −1 if it has none.
 * @param x         Per column (C,). Receives all coordinates, those of inactive groups too.
 */
export function drawCandidates(
  groups: readonly Group[],
  good: readonly Parzen[],
  kernelOf: (group: number, lead: number) => number,
  crossover: number,
  rng: Rng,
  x: readonly Float64Array[],
): void {
  const candidateCount = x[0].length;
  const pureCount = Math.ceil(candidateCount / 2);
  for (let c = 0; c < candidateCount; c++) {
    const lead = drawKernel(good[0], rng);
    for (let at = 0; at < groups.length; at++) {
      const { axes } = groups[at];
      const own = at === 0 ? lead : kernelOf(at, lead);
      const kernel = own >= 0 ? own : drawKernel(good[at], rng);
      for (let a = 0; a < axes.length; a++) {
        const crosses = crossover > 0 && c >= pureCount && unit(rng) < crossover;
        x[axes[a].column][c] = drawCoordinate(good[at], axes[a], a, crosses ? drawKernel(good[at], rng) : kernel, rng);
      }
    }
  }
}

function drawKernel({ cumulative, count }: Parzen, rng: Rng): number {
  const u = unit(rng);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u < cumulative[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function drawCoordinate(parzen: Parzen, axis: Axis, a: number, kernel: number, rng: Rng): number {
  const u = unit(rng);
  const mu = parzen.centres[a][kernel];
  if (axis.kind !== "choices") return truncatedQuantile(u, mu, parzen.sigmas[a][kernel]);
  const own = kernel < parzen.count ? choiceAt(axis, mu) : -1;
  let sum = 0;
  for (let choice = 0; choice < axis.prior.length; choice++) {
    sum += choiceProbability(axis, choice, own, parzen.count);
    if (u < sum) return choiceCentre(axis, choice);
  }
  return choiceCentre(axis, axis.prior.length - 1);
}

/** Uniform in (0, 1), finer than a candidate needs to be, for half of what `uniform` costs. */
function unit(rng: Rng): number {
  return (rng.uint32() + 0.5) * 2 ** -32;
}

/** Quantile u of the normal truncated to [0, 1], which holds μ, so that the plain form is accurate. */
function truncatedQuantile(u: number, mu: number, sigma: number): number {
  const low = tailBeyond(mu, sigma);
  const z = normalQuantile(low + u * (1 - low - tailBeyond(1 - mu, sigma)));
  return Math.min(1, Math.max(0, mu + sigma * z));
}

/** P(Z > distance / σ), 0 where that does not show beside 1. */
function tailBeyond(distance: number, sigma: number): number {
  return distance < tailEnd * sigma ? upperTail(distance / sigma) : 0;
}

/** Probability of a choice under a kernel whose trial has choice `own`: −1 is the prior kernel, K a trial with none of them. */
export function choiceProbability({ prior }: ChoiceAxis, choice: number, own: number, m: number): number {
  if (own < 0) return prior[choice];
  const priorShare = prior.length / (m + 1);
  return (priorShare * prior[choice] + (choice === own ? 1 : 0)) / (1 + priorShare);
}
