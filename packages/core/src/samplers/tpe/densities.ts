import type { Rng } from "../../numerics/rng.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Arena } from "./arena.ts";
import { DensityRatios } from "./density-ratios.ts";
import { type Group, kernelGroups } from "./kernel-space.ts";
import { type KernelLayout, type KernelTable, kernelLayout, layOutKernels, meetCandidates } from "./log-densities.ts";
import { RowKernels } from "./row-kernels.ts";
import { SortedColumns } from "./sorted-columns.ts";
import type { Split } from "./split.ts";
import { ageWeight, ageWeights, createParzen, drawCandidates, type Parzen, sharpFloor, wideFloor } from "./tpe.ts";

/** ℓ and g of one history. */
export interface Model {
  /** @returns  Per column the candidates. */
  draw(rng: Rng, crossover: number, candidateCount: number): readonly Float64Array[];
  /** @param x  Per column the candidates; NaN marks inactive coordinates. */
  compare(x: readonly Float64Array[]): DensityRatios;
}

/** Trials of one side of the split, with their weights. */
interface Side {
  readonly rows: Int32Array;
  /** (rows,) or null: by age within the group. */
  readonly weights: Float64Array | null;
}

/** The good side, as far as one group is concerned. */
interface FittedGood {
  readonly parzen: Parzen;
  readonly table: KernelTable;
  /** (m,) */
  readonly rows: Int32Array;
  /** By row: its kernel, −1 = none. */
  readonly kernelByRow: Int32Array;
}

/** What a group of coordinates keeps from fit to fit. */
interface GroupMemory {
  readonly group: Group;
  readonly layout: KernelLayout;
  readonly bad: RowKernels;
}

const SUBSAMPLE_ABOVE = 3_000;
const SUBSAMPLE_HALF = 1_000;
// Insertion sorts this many quickest.
const FEW_KERNELS = 64;

/** Fits Parzen estimators to histories; keeps what speeds up the next fit, nothing that changes it. */
export class Densities {
  readonly #columns = new SortedColumns();
  readonly #memories = new WeakMap<Space, readonly GroupMemory[]>();
  readonly #arena: Arena;

  /** @param arena  Gives the memory of a fit; nobody clears it while the model is in use. */
  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * @param sharpness  Of ℓ, see `sharpFloor`.
   * @param uniform    Good trials weigh alike (several objectives), not by age.
   */
  fit(space: Space, history: History, split: Split, sharpness: number, uniform: boolean): Model {
    this.#columns.update(history);
    const memories = this.#memories.get(space) ?? rememberGroups(space);
    this.#memories.set(space, memories);
    const below = { rows: split.below, weights: uniform ? new Float64Array(split.below.length).fill(1) : null };
    const above = subsample(split.above, history.numbers, this.#arena);
    const groups = memories.map(({ group }) => group);
    const good = memories.map((memory) => this.#fitGood(memory, history, below, sharpness));
    const bad = memories.map((memory) => this.#fitBad(memory, history, above));
    const goodParzens = good.map(({ parzen }) => parzen);
    return {
      draw: (rng, crossover, candidateCount) => {
        const { rows } = good[0];
        const x = space.dimensions.map(() => this.#arena.float64(candidateCount));
        const kernelOf = (at: number, lead: number): number => (lead < rows.length ? good[at].kernelByRow[rows[lead]] : -1);
        drawCandidates(groups, goodParzens, kernelOf, crossover, rng, x);
        return x;
      },
      compare: (x) => {
        const below = good.map(({ table }) => meetCandidates(table, x, this.#arena));
        const above = bad.map((table) => meetCandidates(table, x, this.#arena));
        return new DensityRatios(below, above, x[0].length);
      },
    };
  }

  #fitGood({ group, layout }: GroupMemory, history: History, side: Side, sharpness: number): FittedGood {
    const { points, dimensionCount: d } = history;
    const arena = this.#arena;
    const { rows, weights } = activeMembers(side, points, d, group.axes[0].column, arena);
    const m = rows.length;
    const kernelByRow = arena.int32(history.numbers.length).fill(-1);
    for (let i = 0; i < m; i++) kernelByRow[rows[i]] = i;
    const centres = group.axes.map(({ column }) => gather(points, rows, d, column, arena.float64(m + 1)));
    const orders = group.axes.map(({ kind }, a) => sortKernels(centres[a], arena.int32(kind === "choices" ? 0 : m)));
    const floors = group.axes.map((axis) => sharpFloor(axis, m, sharpness));
    const parzen = createParzen(group, weights ?? ageWeights(m), centres, orders, floors, arena);
    return { parzen, table: layOutKernels(layout, parzen, arena), rows, kernelByRow };
  }

  #fitBad({ group, bad }: GroupMemory, history: History, side: Side): KernelTable {
    const { points, dimensionCount: d } = history;
    const { rows, weights } = activeMembers(side, points, d, group.axes[0].column, this.#arena);
    const m = rows.length;
    return bad.table(history, this.#columns, rows, weights ?? ageWeights(m), wideFloor(m));
  }
}

function rememberGroups(space: Space): readonly GroupMemory[] {
  return kernelGroups(space).map((group) => ({ group, layout: kernelLayout(group), bad: new RowKernels(group) }));
}

function gather(points: Float64Array, rows: Int32Array, d: number, column: number, out: Float64Array): Float64Array {
  for (let i = 0; i < rows.length; i++) out[i] = points[rows[i] * d + column];
  return out;
}

/** Kernels in ascending order of μ, ties by number. */
function sortKernels(mu: Float64Array, order: Int32Array): Int32Array {
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (order.length > FEW_KERNELS) return order.sort((i, j) => mu[i] - mu[j] || i - j);
  for (let i = 1; i < order.length; i++) {
    let at = i;
    for (; at > 0 && mu[order[at - 1]] > mu[i]; at--) order[at] = order[at - 1];
    order[at] = i;
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

/**
 * Beyond 3,000 trials: the newest 1,000, and about 1,000 of the others that weigh for all of them. Which ones depends on their numbers
 * alone and changes little from one suggestion to the next.
 */
function subsample(rows: Int32Array, numbers: Int32Array, arena: Arena): Side {
  const n = rows.length;
  if (n <= SUBSAMPLE_ABOVE) return { rows, weights: null };
  const olderCount = n - SUBSAMPLE_HALF;
  const limit = (SUBSAMPLE_HALF / olderCount) * 2 ** 32;
  const kept = arena.int32(n);
  let keptOlder = 0;
  for (let i = 0; i < olderCount; i++) if (scrambled(numbers[rows[i]]) < limit) kept[keptOlder++] = i;
  const count = keptOlder + SUBSAMPLE_HALF;
  for (let i = keptOlder; i < count; i++) kept[i] = olderCount + i - keptOlder;
  const weights = arena.float64(count);
  for (let k = 0; k < count; k++) {
    weights[k] = ageWeight(kept[k], n) * (k < keptOlder ? olderCount / keptOlder : 1);
    kept[k] = rows[kept[k]];
  }
  return { rows: kept.subarray(0, count), weights };
}

/**
 * A whole number in 0 … 2^32 − 1 without any pattern in consecutive ones.
 *
 * Source: A. Appleby (2011), MurmurHash3, 32-bit finalizer, https://github.com/aappleby/smhasher/wiki/MurmurHash3
 */
function scrambled(number: number): number {
  let word = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
