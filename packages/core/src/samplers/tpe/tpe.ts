/**
 * Tree-structured Parzen estimator, the joint ("multivariate") form: draw candidates from the density ℓ of good trials and
 * take the one where ℓ is largest against the density g of the others.
 *
 * symbol   meaning                                                          shape
 * n        trials with a result
 * n_b      how many of them are good ("below")
 * m        trials one density is made of                                    kernels 0 … m − 1, oldest first; kernel m is the prior
 * C        candidates
 * μ, σ     centre and bandwidth of a kernel in a coordinate, in units of the searched range
 * Δ        resolution: no bandwidth is below max(Δ, (2 + m)^−2)
 * w        weights of the kernels, sum 1                                    (m + 1,)
 * K        values of a stepped or categorical coordinate
 * x        candidates of one coordinate, NaN = inactive                     (C,)
 *
 * Source: J. Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", Sec. 4 (TPE, the neighbour bandwidths);
 * S. Falkner et al. (2018), https://arxiv.org/abs/1807.01774, and S. Watanabe (2023), "Tree-structured Parzen estimator",
 * https://arxiv.org/abs/2304.11127 (joint kernels, Δ).
 * Departs: Δ is drawn anew for every suggestion, half of the candidates are recombinations of good trials, and groups of
 * conditional coordinates share kernels trial by trial (ALGORITHMS.md 4.0, 4.2).
 */
import type { Rng } from "../../numerics/rng.ts";
import { normalCdf, truncatedNormalQuantile } from "../../numerics/special-functions.ts";
import { type Axis, type CellAxis, type ChoiceAxis, cellAt, choiceAt, choiceCentre, type Group } from "./kernel-space.ts";
import { tailEnd, upperTail } from "./upper-tail.ts";

const LOG_SQRT_2PI = 0.9189385332046728;
const LEAST_MASS = 1e-300;

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
  const weights = new Float64Array(m).fill(1);
  const rampCount = m - 25;
  for (let i = 0; i < rampCount; i++) {
    weights[i] = rampCount === 1 ? 1 / m : 1 / m + (i / (rampCount - 1)) * (1 - 1 / m);
  }
  return weights;
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
}

/**
 * @param trialWeights  (m,) relative weights; the prior weighs 1.
 * @param centres       Per axis (m + 1,), the last place still empty: it receives the prior's. Becomes part of the result.
 * @param orders        Per axis (m,), see `Parzen.orders`.
 * @param floor         Least σ.
 */
export function createParzen(
  group: Group,
  trialWeights: Float64Array,
  centres: readonly Float64Array[],
  orders: readonly Int32Array[],
  floor: number,
): Parzen {
  const m = trialWeights.length;
  const sigmas = group.axes.map((axis, a) => {
    centres[a][m] = axis.kind === "choices" ? Number.NaN : axis.priorCentre;
    if (axis.kind === "choices") return new Float64Array(0);
    const sigma = new Float64Array(m + 1);
    neighbourBandwidths(centres[a], orders[a], floor, sigma);
    sigma[m] = axis.priorSigma;
    return sigma;
  });
  const weights = new Float64Array(m + 1);
  let total = 1;
  for (let i = 0; i < m; i++) total += trialWeights[i];
  for (let i = 0; i < m; i++) weights[i] = trialWeights[i] / total;
  weights[m] = 1 / total;
  const cumulative = new Float64Array(m + 1);
  let sum = 0;
  for (let i = 0; i <= m; i++) {
    sum += weights[i];
    cumulative[i] = sum;
  }
  return { count: m, weights, cumulative, centres, sigmas, orders };
}

/**
 * σ of every kernel: the greater gap to its two neighbours, in [floor, 1]. The outermost two have only one neighbour, a single
 * one has the ends of the range.
 */
export function neighbourBandwidths(mu: Float64Array, order: Int32Array, floor: number, sigma: Float64Array): void {
  const m = order.length;
  if (m === 0) return;
  let left = m === 1 ? mu[order[0]] : 0;
  const last = m === 1 ? 1 - mu[order[0]] : 0;
  for (let k = 0; k < m; k++) {
    const i = order[k];
    const right = k + 1 < m ? mu[order[k + 1]] - mu[i] : last;
    const gap = left > right ? left : right;
    sigma[i] = gap < floor ? floor : gap > 1 ? 1 : gap;
    left = right;
  }
}

