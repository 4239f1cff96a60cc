/**
 * How wide to search around the best trial of a high-dimensional space: wider after improvements, narrower after a streak without.
 *
 * Source: D. Eriksson et al. (2019), "Scalable global optimization via local Bayesian optimization" (TuRBO), Sec. 2 and App. D,
 * https://arxiv.org/abs/1910.01739: L from 0.8 in [2⁻⁷, 1.6], doubled after 3 successes, halved after max(4, d) failures; a success lowers
 * the best loss by a thousandth of itself; side lengths in the proportion of the lengthscales.
 * Departs: below 2⁻⁷ the region opens to its first width around the best of all trials, instead of beginning anew elsewhere.
 */

const FIRST_WIDTH = 0.8;
const LEAST_WIDTH = 2 ** -7;
const GREATEST_WIDTH = 1.6;
const SUCCESS_LIMIT = 3;
const IMPROVEMENT = 1e-3;

/**
 * Width of the region, as a share of the unit cube.
 *
 * @param losses        (n,) finite, in the order in which the trials finished.
 * @param startupCount  Losses before the model chose trials; they change nothing.
 */
export function trustRegionWidth(losses: Float64Array, startupCount: number, d: number): number {
  const failureLimit = Math.max(4, d);
  let width = FIRST_WIDTH;
  let successCount = 0;
  let failureCount = 0;
  let best = Infinity;
  losses.forEach((loss, i) => {
    const isSuccess = loss < best - IMPROVEMENT * Math.abs(best);
    best = Math.min(best, loss);
    if (i < startupCount) return;
    successCount = isSuccess ? successCount + 1 : 0;
    failureCount = isSuccess ? 0 : failureCount + 1;
    if (successCount === SUCCESS_LIMIT) {
      width = Math.min(2 * width, GREATEST_WIDTH);
      successCount = 0;
    } else if (failureCount === failureLimit) {
      width = width / 2 < LEAST_WIDTH ? FIRST_WIDTH : width / 2;
      failureCount = 0;
    }
  });
  return width;
}

/**
 * The region's ends (d,) within the unit cube; a choice is never confined.
 *
 * @param centre          (d,)
 * @param inverseLengths  (d,) 1 / ℓ.
 */
export function trustRegion(
  centre: Float64Array,
  inverseLengths: Float64Array,
  isChoice: (j: number) => boolean,
  width: number,
): { readonly lower: Float64Array; readonly upper: Float64Array } {
  const d = centre.length;
  const meanLog = inverseLengths.reduce((sum, inverse) => sum - Math.log(inverse), 0) / d;
  const halfSides = inverseLengths.map((inverse) => 0.5 * width * Math.exp(-Math.log(inverse) - meanLog));
  return {
    lower: centre.map((u, j) => (isChoice(j) ? 0 : Math.max(0, u - halfSides[j]))),
    upper: centre.map((u, j) => (isChoice(j) ? 1 : Math.min(1, u + halfSides[j]))),
  };
}
