import { factorWithJitter, halfLogDeterminant, rowStart, solveLower, solveUpper } from "../../numerics/cholesky.ts";
import {
  type CurveKernel,
  type CurveTheta,
  createCurveKernel,
  curveCovariance,
  fallCovariance,
  fillAlikeness,
  scaledConfigs,
} from "./curve-kernel.ts";

/** What was seen of some curves. */
export interface CurveObservations {
  readonly curveCount: number;
  /** (curves, d) Configs in model coordinates. */
  readonly points: Float64Array;
  /** (n,) Which curve each observation is of. */
  readonly curves: Int32Array;
  /** (n,) Shares of the greatest fidelity. */
  readonly times: Float64Array;
  /** (≤ n,) Scaled losses; observations beyond them are under way, and taken to come out as expected. */
  readonly values: Float64Array;
}

/** Mean and standard deviation of a scaled loss, without the noise of its report. */
export interface CurvePrediction {
  readonly mean: number;
  readonly sd: number;
}

/** What is believed of curves after what was seen of them. */
export interface CurvePosterior {
  readonly noise: number;
  /** At a time of a curve that was observed. */
  ofCurve(curve: number, time: number): CurvePrediction;
  /** Its mean only: linear in the number of observations instead of quadratic. */
  meanOfCurve(curve: number, time: number): number;
  /** At a time of a curve that has not begun. @param point  (d,) in model coordinates. */
  ofConfig(point: Float64Array, time: number): CurvePrediction;
}

/** The covariance of the observations, and what it is made of. */
interface Gram {
  readonly kernel: CurveKernel;
  /** (curves, d) */
  readonly z: Float64Array;
  /** Packed lower triangle over curves, M. */
  readonly alike: Float64Array;
  /** (u,) Different times, and which of them each observation has (n,): they are few, and their covariances costly. */
  readonly moments: Float64Array;
  readonly momentOf: Int32Array;
  /** (u,) φ(t). */
  readonly falls: Float64Array;
  /** L of K + σ² I. */
  readonly factor: Float64Array;
}

/**
 * @throws {RangeError} If the covariance is not positive definite to working precision.
 *
 * Cost: O(n³ / 6).
 */
export function conditionCurves(theta: CurveTheta, at: Float64Array, observed: CurveObservations): CurvePosterior {
  const gram = factorGram(theta, at, observed);
  if (gram === null) throw new RangeError("the covariance of the curves is not positive definite");
  const n = observed.times.length;
  const known = observed.values.length;
  // The mean comes from what is known; what is under way makes the model surer, not better.
  const weights = new Float64Array(n);
  weights.set(observed.values);
  solveLower(gram.factor, known, weights);
  solveUpper(gram.factor, known, weights);
  return new Posterior(gram, observed, weights);
}

/** The logarithm of the density of the observations, but for a constant; −∞ where it cannot be computed. */
export function curveLikelihood(theta: CurveTheta, at: Float64Array, observed: CurveObservations): number {
  const gram = factorGram(theta, at, observed);
  if (gram === null) return Number.NEGATIVE_INFINITY;
  const n = observed.values.length;
  const solved = observed.values.slice();
  solveLower(gram.factor, n, solved);
  let square = 0;
  for (let i = 0; i < n; i++) square += solved[i] * solved[i];
  return -0.5 * square - halfLogDeterminant(gram.factor, n);
}

function factorGram(theta: CurveTheta, at: Float64Array, observed: CurveObservations): Gram | null {
  const kernel = createCurveKernel(theta, at);
  const { curveCount, points, curves, times } = observed;
  const n = times.length;
  const z = scaledConfigs(kernel, points);
  const d = theta.layout.columns.length;
  const alike = new Float64Array(rowStart(curveCount));
  for (let c = 0; c < curveCount; c++) fillAlikeness(kernel, z, c + 1, z, c * d, alike, rowStart(c));
  const { moments, momentOf } = distinctTimes(times);
  const u = moments.length;
  const falls = moments.map((time) => fallCovariance(kernel, time));
  const pairs = new Float64Array(u * u);
  for (let a = 0; a < u; a++)
    for (let b = 0; b <= a; b++) pairs[a * u + b] = pairs[b * u + a] = fallCovariance(kernel, moments[a] + moments[b]);
  const covariance = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++) {
    const row = rowStart(i);
    const m = momentOf[i];
    for (let j = 0; j <= i; j++) {
      const near = alikeness(alike, curves[i], curves[j]);
      const fall = pairs[m * u + momentOf[j]];
      covariance[row + j] = curveCovariance(kernel, near, curves[i] === curves[j], fall, falls[m] * falls[momentOf[j]]);
    }
    covariance[row + i] += kernel.noise;
  }
  const factor = new Float64Array(rowStart(n));
  return Number.isNaN(factorWithJitter(covariance, n, factor)) ? null : { kernel, z, alike, moments, momentOf, falls, factor };
}

