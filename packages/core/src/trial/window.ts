import { crowdingDistances, nonDominatedRanks } from "../numerics/pareto-ranks.ts";
import { trialStateCodes } from "./trial-state.ts";

/** Counts of finished trials, see `windowSizes`. */
export interface WindowSizes {
  readonly all: number;
  readonly best: number;
  readonly newest: number;
  readonly refresh: number;
}

/**
 * The part of a study that samplers see, H(S).
 *
 * Up to `all` finished trials: everything. When the (all + 1)-th finishes, and at every `refresh`-th after it, the view shrinks to the
 * `best` by loss, the `newest` by finish and the unfinished; what finishes in between is added.
 */
export const windowSizes: WindowSizes = Object.freeze({ all: 10_000, best: 2_000, newest: 5_000, refresh: 1_000 });

/** Whether the view shrinks right after the `finishedCount`-th trial has finished. */
export function isWindowRefresh(finishedCount: number, sizes: WindowSizes = windowSizes): boolean {
  return finishedCount > sizes.all && (finishedCount - sizes.all - 1) % sizes.refresh === 0;
}

/** Number of finished trials at the last shrinking; 0 if there was none yet. */
export function lastWindowRefresh(finishedCount: number): number {
  if (finishedCount <= windowSizes.all) return 0;
  return finishedCount - ((finishedCount - windowSizes.all - 1) % windowSizes.refresh);
}

/** Columns that `selectBest` orders by, indexed by row. */
export interface LossColumns {
  readonly objectiveCount: number;
  readonly numbers: Int32Array;
  readonly states: Uint8Array;
  readonly losses: Float64Array;
}

/** Columns that a shrinking looks at, indexed by row. */
export interface FinishColumns extends LossColumns {
  readonly finishSeqs: Float64Array;
}

/** Those of some finished rows that a shrinking keeps: the best and the newest. */
export function keptFinished(finished: readonly number[], columns: FinishColumns, sizes: WindowSizes): Set<number> {
  const { finishSeqs } = columns;
  const newest = [...finished].sort((a, b) => finishSeqs[b] - finishSeqs[a]).slice(0, sizes.newest);
  return new Set([...selectBest(finished, columns, sizes.best), ...newest]);
}

/**
 * The finished trials that are still in view after all have finished one by one.
 *
 * With one objective that is what `selectWindow` chooses at once. With several it is not: rank and crowding depend on which trials
 * they are taken among, and each shrinking chooses among those that the one before has kept.
 *
 * @param inView         Rows in the order they finished; those that are not in `columns` (null) only count.
 * @returns Rows, in no particular order.
 */
export function replayWindow(
  inView: readonly (number | null)[],
  columns: FinishColumns,
  sizes: WindowSizes = windowSizes,
): Set<number> {
  let view = new Set<number>();
  inView.forEach((row, i) => {
    if (row !== null) view.add(row);
    if (isWindowRefresh(i + 1, sizes)) view = keptFinished([...view], columns, sizes);
  });
  return view;
}

/**
 * The best `count` of the complete ones among `rows` that have finite losses: by loss, with several objectives by non-dominated rank, then by larger
 * crowding distance in the rank; ties by trial number.
 */
export function selectBest(rows: readonly number[], columns: LossColumns, count: number): number[] {
  const { objectiveCount: m, numbers, losses, states } = columns;
  const finite = rows.filter((row) => {
    if (states[row] !== trialStateCodes.complete) return false;
    for (let k = 0; k < m; k++) if (!Number.isFinite(losses[row * m + k])) return false;
    return true;
  });
  if (m === 1) return finite.sort((a, b) => losses[a] - losses[b] || numbers[a] - numbers[b]).slice(0, count);
  // Crowding breaks ties by position.
  finite.sort((a, b) => numbers[a] - numbers[b]);
  const flat = new Float64Array(finite.length * m);
  finite.forEach((row, i) => {
    flat.set(losses.subarray(row * m, (row + 1) * m), i * m);
  });
  const ranks = nonDominatedRanks(flat, finite.length, m);
  const crowding = crowdingByRank(flat, ranks, m);
  return finite
    .map((row, i) => ({ row, i }))
    .sort((a, b) => ranks[a.i] - ranks[b.i] || crowding[b.i] - crowding[a.i] || numbers[a.row] - numbers[b.row])
    .slice(0, count)
    .map(({ row }) => row);
}

function crowdingByRank(losses: Float64Array, ranks: Int32Array, m: number): Float64Array {
  const crowding = new Float64Array(ranks.length);
  const fronts = new Map<number, number[]>();
  ranks.forEach((rank, i) => {
    const front = fronts.get(rank);
    if (front === undefined) fronts.set(rank, [i]);
    else front.push(i);
  });
  for (const front of fronts.values()) {
    const flat = new Float64Array(front.length * m);
    front.forEach((i, at) => {
      flat.set(losses.subarray(i * m, (i + 1) * m), at * m);
    });
    const distances = crowdingDistances(flat, front.length, m);
    front.forEach((i, at) => {
      crowding[i] = distances[at] === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : distances[at];
    });
  }
  return crowding;
}
