import type { Rng } from "../../numerics/rng.ts";
import { BIN_LIMIT, type BinnedTable, INACTIVE } from "./binned-columns.ts";

/** What is to be split: rows of a table with a response and a weight each. */
export interface Samples {
  readonly table: BinnedTable;
  /** (rows,) */
  readonly responses: Float64Array;
  /** (rows,) Positive. */
  readonly weights: Float64Array;
}

/**
 * The best cut of one column of one node, found from a histogram over the column's bins.
 *
 * A score is the sum over the parts of (Σ w y)² / Σ w: the part of Σ w y² that the parts' means explain. `score` holds that of the
 * best cut of the active rows, −Infinity when there is none with enough rows on both sides.
 *
 * Choices are sorted by their mean response, then cut like ordered bins, which finds the best of all 2^(K−1) partitions.
 * Source: W. D. Fisher (1958), "On grouping for maximum homogeneity", https://doi.org/10.1080/01621459.1958.10501479.
 */
export class SplitSearch {
  score = -Infinity;
  /** Of the rows that are active: number, weight, weighted sum of the responses. */
  activeCount = 0;
  activeWeight = 0;
  activeSum = 0;
  readonly #counts = new Int32Array(BIN_LIMIT);
  readonly #weights = new Float64Array(BIN_LIMIT);
  readonly #sums = new Float64Array(BIN_LIMIT);
  /** Occupied bins in the order in which they are cut. */
  readonly #order = new Uint8Array(BIN_LIMIT);
  #occupiedCount = 0;
  /** The occupied bins as a set. */
  #occupiedLow = 0;
  #occupiedHigh = 0;
  /** Occupied bins that go left. */
  #leftCount = 0;
  #ordered = true;

  /** Starts the histogram of a column anew. */
  clear(): void {
    this.#listOccupied();
    for (let k = 0; k < this.#occupiedCount; k++) {
      const bin = this.#order[k];
      this.#counts[bin] = 0;
      this.#weights[bin] = 0;
      this.#sums[bin] = 0;
    }
    this.#occupiedLow = 0;
    this.#occupiedHigh = 0;
    this.activeCount = 0;
    this.activeWeight = 0;
    this.activeSum = 0;
  }

  /** Adds rows[start … end) of one column to the histogram. */
  add({ table, responses, weights }: Samples, column: number, rows: Int32Array, start: number, end: number): void {
    const { bins } = table;
    const offset = column * table.rowCount;
    let count = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const bin = bins[offset + row];
      if (bin === INACTIVE) continue;
      if (bin < 32) this.#occupiedLow |= 1 << bin;
      else this.#occupiedHigh |= 1 << (bin - 32);
      this.#counts[bin]++;
      this.#weights[bin] += weights[row];
      this.#sums[bin] += weights[row] * responses[row];
      count++;
    }
    this.activeCount += count;
  }

  /** Finds the best cut of what was added, with at least `leastCount` rows on either side. */
  find(ordered: boolean, leastCount: number): void {
    this.#ordered = ordered;
    this.#listOccupied();
    this.#addUp();
    if (!ordered) this.#sortByMean();
    this.score = -Infinity;
    let count = 0;
    let weight = 0;
    let sum = 0;
    for (let k = 0; k < this.#occupiedCount - 1; k++) {
      const bin = this.#order[k];
      count += this.#counts[bin];
      weight += this.#weights[bin];
      sum += this.#sums[bin];
      if (count < leastCount) continue;
      if (this.activeCount - count < leastCount) break;
      const rest = this.activeSum - sum;
      const score = (sum * sum) / weight + (rest * rest) / (this.activeWeight - weight);
      if (score <= this.score) continue;
      this.score = score;
      this.#leftCount = k + 1;
    }
  }

  /**
   * The bins that go left under the best cut, as words of a set. Bins without rows are given to a side by chance: a cut between
   * two occupied bins lies anywhere between them, a choice without rows goes to either side.
   */
  leftSet(rng: Rng): { readonly low: number; readonly high: number } {
    const set = { low: 0, high: 0 };
    const last = this.#order[this.#leftCount - 1];
    if (this.#ordered) {
      const cut = last + 1 + rng.int(this.#order[this.#leftCount] - last);
      for (let bin = 0; bin < cut; bin++) include(set, bin);
      return set;
    }
    for (let bin = 0; bin < BIN_LIMIT; bin++) if (this.#counts[bin] === 0 && rng.int(2) === 0) include(set, bin);
    for (let k = 0; k < this.#leftCount; k++) include(set, this.#order[k]);
    return set;
  }

  /** Ascending. */
  #listOccupied(): void {
    let count = 0;
    for (let rest = this.#occupiedLow; rest !== 0; rest &= rest - 1) this.#order[count++] = 31 - Math.clz32(rest & -rest);
    for (let rest = this.#occupiedHigh; rest !== 0; rest &= rest - 1) this.#order[count++] = 63 - Math.clz32(rest & -rest);
    this.#occupiedCount = count;
  }

  #addUp(): void {
    for (let k = 0; k < this.#occupiedCount; k++) {
      this.activeWeight += this.#weights[this.#order[k]];
      this.activeSum += this.#sums[this.#order[k]];
    }
  }

  #sortByMean(): void {
    const mean = (bin: number): number => this.#sums[bin] / this.#weights[bin];
    this.#order.subarray(0, this.#occupiedCount).sort((a, b) => mean(a) - mean(b) || a - b);
  }
}

function include(set: { low: number; high: number }, bin: number): void {
  if (bin < 32) set.low = (set.low | (1 << bin)) >>> 0;
  else set.high = (set.high | (1 << (bin - 32))) >>> 0;
}