function distinctTimes(times: Float64Array): Pick<Gram, "moments" | "momentOf"> {
  const places = new Map<number, number>();
  const momentOf = new Int32Array(times.length);
  for (let i = 0; i < times.length; i++) {
    const place = places.get(times[i]) ?? places.size;
    places.set(times[i], place);
    momentOf[i] = place;
  }
  return { moments: Float64Array.from(places.keys()), momentOf };
}

function alikeness(alike: Float64Array, a: number, b: number): number {
  return a >= b ? alike[rowStart(a) + b] : alike[rowStart(b) + a];
}

// Differences of nearly equal numbers; no prediction is surer than this.
const leastVariance = 1e-10;

class Posterior implements CurvePosterior {
  readonly noise: number;
  readonly #gram: Gram;
  readonly #observed: CurveObservations;
  readonly #weights: Float64Array;
  /** (curves,) M of the asked config with each. */
  readonly #alike: Float64Array;
  /** (n,) Covariances with the observations. */
  readonly #row: Float64Array;
  /** (u,) κ of the asked time with each. */
  readonly #falls: Float64Array;

  constructor(gram: Gram, observed: CurveObservations, weights: Float64Array) {
    this.noise = gram.kernel.noise;
    this.#gram = gram;
    this.#observed = observed;
    this.#weights = weights;
    this.#alike = new Float64Array(observed.curveCount);
    this.#row = new Float64Array(observed.times.length);
    this.#falls = new Float64Array(gram.moments.length);
  }

  ofCurve(curve: number, time: number): CurvePrediction {
    this.#alignWithCurve(curve);
    return this.#predict(curve, time);
  }

  meanOfCurve(curve: number, time: number): number {
    this.#alignWithCurve(curve);
    this.#fillRow(curve, time);
    return this.#mean();
  }

  ofConfig(point: Float64Array, time: number): CurvePrediction {
    const { kernel, z } = this.#gram;
    const q = scaledConfigs(kernel, point);
    fillAlikeness(kernel, z, this.#alike.length, q, 0, this.#alike, 0);
    return this.#predict(-1, time);
  }

  #alignWithCurve(curve: number): void {
    for (let c = 0; c < this.#alike.length; c++) this.#alike[c] = alikeness(this.#gram.alike, curve, c);
  }

  #fillRow(curve: number, time: number): void {
    const { kernel, falls, moments, momentOf } = this.#gram;
    const { curves } = this.#observed;
    const own = fallCovariance(kernel, time);
    for (let m = 0; m < moments.length; m++) this.#falls[m] = fallCovariance(kernel, moments[m] + time);
    for (let i = 0; i < this.#row.length; i++) {
      const c = curves[i];
      const m = momentOf[i];
      this.#row[i] = curveCovariance(kernel, this.#alike[c], c === curve, this.#falls[m], falls[m] * own);
    }
  }

  #mean(): number {
    let mean = 0;
    for (let i = 0; i < this.#row.length; i++) mean += this.#weights[i] * this.#row[i];
    return mean;
  }

  #predict(curve: number, time: number): CurvePrediction {
    const { kernel, factor } = this.#gram;
    this.#fillRow(curve, time);
    const mean = this.#mean();
    const n = this.#row.length;
    solveLower(factor, n, this.#row);
    let variance = curveCovariance(kernel, 1, true, fallCovariance(kernel, 2 * time), fallCovariance(kernel, time) ** 2);
    for (let i = 0; i < n; i++) variance -= this.#row[i] * this.#row[i];
    return { mean, sd: Math.sqrt(Math.max(leastVariance, variance)) };
  }
}