/** Least bandwidth of a density of m trials. Source: S. Watanabe (2023), with exponent 2. */
export function bandwidthFloor(m: number, resolution: number): number {
  return Math.max(resolution, (2 + m) ** -2);
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
    groups.forEach(({ axes }, at) => {
      const parzen = good[at];
      const own = at === 0 ? lead : kernelOf(at, lead);
      const kernel = own >= 0 ? own : drawKernel(parzen, rng);
      axes.forEach((axis, a) => {
        const crosses = c >= pureCount && rng.uniform() < crossover;
        x[axis.column][c] = drawCoordinate(parzen, axis, a, crosses ? drawKernel(parzen, rng) : kernel, rng);
      });
    });
  }
}

function drawKernel({ cumulative, count }: Parzen, rng: Rng): number {
  const u = rng.uniform();
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
  const u = rng.uniform();
  const mu = parzen.centres[a][kernel];
  if (axis.kind !== "choices") return truncatedNormalQuantile(u, mu, parzen.sigmas[a][kernel], 0, 1);
  const own = kernel < parzen.count ? choiceAt(axis, mu) : -1;
  let sum = 0;
  for (let choice = 0; choice < axis.prior.length; choice++) {
    sum += choiceProbability(axis, choice, own, parzen.count);
    if (u < sum) return choiceCentre(axis, choice);
  }
  return choiceCentre(axis, axis.prior.length - 1);
}

/** Probability of a choice under a kernel whose trial has choice `own`: −1 is the prior kernel, K a trial with none of them. */
function choiceProbability({ prior }: ChoiceAxis, choice: number, own: number, m: number): number {
  if (own < 0) return prior[choice];
  const priorShare = prior.length / (m + 1);
  return (priorShare * prior[choice] + (choice === own ? 1 : 0)) / (1 + priorShare);
}

// --- log ℓ and log g ---

/** Working memory, kept between calls; holds nothing that a call reads before writing it. */
export class TermTable {
  #terms = new Float64Array(0);

  take(length: number): Float64Array {
    if (this.#terms.length < length) this.#terms = new Float64Array(2 * length);
    return this.#terms;
  }
}

/**
 * Adds `sign` · log density of every candidate to `out`; where the group is inactive, nothing.
 *
 * A stepped coordinate counts by the mass of its cell, a choice by its probability, the others by density per unit of range.
 *
 * @param x    Per column (C,).
 * @param out  (C,)
 *
 * Cost: O(m C d).
 */
export function addLogDensities(
  group: Group,
  parzen: Parzen,
  x: readonly Float64Array[],
  table: TermTable,
  sign: number,
  out: Float64Array,
): void {
  const candidateCount = out.length;
  const kernelCount = parzen.count + 1;
  const terms = table.take(kernelCount * candidateCount);
  const normalisers = logNormalisers(group, parzen);
  for (let i = 0; i < kernelCount; i++) {
    const start = Math.log(parzen.weights[i]) + normalisers[i];
    terms.fill(start, i * candidateCount, (i + 1) * candidateCount);
  }
  group.axes.forEach((axis, a) => {
    if (axis.kind === "continuous") addNormals(parzen.centres[a], parzen.sigmas[a], x[axis.column], terms);
    else if (axis.kind === "cells") addCells(axis, parzen, a, x[axis.column], terms);
    else addChoices(axis, parzen, a, x[axis.column], terms);
  });
  const logDensities = logSumColumns(terms, candidateCount, kernelCount);
  const first = x[group.axes[0].column];
  for (let c = 0; c < candidateCount; c++) if (!Number.isNaN(first[c])) out[c] += sign * logDensities[c];
}

/**
 * Minus the logarithm of what the truncated normals of a kernel integrate to over [0, 1], and of √(2π) σ for densities.
 * Centres lie in the range and σ ≤ 1, so each mass is at least 0.34: plain differences of Φ are accurate.
 */
function logNormalisers({ axes }: Group, { centres, sigmas, count }: Parzen): Float64Array {
  const densityCount = axes.filter(({ kind }) => kind === "continuous").length;
  const logs = new Float64Array(count + 1).fill(-densityCount * LOG_SQRT_2PI);
  const product = new Float64Array(count + 1).fill(1);
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
    const reach = tailEnd * sigma[i];
    let mass = 1;
    if (mu[i] < reach) mass -= upperTail(mu[i] / sigma[i]);
    if (1 - mu[i] < reach) mass -= upperTail((1 - mu[i]) / sigma[i]);
    product[i] *= isDensity ? mass * sigma[i] : mass;
  }
}

