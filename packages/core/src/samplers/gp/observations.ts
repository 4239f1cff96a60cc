import { nonDominatedRanks } from "../../numerics/pareto-ranks.ts";
import { createRng } from "../../numerics/rng.ts";
import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/** What a history says, as the models need it. All rows are rows of the history. */
export interface Observations {
  /** Trials with losses, as they finished; paused ones last. */
  readonly results: Int32Array;
  /** (results, m) finite. */
  readonly losses: Float64Array;
  /** (results,) 1 where the losses are those of a complete trial. */
  readonly isComplete: Uint8Array;
  /** Trials without losses that are still to come, by number. */
  readonly pending: Int32Array;
  /** Trials that failed or whose result was NaN, as they finished. */
  readonly failed: Int32Array;
}

// Rows of the model cost n² each; more than this many trials under way are not told apart by it.
const PENDING_LIMIT = 100;
const FAILED_LIMIT = 200;

/**
 * Sorts the trials of a history. Infinite losses become the worst or best finite one of their objective. Cancelled trials say nothing.
 *
 * Departs: models of one fidelity usually drop trials that were stopped early; under successive halving too few would be left. Each counts with its
 * last loss, but as no better than the median of the complete ones: it was stopped because it was not.
 */
export function observe(history: History): Observations {
  const { rows, states, losses, fidelities, objectiveCount: m } = history;
  const results: number[] = [];
  const pending: number[] = [];
  const failed: number[] = [];
  for (const row of rows) {
    const state = states[row];
    const hasLosses = isKnown(losses, row, m);
    if (state === trialStateCodes.complete) (hasLosses ? results : failed).push(row);
    else if (state === trialStateCodes.failed) failed.push(row);
    else if (state === trialStateCodes.stopped) {
      if (hasLosses) results.push(row);
    } else if (state === trialStateCodes.paused && hasLosses && !Number.isNaN(fidelities[row])) results.push(row);
    else if (state !== trialStateCodes.cancelled && hasPoint(history, row)) pending.push(row);
  }
  const byEnd = byFinish(history);
  const ordered = Int32Array.from(results.sort(byEnd));
  const isComplete = Uint8Array.from(ordered, (row) => (states[row] === trialStateCodes.complete ? 1 : 0));
  return {
    results: ordered,
    losses: modelledLosses(history, ordered, isComplete),
    isComplete,
    pending: Int32Array.from(pending.slice(0, PENDING_LIMIT)),
    failed: Int32Array.from(failed.sort(byEnd).slice(-FAILED_LIMIT)),
  };
}

function isKnown(losses: Float64Array, row: number, m: number): boolean {
  for (let k = 0; k < m; k++) if (Number.isNaN(losses[row * m + k])) return false;
  return true;
}

/** Not that of an enqueued trial with open values. */
function hasPoint({ points, dimensionCount: d }: History, row: number): boolean {
  for (let j = 0; j < d; j++) if (!Number.isNaN(points[row * d + j])) return true;
  return false;
}

function byFinish({ finishSeqs, numbers }: History): (a: number, b: number) => number {
  return (a, b) => {
    const [endA, endB] = [finishSeqs[a], finishSeqs[b]].map((end) => (Number.isNaN(end) ? Infinity : end));
    return endA === endB ? numbers[a] - numbers[b] : endA - endB;
  };
}

function modelledLosses({ losses, objectiveCount: m }: History, rows: Int32Array, isComplete: Uint8Array): Float64Array {
  const out = new Float64Array(rows.length * m);
  for (let k = 0; k < m; k++) {
    const column = Float64Array.from(rows, (row) => losses[row * m + k]);
    const finite = column.filter(Number.isFinite).sort();
    const [low, high] = finite.length > 0 ? [finite[0], finite[finite.length - 1]] : [0, 0];
    const clipped = column.map((loss) => Math.min(high, Math.max(low, loss)));
    const complete = clipped.filter((_, i) => isComplete[i] === 1).sort();
    const median = complete.length > 0 ? complete[complete.length >> 1] : -Infinity;
    for (let i = 0; i < rows.length; i++) out[i * m + k] = isComplete[i] ? clipped[i] : Math.max(clipped[i], median);
  }
  return out;
}

const EXACT_LIMIT = 500;
const NEAREST_COUNT = 300;
const BEST_COUNT = 200;
const SPREAD_COUNT = 100;

/**
 * Which results to model when there are more than 500: the 300 nearest to the best, the 200 best and 100 others, the same from one
 * suggestion to the next. Indices into `results`, ascending. Of several objectives the best are those of the first fronts.
 *
 * @param pointsOf  (n, d) points of the results, NaN where inactive.
 */
export function modelledSubset(history: History, { results, losses }: Observations, pointsOf: () => Float64Array): Int32Array {
  const n = results.length;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  if (n <= EXACT_LIMIT) return all;
  const m = history.objectiveCount;
  const points = pointsOf();
  const d = points.length / n;
  const ranks = m === 1 ? losses : nonDominatedRanks(losses, n, m);
  const order = all.slice().sort((a, b) => ranks[a] - ranks[b] || a - b);
  const chosen = new Uint8Array(n);
  for (const i of order.subarray(0, BEST_COUNT)) chosen[i] = 1;
  takeLeast(
    chosen,
    all.slice(),
    Float64Array.from(all, (i) => squaredDistance(points, i * d, order[0] * d, d)),
    NEAREST_COUNT,
  );
  takeLeast(
    chosen,
    all.slice(),
    Float64Array.from(results, (row) => createRng(0, "gp-subset", history.numbers[row]).uint32()),
    SPREAD_COUNT,
  );
  return all.filter((i) => chosen[i] === 1);
}

/** Marks the `count` indices with the smallest keys, ties by index. Sorts `indices`. */
function takeLeast(chosen: Uint8Array, indices: Int32Array, keys: Float64Array, count: number): void {
  indices.sort((a, b) => keys[a] - keys[b] || a - b);
  for (const i of indices.subarray(0, count)) chosen[i] = 1;
}

/** Choices and conditions count as a distance of 1. */
function squaredDistance(points: Float64Array, a: number, b: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const delta = points[a + j] - points[b + j];
    if (!Number.isNaN(delta)) sum += delta * delta;
    else if (Number.isNaN(points[a + j]) !== Number.isNaN(points[b + j])) sum++;
  }
  return sum;
}
