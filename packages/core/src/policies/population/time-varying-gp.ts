/**
 * A Gaussian process whose function drifts: what was learned long ago counts less.
 *
 *   k((z, t), (z′, t′)) = s² · exp(−‖z − z′‖² / 2ℓ²) · (1 − ε)^(|t − t′| / 2),   y = f(z, t) + noise of variance s² σ²
 *
 * Symbols: n observations · z inputs (n, d) in [0, 1]^d · t times (n,) in intervals · y gains (n,), mean 0, variance 1 · ℓ lengthscale ·
 * ε share of the past that is forgotten per two intervals · σ² noise as a share of the signal variance s².
 *
 * Source: J. Parker-Holder, V. Nguyen, S. J. Roberts (2020), "Provably efficient online hyperparameter optimization with
 * population-based bandits", Sec. 4, https://arxiv.org/abs/2002.02518
 * Departs: ℓ, ε and σ² maximise the likelihood over a lattice, with s² in closed form, instead of by gradients: n is small, and the
 * answer is the same to the bit wherever it is computed.
 */
import { factorWithJitter, halfLogDeterminant, rowStart, solveLower, solveUpper } from "../../numerics/cholesky.ts";
import { minimizeInBox } from "../../numerics/minimize-in-box.ts";

export interface DriftingObservations {
  readonly count: number;
  readonly dimensionCount: number;
  /** (n, d) row-major, in [0, 1]. */
  readonly inputs: Float64Array;
  /** (n,) */
  readonly times: Float64Array;
}

interface Theta {
  readonly lengthscale: number;
  readonly forgetting: number;
  readonly noise: number;
}

export interface DriftingModel extends Theta, DriftingObservations {
  /** s². */
  readonly signal: number;
  /** (n,) C⁻¹ y, C being the covariance without s². */
  readonly weights: Float64Array;
}

const lengthscales = [0.1, 0.2, 0.4, 0.8, 1.6];
const forgettings = [0.01, 0.05, 0.15, 0.4];
const noises = [1e-3, 1e-2, 1e-1, 1];
// Where every gain is the same nothing can be learned from their spread.
const signalFloor = 1e-6;

/**
 * @param gains  (n,) Standardised.
 * @throws {RangeError} If there is no observation.
 *
 * Cost: O(n³) for each of 80 points of the lattice; n = 150 takes some tens of milliseconds.
 */
export function fitDrifting(observations: DriftingObservations, gains: Float64Array): DriftingModel {
  const { count: n } = observations;
  if (n < 1) throw new RangeError("no observation to fit a model to");
  let best: DriftingModel | null = null;
  let bestFit = Number.NEGATIVE_INFINITY;
  for (const lengthscale of lengthscales)
    for (const forgetting of forgettings)
      for (const noise of noises) {
        const theta = { lengthscale, forgetting, noise };
        const factor = factorOf(theta, observations);
        const weights = Float64Array.from(gains);
        solveLower(factor, n, weights);
        const signal = Math.max(signalFloor, weights.reduce((sum, value) => sum + value * value, 0) / n);
        solveUpper(factor, n, weights);
        const fit = -0.5 * n * Math.log(signal) - halfLogDeterminant(factor, n);
        if (fit > bestFit) {
          best = { ...theta, ...observations, signal, weights };
          bestFit = fit;
        }
      }
  return best as DriftingModel;
}

export interface UpperBoundQuestion {
  readonly model: DriftingModel;
  /** What is being tried now and has no result yet: it makes the model surer, not better. */
  readonly pending: DriftingObservations;
  readonly time: number;
  /** How many standard deviations above the mean. */
  readonly optimism: number;
}

export interface UpperBound {
  /** The bound at an input, and its gradient. */
  readonly value: (z: Float64Array, gradient: Float64Array) => number;
  /** Mean and standard deviation at an input. */
  readonly predict: (z: Float64Array) => { readonly mean: number; readonly sd: number };
}

/** The upper confidence bound of the gain at a time. */
export function upperBound({ model, pending, time, optimism }: UpperBoundQuestion): UpperBound {
  const { signal, weights, dimensionCount: d, lengthscale } = model;
  const all = joined(model, pending);
  const { count: m, inputs } = all;
  const factor = factorOf(model, all);
  const correlations = new Float64Array(m);
  const solved = new Float64Array(m);
  const at = { count: 1, dimensionCount: d, inputs: new Float64Array(d), times: Float64Array.of(time) };
  const predict = (z: Float64Array): { mean: number; sd: number } => {
    at.inputs.set(z);
    let mean = 0;
    for (let i = 0; i < m; i++) {
      correlations[i] = correlation(model, all, i, at, 0);
      if (i < weights.length) mean += weights[i] * correlations[i];
    }
    solved.set(correlations);
    solveLower(factor, m, solved);
    let explained = 0;
    for (let i = 0; i < m; i++) explained += solved[i] * solved[i];
    return { mean, sd: Math.sqrt(signal * Math.max(1e-9, 1 - explained)) };
  };
  return {
    predict,
    value(z, gradient) {
      const { mean, sd } = predict(z);
      solveUpper(factor, m, solved);
      gradient.fill(0);
      for (let i = 0; i < m; i++) {
        const slope = ((weights[i] ?? 0) - (optimism * signal * solved[i]) / sd) * correlations[i];
        for (let j = 0; j < d; j++) gradient[j] += (slope * (inputs[i * d + j] - z[j])) / lengthscale ** 2;
      }
      return mean + optimism * sd;
    },
  };
}

/** The best of local maxima of the bound, climbed from each start; the first `fixedCount` coordinates stay. */
export function climbBound(bound: UpperBound, starts: readonly Float64Array[], fixedCount: number): Float64Array {
  let best = starts[0];
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const start of starts) {
    const lower = start.map((value, j) => (j < fixedCount ? value : 0));
    const upper = start.map((value, j) => (j < fixedCount ? value : 1));
    const negated = (z: Float64Array, gradient: Float64Array): number => {
      const value = bound.value(z, gradient);
      for (let j = 0; j < gradient.length; j++) gradient[j] = -gradient[j];
      return -value;
    };
    const { x, value } = minimizeInBox(negated, start, lower, upper, { maxIterations: 50 });
    if (-value > bestValue) [best, bestValue] = [x, -value];
  }
  return best;
}

function joined(a: DriftingObservations, b: DriftingObservations): DriftingObservations {
  return {
    count: a.count + b.count,
    dimensionCount: a.dimensionCount,
    inputs: Float64Array.of(...a.inputs, ...b.inputs),
    times: Float64Array.of(...a.times, ...b.times),
  };
}

function correlation(theta: Theta, a: DriftingObservations, i: number, b: DriftingObservations, j: number): number {
  const { dimensionCount: d } = a;
  let distance2 = 0;
  for (let k = 0; k < d; k++) distance2 += (a.inputs[i * d + k] - b.inputs[j * d + k]) ** 2;
  const elapsed = Math.abs(a.times[i] - b.times[j]);
  return Math.exp(-distance2 / (2 * theta.lengthscale ** 2)) * (1 - theta.forgetting) ** (elapsed / 2);
}

/** L of C = L Lᵀ. */
function factorOf(theta: Theta, observations: DriftingObservations): Float64Array {
  const { count: n } = observations;
  const covariance = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) covariance[rowStart(i) + j] = correlation(theta, observations, i, observations, j);
    covariance[rowStart(i) + i] = 1 + theta.noise;
  }
  const factor = new Float64Array(rowStart(n));
  factorWithJitter(covariance, n, factor);
  return factor;
}