function addNormals(mu: Float64Array, sigma: Float64Array, x: Float64Array, terms: Float64Array): void {
  const candidateCount = x.length;
  let at = 0;
  for (let i = 0; i < mu.length; i++) {
    const centre = mu[i];
    const scale = Math.SQRT1_2 / sigma[i];
    for (let c = 0; c < candidateCount; c++) {
      const z = (x[c] - centre) * scale;
      terms[at++] -= z * z;
    }
  }
}

function addCells(axis: CellAxis, parzen: Parzen, a: number, x: Float64Array, terms: Float64Array): void {
  const candidateCount = x.length;
  const mu = parzen.centres[a];
  const sigma = parzen.sigmas[a];
  const cells = Int32Array.from(x, (u) => cellAt(axis, u));
  const distinct = Int32Array.from(new Set(cells));
  const which = cells.map((cell) => distinct.indexOf(cell));
  const logMasses = new Float64Array(distinct.length);
  let knownMu = Number.NaN;
  let knownSigma = Number.NaN;
  // In ascending order equal kernels follow each other and their masses are computed once.
  for (let k = 0; k <= parzen.count; k++) {
    const i = k < parzen.count ? parzen.orders[a][k] : parzen.count;
    if (mu[i] !== knownMu || sigma[i] !== knownSigma) {
      knownMu = mu[i];
      knownSigma = sigma[i];
      for (let j = 0; j < distinct.length; j++) logMasses[j] = logCellMass(axis.edges, distinct[j], knownMu, knownSigma);
    }
    const row = i * candidateCount;
    for (let c = 0; c < candidateCount; c++) terms[row + c] += logMasses[which[c]];
  }
}

/** log of the untruncated normal's mass in a cell; the first and last cell end at the range's ends. */
function logCellMass(edges: Float64Array, cell: number, mu: number, sigma: number): number {
  const a = (edges[cell] - mu) / sigma;
  const b = (edges[cell + 1] - mu) / sigma;
  // Differences in the lower tail keep their digits.
  const mass = a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
  return Math.log(Math.max(mass, LEAST_MASS));
}

function addChoices(axis: ChoiceAxis, parzen: Parzen, a: number, x: Float64Array, terms: Float64Array): void {
  const { count } = parzen;
  const choices = Int32Array.from(x, (u) => choiceAt(axis, u));
  const hits = Float64Array.from(choices, (choice) => logOf(choiceProbability(axis, choice, choice, count)));
  const misses = Float64Array.from(choices, (choice) => logOf(choiceProbability(axis, choice, axis.prior.length, count)));
  const priors = Float64Array.from(choices, (choice) => logOf(axis.prior[choice]));
  let at = 0;
  for (let i = 0; i < count; i++) {
    const own = choiceAt(axis, parzen.centres[a][i]);
    for (let c = 0; c < x.length; c++) terms[at++] += own === choices[c] ? hits[c] : misses[c];
  }
  for (let c = 0; c < x.length; c++) terms[at++] += priors[c];
}

function logOf(probability: number): number {
  return Math.log(Math.max(probability, LEAST_MASS));
}

/** (columns,) log Σ exp over each column of a (rows, columns) table. */
function logSumColumns(terms: Float64Array, columnCount: number, rowCount: number): Float64Array {
  const largest = new Float64Array(columnCount).fill(-Infinity);
  const sums = new Float64Array(columnCount);
  for (let i = 0, at = 0; i < rowCount; i++) {
    for (let c = 0; c < columnCount; c++, at++) if (terms[at] > largest[c]) largest[c] = terms[at];
  }
  for (let i = 0, at = 0; i < rowCount; i++) {
    for (let c = 0; c < columnCount; c++, at++) {
      // What is below exp(−40) of the largest does not show in 16 digits.
      if (terms[at] > largest[c] - 40) sums[c] += Math.exp(terms[at] - largest[c]);
    }
  }
  for (let c = 0; c < columnCount; c++) sums[c] = largest[c] + Math.log(sums[c]);
  return sums;
}
