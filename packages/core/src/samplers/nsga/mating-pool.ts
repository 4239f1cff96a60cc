import type { Rng } from "../../numerics/rng.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { type Candidates, gatherRows } from "./constrained-ranks.ts";
import type { Fitness } from "./nsga2-selection.ts";

/** What the algorithms of this family differ in. */
export interface Selection {
  /** @returns  (≤ count,) indices of the survivors, ascending. */
  select(candidates: Candidates, count: number, rng: Rng): Int32Array;
  fitness(candidates: Candidates): Fitness;
}

/** The population that a generation's children come from. */
export interface MatingPool {
  /** (n,) Trial numbers, ascending. */
  readonly numbers: Int32Array;
  /** (n, d) Their points. */
  readonly points: Float64Array;
  readonly fitness: Fitness;
  /** How many nobody in the population dominates. */
  readonly frontCount: number;
}

export function matingPool(problem: Problem, history: History, rows: Int32Array, selection: Selection): MatingPool {
  const fitness = selection.fitness(candidatesOf(problem, history, rows));
  return {
    numbers: rows.map((row) => history.numbers[row]),
    points: gatherRows(history.points, rows, history.dimensionCount),
    fitness,
    frontCount: fitness.ranks.filter((rank) => rank === 0).length,
  };
}

export function candidatesOf({ outcomeConstraints }: Problem, history: History, rows: Int32Array): Candidates {
  const { losses, violations, objectiveCount: m } = history;
  const isConstrained = outcomeConstraints.length > 0;
  return {
    m,
    losses: gatherRows(losses, rows, m),
    violations: Float64Array.from(rows, (row) => (isConstrained ? violationOf(violations[row]) : 0)),
  };
}

/** An unknown violation is the worst. */
function violationOf(violation: number): number {
  return Number.isNaN(violation) ? Infinity : Math.max(0, violation);
}

/**
 * Those of some rows that may be parents, ascending by trial number: complete ones, and stopped ones that reached the full fidelity;
 * when there are none, the other stopped ones. Without a loss nothing is a parent.
 */
export function possibleParents({ fidelity }: Problem, history: History, rows: readonly number[]): Int32Array {
  const { states, fidelities, numbers } = history;
  const known = rows.filter((row) => hasLosses(history, row)).sort((a, b) => numbers[a] - numbers[b]);
  const full = known.filter((row) => {
    if (states[row] === trialStateCodes.complete) return true;
    return states[row] === trialStateCodes.stopped && fidelity !== null && fidelities[row] >= fidelity.max;
  });
  if (full.length > 0) return Int32Array.from(full);
  return Int32Array.from(known.filter((row) => states[row] === trialStateCodes.stopped));
}

function hasLosses({ losses, objectiveCount: m }: History, row: number): boolean {
  for (let k = 0; k < m; k++) if (Number.isNaN(losses[row * m + k])) return false;
  return true;
}

/** Winner of a binary tournament. */
export function drawParent({ numbers, fitness: { ranks, crowding } }: MatingPool, rng: Rng): number {
  const i = rng.int(numbers.length);
  const k = rng.int(numbers.length);
  if (ranks[i] !== ranks[k]) return ranks[i] < ranks[k] ? i : k;
  return crowding[k] > crowding[i] ? k : i;
}
