import type { KernelLayout } from "./kernel-layout.ts";
import { type LogPrior, logPriorOf } from "./log-prior.ts";
import type { Posterior } from "./posterior.ts";
import type { Utility } from "./utility.ts";

/** How much a trial at a point is worth by the models and the declared priors, as a logarithm. */
export class Acquisition {
  readonly #posteriors: readonly Posterior[];
  readonly #utility: Utility;
  readonly #priors: readonly (LogPrior | null)[];
  readonly #priorWeight: number;
  readonly #means: Float64Array;
  readonly #sds: Float64Array;
  readonly #byMean: Float64Array;
  readonly #bySd: Float64Array;
  readonly #dimensionCount: number;
  readonly #moments = new Float64Array(2);
  /** Per posterior (d,). */
  readonly #meanGradients: readonly Float64Array[];
  readonly #varianceGradients: readonly Float64Array[];

  /**
   * @param posteriors   One for each outcome of the utility.
   * @param priorWeight  β / n of the declared priors; 0 leaves them out.
   *
   * Source: priors: C. Hvarfner et al. (2022), "πBO: augmenting acquisition functions with user beliefs", eq. 6,
   * https://arxiv.org/abs/2204.11051
   */
  constructor(layout: KernelLayout, posteriors: readonly Posterior[], utility: Utility, priorWeight: number) {
    const d = layout.columns.length;
    this.#dimensionCount = d;
    this.#posteriors = posteriors;
    this.#utility = utility;
    this.#priors = priorWeight > 0 ? layout.dimensions.map(logPriorOf) : [];
    this.#priorWeight = priorWeight;
    this.#means = new Float64Array(posteriors.length);
    this.#sds = new Float64Array(posteriors.length);
    this.#byMean = new Float64Array(posteriors.length);
    this.#bySd = new Float64Array(posteriors.length);
    this.#meanGradients = posteriors.map(() => new Float64Array(d));
    this.#varianceGradients = posteriors.map(() => new Float64Array(d));
  }

  /** @param points (count, d) settled. @returns (count,) */
  values(points: Float64Array, count: number): Float64Array {
    const d = this.#dimensionCount;
    const means = this.#posteriors.map(() => new Float64Array(count));
    const variances = this.#posteriors.map(() => new Float64Array(count));
    this.#posteriors.forEach((posterior, o) => {
      posterior.predict(points, count, means[o], variances[o]);
    });
    return Float64Array.from({ length: count }, (_, c) => {
      for (let o = 0; o < means.length; o++) {
        this.#means[o] = means[o][c];
        this.#sds[o] = Math.sqrt(variances[o][c]);
      }
      return this.#utility.log(this.#means, this.#sds, this.#byMean, this.#bySd) + this.#priorAt(points, c * d);
    });
  }

  /** @param gradient (d,) Receives the slope along active numeric coordinates; the others are arbitrary. */
  valueAndGradient(point: Float64Array, gradient: Float64Array): number {
    this.#posteriors.forEach((posterior, o) => {
      posterior.predictWithGradient(point, this.#moments, this.#meanGradients[o], this.#varianceGradients[o]);
      this.#means[o] = this.#moments[0];
      this.#sds[o] = Math.sqrt(this.#moments[1]);
    });
    const value = this.#utility.log(this.#means, this.#sds, this.#byMean, this.#bySd);
    gradient.fill(0);
    for (let o = 0; o < this.#posteriors.length; o++) {
      const byVariance = this.#bySd[o] / (2 * this.#sds[o]);
      const meanGradient = this.#meanGradients[o];
      const varianceGradient = this.#varianceGradients[o];
      for (let j = 0; j < gradient.length; j++)
        gradient[j] += this.#byMean[o] * meanGradient[j] + byVariance * varianceGradient[j];
    }
    this.#priors.forEach((prior, j) => {
      if (prior !== null && !Number.isNaN(point[j])) gradient[j] += this.#priorWeight * prior.slope(point[j]);
    });
    return value + this.#priorAt(point, 0);
  }

  #priorAt(points: Float64Array, at: number): number {
    let sum = 0;
    for (let j = 0; j < this.#priors.length; j++) {
      const prior = this.#priors[j];
      if (prior !== null && !Number.isNaN(points[at + j])) sum += prior.log(points[at + j]);
    }
    return this.#priorWeight * sum;
  }
}
