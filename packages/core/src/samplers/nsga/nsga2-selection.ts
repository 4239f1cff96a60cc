/**
 * Selection of NSGA-II.
 *
 * symbol   meaning
 * R        candidates: the population and everything that finished since it was chosen
 * N        how many survive
 * F_r      r-th non-dominated front of R
 *
 * Source: K. Deb, A. Pratap, S. Agarwal, T. Meyarivan (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", Sec. III
 * and VI. https://doi.org/10.1109/4235.996017
 */
import { crowdingDistances } from "../../numerics/pareto-ranks.ts";
import { type Candidates, constrainedRanks, frontsOf, gatherRows } from "./constrained-ranks.ts";

/** What decides between two of a population: smaller rank, then larger crowding; equal ones are decided by chance. */
export interface Fitness {
  /** (n,) */
  readonly ranks: Int32Array;
  /** (n,) in [0, ∞]. */
  readonly crowding: Float64Array;
}

/** Rank of every candidate and its crowding distance within its front (the crowded-comparison operator ≺ₙ, Sec. III-B). */
export function crowdedFitness(candidates: Candidates): Fitness {
  const ranks = constrainedRanks(candidates);
  const crowding = new Float64Array(ranks.length);
  for (const front of frontsOf(ranks)) {
    const distances = crowdingOf(candidates, front);
    for (let at = 0; at < front.length; at++) crowding[front[at]] = distances[at];
  }
  return { ranks, crowding };
}

/**
 * The N best of R: whole fronts F_0, F_1, … as long as they fit, of the first that does not the loneliest (Sec. III-C).
 *
 * @returns  (≤ N,) indices, ascending. Ties go to the lower index.
 */
export function selectByCrowding(candidates: Candidates, N: number): Int32Array {
  const chosen: number[] = [];
  for (const front of frontsOf(constrainedRanks(candidates))) {
    const left = N - chosen.length;
    if (left === 0) break;
    chosen.push(...(front.length <= left ? front : loneliest(candidates, front, left)));
  }
  return Int32Array.from(chosen).sort();
}

function loneliest(candidates: Candidates, front: readonly number[], count: number): number[] {
  const distances = crowdingOf(candidates, front);
  const order = front.map((_, at) => at);
  order.sort((a, b) => (distances[a] === distances[b] ? a - b : distances[b] - distances[a]));
  return order.slice(0, count).map((at) => front[at]);
}

function crowdingOf({ losses, m }: Candidates, front: readonly number[]): Float64Array {
  return crowdingDistances(gatherRows(losses, front, m), front.length, m);
}
