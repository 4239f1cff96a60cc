import { nonDominatedRanks } from "../../numerics/pareto-ranks.ts";

/** Trials to choose among, in ascending order of trial number. */
export interface Candidates {
  /** Number of objectives, at least 1. */
  readonly m: number;
  /** (n, m) row-major, minimised, not NaN; may be infinite. */
  readonly losses: Float64Array;
  /** (n,) Sum of the constraint violations in [0, ∞], 0 = feasible. */
  readonly violations: Float64Array;
}

/**
 * Ranks under constraint domination, 0 = best: the feasible ones by non-domination, after them the infeasible ones by the sum of
 * their violations. Equal ones share a rank.
 *
 * @returns  (n,)
 *
 * Cost: that of the non-dominated sort.
 * Source: K. Deb et al. (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", Sec. VI.
 * https://doi.org/10.1109/4235.996017
 */
export function constrainedRanks({ m, losses, violations }: Candidates): Int32Array {
  const n = violations.length;
  const infeasible = Int32Array.from({ length: n }, (_, i) => i).filter((i) => violations[i] > 0);
  if (infeasible.length === 0) return nonDominatedRanks(losses, n, m);
  const feasible = Int32Array.from({ length: n }, (_, i) => i).filter((i) => !(violations[i] > 0));
  const ranks = new Int32Array(n);
  const feasibleRanks = nonDominatedRanks(gatherRows(losses, feasible, m), feasible.length, m);
  let rank = -1;
  feasibleRanks.forEach((r, at) => {
    ranks[feasible[at]] = r;
    rank = Math.max(rank, r);
  });
  infeasible.sort((i, j) => (violations[i] === violations[j] ? 0 : violations[i] - violations[j]) || i - j);
  infeasible.forEach((i, at) => {
    if (at === 0 || violations[i] > violations[infeasible[at - 1]]) rank++;
    ranks[i] = rank;
  });
  return ranks;
}

/** Rows `indices` of an (n, width) array, in their order. */
export function gatherRows(values: Float64Array, indices: ArrayLike<number>, width: number): Float64Array {
  const gathered = new Float64Array(indices.length * width);
  for (let at = 0; at < indices.length; at++) {
    for (let k = 0; k < width; k++) gathered[at * width + k] = values[indices[at] * width + k];
  }
  return gathered;
}

/** Candidates of each rank, ascending by index. */
export function frontsOf(ranks: Int32Array): number[][] {
  const fronts: number[][] = [];
  for (let i = 0; i < ranks.length; i++) {
    while (fronts.length <= ranks[i]) fronts.push([]);
    fronts[ranks[i]].push(i);
  }
  return fronts;
}
