import { greedyHypervolumeSubset } from "../../numerics/hypervolume-subset.ts";
import { crowdingDistances, nonDominatedRanks } from "../../numerics/pareto-ranks.ts";
import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import type { Arena } from "./arena.ts";

/** Which trials the two densities are made of. */
export interface Split {
  /** Trials with a result: complete, stopped, or paused after a report. */
  readonly finishedCount: number;
  /** Rows of the good ones and of all others (also failed, running and queued ones), ascending by trial number. */
  readonly below: Int32Array;
  readonly above: Int32Array;
}

// Above this many objectives a hypervolume costs too much.
const HYPERVOLUME_LIMIT = 6;
// Among this many points, or twice those wanted, there are some as good as the best.
const ELIGIBLE_LEAST = 100;

// What a trial is to the split. Cancelled and invisible ones are 0.
const FEASIBLE = 1;
const HALTED = 2;
const INFEASIBLE = 3;
const OPEN = 4;
const GOOD = 5;

/**
 * Splits the history into the best n_b trials and the rest.
 *
 * Order: feasible complete trials by loss (several objectives: by non-dominated rank, the last rank that fits only in part by
 * greedy hypervolume), then stopped ones by greater fidelity and smaller last loss, then infeasible ones by smaller total
 * violation; ties by trial number. Failed trials are bad ones (the parameters are taken to be the cause), so are pending
 * ones (they repel the next suggestion); cancelled trials say nothing. A NaN result counts as failed.
 *
 * @param goodCount  n_b as a function of the number of trials with a result.
 * @param arena      Gives the memory of the result.
 *
 * Source: Y. Ozaki et al. (2022), "Multiobjective tree-structured Parzen estimator" (several objectives),
 * https://doi.org/10.1613/jair.1.13188; pending trials as bad: the "constant liar" of D. Ginsbourger et al. (2010).
 */
export function splitHistory(history: History, constrained: boolean, goodCount: (n: number) => number, arena: Arena): Split {
  const { rows } = history;
  const kinds = arena.int32(history.states.length).fill(0);
  const counts = new Int32Array(OPEN + 1);
  for (let i = 0; i < rows.length; i++) {
    const kind = kindOf(history, rows[i], constrained);
    kinds[rows[i]] = kind;
    counts[kind]++;
  }
  const [feasible, halted, infeasible] = [FEASIBLE, HALTED, INFEASIBLE].map((kind) =>
    rowsOf(kinds, kind, kind, counts[kind], rows, arena),
  );
  const finishedCount = feasible.length + halted.length + infeasible.length;
  const count = goodCount(finishedCount);
  const good = [...bestFeasible(history, feasible, count)];
  good.push(...bestOf(halted, count - good.length, byFidelity(history)));
  good.push(...bestOf(infeasible, count - good.length, byColumn(history.violations, history)));
  for (const row of good) kinds[row] = GOOD;
  return {
    finishedCount,
    below: Int32Array.from(good).sort((a, b) => history.numbers[a] - history.numbers[b]),
    above: rowsOf(kinds, FEASIBLE, OPEN, finishedCount + counts[OPEN] - good.length, rows, arena),
  };
}

function kindOf(history: History, row: number, constrained: boolean): number {
  const state = history.states[row];
  if (state === trialStateCodes.cancelled) return 0;
  if (state === trialStateCodes.complete) {
    if (hasNaN(history, row)) return OPEN;
    return constrained && !(history.violations[row] <= 0) ? INFEASIBLE : FEASIBLE;
  }
  if (state === trialStateCodes.stopped) return HALTED;
  return state === trialStateCodes.paused && !Number.isNaN(history.fidelities[row]) ? HALTED : OPEN;
}

/** The `count` rows whose kind is from `first` to `last`, ascending by trial number. */
function rowsOf(kinds: Int32Array, first: number, last: number, count: number, rows: Int32Array, arena: Arena): Int32Array {
  const found = arena.int32(count);
  for (let i = 0, at = 0; i < rows.length && at < count; i++) {
    const kind = kinds[rows[i]];
    if (kind >= first && kind <= last) found[at++] = rows[i];
  }
  return found;
}

function hasNaN({ losses, objectiveCount: m }: History, row: number): boolean {
  for (let k = 0; k < m; k++) if (Number.isNaN(losses[row * m + k])) return true;
  return false;
}

type Order = (a: number, b: number) => number;

function byColumn(column: Float64Array, { numbers }: History): Order {
  return (a, b) => compare(column[a], column[b]) || numbers[a] - numbers[b];
}

function byFidelity({ fidelities, losses, numbers, objectiveCount: m }: History): Order {
  return (a, b) => compare(-fidelities[a], -fidelities[b]) || compare(losses[a * m], losses[b * m]) || numbers[a] - numbers[b];
}

