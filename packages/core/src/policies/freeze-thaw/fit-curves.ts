import type { CurveTheta } from "./curve-kernel.ts";
import { type CurveObservations, curveLikelihood } from "./curve-posterior.ts";

// Fewer observations say nothing about the kernel.
const leastObservations = 6;
// Lengths of the steps, in standard deviations of what is believed beforehand.
const sweeps = [1, 0.5];

/**
 * The most probable θ of the kernel, near enough: from the middle of what is believed beforehand each coordinate in turn is moved up or
 * down by a step where that is better, twice, the second time by half the step.
 *
 * @returns (p,)
 *
 * Cost: at most 4 p likelihoods. No gradients: the answer is the same to the bit wherever it is computed, and a flat ridge costs nothing.
 */
export function fitCurves(theta: CurveTheta, observed: CurveObservations): Float64Array {
  const { means, sds } = theta;
  const at = means.slice();
  if (observed.values.length < leastObservations) return at;
  let best = logPosterior(theta, at, observed);
  for (const length of sweeps)
    for (let j = 0; j < at.length; j++) {
      const before = at[j];
      for (const step of [length * sds[j], -length * sds[j]]) {
        at[j] = before + step;
        const found = logPosterior(theta, at, observed);
        if (found > best) {
          best = found;
          break;
        }
        at[j] = before;
      }
    }
  return at;
}

function logPosterior(theta: CurveTheta, at: Float64Array, observed: CurveObservations): number {
  let prior = 0;
  for (let j = 0; j < at.length; j++) prior -= 0.5 * ((at[j] - theta.means[j]) / theta.sds[j]) ** 2;
  return prior + curveLikelihood(theta, at, observed);
}
