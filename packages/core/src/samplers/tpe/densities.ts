import type { Rng } from "../../numerics/rng.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import { type Group, kernelGroups } from "./kernel-space.ts";
import { SortedColumns } from "./sorted-columns.ts";
import type { Split } from "./split.ts";
import { addLogDensities, ageWeights, bandwidthFloor, createParzen, drawCandidates, type Parzen, TermTable } from "./tpe.ts";

/** ℓ and g of one history, ready to draw candidates and to score them. */
export interface Model {
  /** Fills the columns of `x`, all of equal length, with candidates. */
  draw(rng: Rng, crossover: number, x: readonly Float64Array[]): void;
  /** log ℓ − log g of every candidate; NaN marks inactive coordinates. */
  score(x: readonly Float64Array[]): Float64Array;
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
  /** (m,) */
  readonly rows: Int32Array;
  /** By row: its kernel, −1 = none. */
  readonly kernelByRow: Int32Array;
}

const SUBSAMPLE_ABOVE = 5_000;
const SUBSAMPLE_HALF = 1_000;

/** Fits Parzen estimators to histories; keeps what speeds up the next fit, nothing that changes it. */
export class Densities {
  readonly #columns = new SortedColumns();
  readonly #groups = new WeakMap<Space, readonly Group[]>();
  readonly #table = new TermTable();

  /**
   * @param uniform  Good trials weigh alike (several objectives), not by age.
   * @param rng      Chooses the trials to keep when there are more than 5,000 bad ones.
   */
  fit(space: Space, history: History, split: Split, resolution: number, uniform: boolean, rng: Rng): Model {
    this.#columns.update(history);
    const groups = this.#groups.get(space) ?? kernelGroups(space);
    this.#groups.set(space, groups);
    const below = { rows: split.below, weights: uniform ? new Float64Array(split.below.length).fill(1) : null };
    const above = subsample(split.above, rng);
    const good = groups.map((group) => this.#fitSide(group, history, below, resolution));
    const bad = groups.map((group) => this.#fitSide(group, history, above, resolution));
    const table = this.#table;
    const goodParzens = good.map(({ parzen }) => parzen);
    return {
      draw(rng, crossover, x) {
        const { rows } = good[0];
        const kernelOf = (at: number, lead: number): number => (lead < rows.length ? good[at].kernelByRow[rows[lead]] : -1);
        drawCandidates(groups, goodParzens, kernelOf, crossover, rng, x);
      },
      score(x) {
        const ratios = new Float64Array(x[0].length);
        groups.forEach((group, at) => {
          addLogDensities(group, good[at].parzen, x, table, 1, ratios);
          addLogDensities(group, bad[at].parzen, x, table, -1, ratios);
        });
        return ratios;
      },
    };
  }

  #fitSide(group: Group, history: History, side: Side, resolution: number): Fitted {
    const { points, dimensionCount: d } = history;
    const { rows, weights } = activeMembers(side, points, d, group.axes[0].column);
    const kernelByRow = new Int32Array(history.numbers.length).fill(-1);
    for (let i = 0; i < rows.length; i++) kernelByRow[rows[i]] = i;
    const centres = group.axes.map(({ column }) => {
      const centre = new Float64Array(rows.length + 1);
      for (let i = 0; i < rows.length; i++) centre[i] = points[rows[i] * d + column];
      return centre;
    });
    const orders = group.axes.map(({ kind, column }) =>
      kind === "choices" ? new Int32Array(0) : this.#kernelOrder(column, kernelByRow, rows.length),
    );
    const floor = bandwidthFloor(rows.length, resolution);
    return { parzen: createParzen(group, weights ?? ageWeights(rows.length), centres, orders, floor), rows, kernelByRow };
  }

  #kernelOrder(column: number, kernelByRow: Int32Array, count: number): Int32Array {
    const order = new Int32Array(count);
    const sorted = this.#columns.order(column);
    for (let k = 0, at = 0; k < sorted.length; k++) {
      const kernel = kernelByRow[sorted[k]];
      if (kernel >= 0) order[at++] = kernel;
    }
    return order;
  }
}

/** The trials of a side whose coordinate `column` is active. */
function activeMembers(side: Side, points: Float64Array, d: number, column: number): Side {
  const rows = new Int32Array(side.rows.length);
  const weights = side.weights && new Float64Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    if (Number.isNaN(points[side.rows[i] * d + column])) continue;
    if (weights && side.weights) weights[count] = side.weights[i];
    rows[count++] = side.rows[i];
  }
  return { rows: rows.subarray(0, count), weights: weights?.subarray(0, count) ?? null };
}

/** Beyond 5,000 trials: the newest 1,000, and 1,000 of the others that weigh for all of them. */
function subsample(rows: Int32Array, rng: Rng): Side {
  if (rows.length <= SUBSAMPLE_ABOVE) return { rows, weights: null };
  const byAge = ageWeights(rows.length);
  const olderCount = rows.length - SUBSAMPLE_HALF;
  const kept: number[] = [];
  // One pass that takes each of the remaining with the chance of the places left.
  for (let i = 0; i < olderCount; i++) {
    if (rng.uniform() * (olderCount - i) < SUBSAMPLE_HALF - kept.length) kept.push(i);
  }
  for (let i = olderCount; i < rows.length; i++) kept.push(i);
  const factor = olderCount / SUBSAMPLE_HALF;
  return {
    rows: Int32Array.from(kept, (i) => rows[i]),
    weights: Float64Array.from(kept, (i) => byAge[i] * (i < olderCount ? factor : 1)),
  };
}