/** Ascending, NaN last; also right for infinities. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return a < b || Number.isNaN(b) ? -1 : 1;
}

/**
 * The first `count` in order, without sorting the others.
 *
 * @param column  What the order looks at first; saves asking it about most rows.
 */
function bestOf(rows: Int32Array, count: number, order: Order, column: Float64Array | null = null): number[] {
  const best: number[] = [];
  if (count <= 0) return best;
  // Newest first: a study that learns has its best there, and what comes after them is passed over quickly.
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (column !== null && best.length === count && column[row] > column[best[count - 1]]) continue;
    if (best.length === count && order(row, best[count - 1]) >= 0) continue;
    if (best.length === count) best.pop();
    let at = best.length;
    while (at > 0 && order(row, best[at - 1]) < 0) at--;
    best.splice(at, 0, row);
  }
  return best;
}

function bestFeasible(history: History, rows: Int32Array, count: number): Iterable<number> {
  const m = history.objectiveCount;
  if (rows.length <= count) return rows;
  if (m === 1) return bestOf(rows, count, byColumn(history.losses, history), history.losses);
  const losses = finiteLosses(history, rows);
  const ranks = nonDominatedRanks(losses, rows.length, m);
  const indices = [...rows.keys()].sort((a, b) => ranks[a] - ranks[b] || a - b);
  const lastRank = ranks[indices[count - 1]];
  const good = indices.filter((i) => ranks[i] < lastRank);
  const tied = indices.filter((i) => ranks[i] === lastRank);
  return [...good, ...spread(losses, m, tied, count - good.length)].map((i) => rows[i]);
}

/** (n, m) losses of the rows; infinities become the worst or best finite loss of their objective. */
function finiteLosses({ losses, objectiveCount: m }: History, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length * m);
  for (let k = 0; k < m; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < rows.length; i++) {
      const loss = losses[rows[i] * m + k];
      out[i * m + k] = loss;
      if (!Number.isFinite(loss)) continue;
      low = Math.min(low, loss);
      high = Math.max(high, loss);
    }
    if (low > high) low = high = 0;
    for (let i = k; i < out.length; i += m) out[i] = Math.min(high, Math.max(low, out[i]));
  }
  return out;
}

/**
 * `count` of the points of one rank that represent it best, by greedy hypervolume.
 * Departs: of a rank of more than 100 and 2 × count points only the loneliest that many may be chosen, and with more than six
 * objectives loneliness alone decides: hypervolumes would cost too much.
 */
function spread(losses: Float64Array, m: number, indices: readonly number[], count: number): readonly number[] {
  if (count === indices.length) return indices;
  const eligibleCount = m > HYPERVOLUME_LIMIT ? count : Math.min(indices.length, Math.max(ELIGIBLE_LEAST, 2 * count));
  const eligible = loneliest(losses, m, indices, eligibleCount);
  if (eligibleCount === count) return eligible;
  const scaled = scaleToOne(pointsOf(losses, m, eligible), m);
  const chosen = greedyHypervolumeSubset(scaled, eligibleCount, m, referencePoint(scaled, m), count);
  return Array.from(chosen, (at) => eligible[at]);
}

/** The `count` of the points with the greatest crowding distances, in the order of `indices`. */
function loneliest(losses: Float64Array, m: number, indices: readonly number[], count: number): readonly number[] {
  if (count === indices.length) return indices;
  const lonely = crowdingDistances(pointsOf(losses, m, indices), indices.length, m);
  const best = [...indices.keys()].sort((a, b) => compare(-lonely[a], -lonely[b]) || a - b).slice(0, count);
  return best.sort((a, b) => a - b).map((at) => indices[at]);
}

function pointsOf(losses: Float64Array, m: number, indices: readonly number[]): Float64Array {
  const points = new Float64Array(indices.length * m);
  indices.forEach((i, at) => {
    points.set(losses.subarray(i * m, (i + 1) * m), at * m);
  });
  return points;
}

/** Divides every objective by its greatest magnitude: changes no comparison of volumes and keeps them finite. */
function scaleToOne(losses: Float64Array, m: number): Float64Array {
  const largest = new Float64Array(m);
  losses.forEach((loss, i) => {
    largest[i % m] = Math.max(largest[i % m], Math.abs(loss));
  });
  return losses.map((loss, i) => (largest[i % m] > 0 ? loss / largest[i % m] : loss));
}

/** A little worse than the worst in every objective: max(1.1 worst, 0.9 worst), 0 becomes 1e-12. */
function referencePoint(losses: Float64Array, m: number): Float64Array {
  const reference = new Float64Array(m).fill(-Infinity);
  losses.forEach((loss, i) => {
    reference[i % m] = Math.max(reference[i % m], loss);
  });
  return reference.map((worst) => Math.max(1.1 * worst, 0.9 * worst) || 1e-12);
}
