import type { Rng } from "../../numerics/rng.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Arena } from "./arena.ts";
import { DensityRatios } from "./density-ratios.ts";
import { type Group, kernelGroups } from "./kernel-space.ts";
import { type KernelTable, layOutKernels, meetCandidates } from "./log-densities.ts";
import { SortedColumns } from "./sorted-columns.ts";
import type { Split } from "./split.ts";
import { ageWeight, ageWeights, bandwidthFloor, createParzen, drawCandidates, type Parzen } from "./tpe.ts";

/** ℓ and g of one history. */
export interface Model {
  /** Fills the columns of `x`, all of equal length, with candidates. */
  draw(rng: Rng, crossover: number, x: readonly Float64Array[]): void;
  /** @param x  Per column the candidates; NaN marks inactive coordinates. */
  compare(x: readonly Float64Array[]): DensityRatios;
}

/** Trials of one side of the split, with their weights. */
interface Side {
  readonly rows: Int32Array;
  /** (rows,) or null: by age within the group. */
  readonly weights: Float64Array | null;
}

/** One side, as far as one group is concerned. */
interface Fitted {
  readonly parzen: Parzen;
  readonly table: KernelTable;
  /** (m,) */
  readonly rows: Int32Array;
  /** By row: its kernel, −1 = none. */
  readonly kernelByRow: Int32Array;
}

const SUBSAMPLE_ABOVE = 5_000;
const SUBSAMPLE_HALF = 1_000;
// Sorting this many is quicker than finding them among all rows.
const FEW_KERNELS = 64;

/** Fits Parzen estimators to histories; keeps what speeds up the next fit, nothing that changes it. */
export class Densities {
  readonly #columns = new SortedColumns();
  readonly #groups = new WeakMap<Space, readonly Group[]>();
  readonly #arena: Arena;

  /** @param arena  Gives the memory of a fit; nobody clears it while the model is in use. */
  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * @param uniform  Good trials weigh alike (several objectives), not by age.
   * @param rng      Chooses the trials to keep when there are more than 5,000 bad ones.
   */
  fit(space: Space, history: History, split: Split, resolution: number, uniform: boolean, rng: Rng): Model {
    this.#columns.update(history);
    const groups = this.#groups.get(space) ?? kernelGroups(space);
    this.#groups.set(space, groups);
    const below = { rows: split.below, weights: uniform ? new Float64Array(split.below.length).fill(1) : null };
    const above = subsample(split.above, rng, this.#arena);
    const good = groups.map((group) => this.#fitSide(group, history, below, resolution));
    const bad = groups.map((group) => this.#fitSide(group, history, above, resolution));
    const goodParzens = good.map(({ parzen }) => parzen);
    return {
      draw(rng, crossover, x) {
        const { rows } = good[0];
        const kernelOf = (at: number, lead: number): number => (lead < rows.length ? good[at].kernelByRow[rows[lead]] : -1);
        drawCandidates(groups, goodParzens, kernelOf, crossover, rng, x);
      },
      compare: (x) => {
        const below = good.map(({ table }) => meetCandidates(table, x, this.#arena));
        const above = bad.map(({ table }) => meetCandidates(table, x, this.#arena));
        return new DensityRatios(below, above, x[0].length);
      },
    };
  }

  #fitSide(group: Group, history: History, side: Side, resolution: number): Fitted {
    const { points, dimensionCount: d } = history;
    const arena = this.#arena;
    const { rows, weights } = activeMembers(side, points, d, group.axes[0].column, arena);
    const m = rows.length;
    const kernelByRow = arena.int32(history.numbers.length).fill(-1);
    for (let i = 0; i < m; i++) kernelByRow[rows[i]] = i;
    const centres = group.axes.map(({ column }) => gather(points, rows, d, column, arena.float64(m + 1)));
    const orders = group.axes.map(({ kind, column }, a) => {
      const order = arena.int32(kind === "choices" ? 0 : m);
      return m <= FEW_KERNELS ? sortKernels(centres[a], order) : selectKernels(this.#columns.order(column), kernelByRow, order);
    });
    const floor = bandwidthFloor(m, resolution);
    const parzen = createParzen(group, weights ?? ageWeights(m), centres, orders, floor, arena);
    return { parzen, table: layOutKernels(group, parzen, arena), rows, kernelByRow };
  }
}

function gather(points: Float64Array, rows: Int32Array, d: number, column: number, out: Float64Array): Float64Array {
  for (let i = 0; i < rows.length; i++) out[i] = points[rows[i] * d + column];
  return out;
}

/** Kernels in ascending order of μ, ties by number; by insertion, as they are few. */
function sortKernels(mu: Float64Array, order: Int32Array): Int32Array {
  for (let i = 0; i < order.length; i++) {
    let at = i;
    for (; at > 0 && mu[order[at - 1]] > mu[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

/** The same from the order of all rows, which have the kernels among them. */
function selectKernels(sorted: Int32Array, kernelByRow: Int32Array, order: Int32Array): Int32Array {
  for (let k = 0, at = 0; k < sorted.length && at < order.length; k++) {
    const kernel = kernelByRow[sorted[k]];
    order[at] = kernel;
    // Not an `if`: which rows are in a subsample cannot be predicted.
    at += Number(kernel >= 0);
  }
  return order;
}

/** The trials of a side whose coordinate `column` is active. */
function activeMembers(side: Side, points: Float64Array, d: number, column: number, arena: Arena): Side {
  const rows = arena.int32(side.rows.length);
  const weights = side.weights && arena.float64(side.rows.length);
  let count = 0;
  for (let i = 0; i < side.rows.length; i++) {
    const row = side.rows[i];
    if (Number.isNaN(points[row * d + column])) continue;
    if (weights && side.weights) weights[count] = side.weights[i];
    rows[count++] = row;
  }
  return { rows: rows.subarray(0, count), weights: weights?.subarray(0, count) ?? null };
}

/** Beyond 5,000 trials: the newest 1,000, and 1,000 of the others that weigh for all of them. */
function subsample(rows: Int32Array, rng: Rng, arena: Arena): Side {
  const n = rows.length;
  if (n <= SUBSAMPLE_ABOVE) return { rows, weights: null };
  const olderCount = n - SUBSAMPLE_HALF;
  const factor = olderCount / SUBSAMPLE_HALF;
  const kept = arena.int32(2 * SUBSAMPLE_HALF);
  const weights = arena.float64(2 * SUBSAMPLE_HALF);
  let count = 0;
  for (let i = 0; i < n; i++) {
    const isOlder = i < olderCount;
    // One pass that takes each of the older with the chance of the places left.
    if (isOlder && rng.uniform() * (olderCount - i) >= SUBSAMPLE_HALF - count) continue;
    kept[count] = rows[i];
    weights[count++] = ageWeight(i, n) * (isOlder ? factor : 1);
  }
  return { rows: kept, weights };
}
