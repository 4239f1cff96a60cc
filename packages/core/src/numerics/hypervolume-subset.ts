import { checkHypervolumeArguments, exclusiveHypervolume } from "./hypervolume.ts";

/**
 * Chooses points one by one, each time the one that adds the most hypervolume to those chosen before. The chosen set
 * reaches at least 1 − 1/e = 63 % of the best hypervolume that as many points can have.
 *
 * @param losses       (n, m) row-major. Objective values, every one minimised; −∞ only in points outside the reference.
 * @param reference    (m,) The worst corner, finite.
 * @param subsetCount  How many to choose, 0 … n.
 * @returns            (subsetCount,) Indices in the order of choice. Ties go to the lower index, so points that add
 *                     nothing come last and by index.
 * @throws {RangeError} If an array has the wrong length, a loss is NaN, a point inside the reference is −∞, the
 *                      reference is not finite, or `subsetCount` is outside its range.
 *
 * Cost: about subsetCount × n hypervolumes of at most subsetCount points at worst, far fewer in practice.
 * Source: A. P. Guerreiro, C. M. Fonseca, L. Paquete (2016), "Greedy hypervolume subset selection in low dimensions",
 * https://doi.org/10.1162/EVCO_a_00188; lazy evaluation: M. Minoux (1978), https://doi.org/10.1007/BFb0006528
 */
export function greedyHypervolumeSubset(
  losses: Float64Array,
  n: number,
  m: number,
  reference: ArrayLike<number>,
  subsetCount: number,
): Int32Array {
  checkHypervolumeArguments(losses, n, m, reference);
  if (!Number.isInteger(subsetCount) || subsetCount < 0 || subsetCount > n) {
    throw new RangeError(`subsetCount is ${subsetCount}, must be a whole number from 0 to n = ${n}`);
  }
  const chosen = new Int32Array(subsetCount);
  const bounds = boxVolumes(losses, n, m, reference);
  // What a point adds never grows while others are chosen, so an old value is an upper bound of the present one: a
  // point whose present value tops all bounds need not be compared with the others' present values.
  const knownFor = new Int32Array(n);
  for (let count = 0; count < subsetCount; ) {
    const best = firstLargest(bounds);
    if (knownFor[best] === count) {
      chosen[count++] = best;
      bounds[best] = -1;
    } else {
      bounds[best] = Math.min(bounds[best], exclusiveHypervolume(losses, m, reference, best, chosen, count));
      knownFor[best] = count;
    }
  }
  return chosen;
}

/** (n,) What each point would add to an empty set. */
function boxVolumes(losses: Float64Array, n: number, m: number, reference: ArrayLike<number>): Float64Array {
  const volumes = new Float64Array(n);
  const nobody = new Int32Array(0);
  for (let i = 0; i < n; i++) {
    volumes[i] = exclusiveHypervolume(losses, m, reference, i, nobody, 0);
    if (!(volumes[i] < Infinity)) throw new RangeError(`point ${i} has an objective of -Infinity, must be finite`);
  }
  return volumes;
}

function firstLargest(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[at]) at = i;
  return at;
}
