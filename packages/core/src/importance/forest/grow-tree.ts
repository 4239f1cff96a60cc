import type { Rng } from "../../numerics/rng.ts";
import { INACTIVE } from "./binned-columns.ts";
import { type Samples, SplitSearch } from "./split-search.ts";
import { holdsBin, type Tree } from "./tree.ts";

export interface TreeOptions {
  /** Share of the columns that a node looks at, in (0, 1]. */
  readonly columnShare: number;
  /** Most columns that a node looks at. */
  readonly columnLimit: number;
  /** Least number of samples in a leaf. */
  readonly leafSampleCount: number;
  readonly depthLimit: number;
}

/**
 * Source: five sixths of the columns, leaves of 3 and depth 20 are those of the forest of SMAC (M. Lindauer et al. 2022,
 * https://jmlr.org/papers/v23/21-0888.html).
 */
export const treeDefaults: TreeOptions = Object.freeze({
  columnShare: 5 / 6,
  columnLimit: 64,
  leafSampleCount: 3,
  depthLimit: 20,
});

/** Which rows a tree is grown from. */
export interface TreeRows {
  /** Rows with a response. */
  readonly samples: Int32Array;
  /** Rows without one that show where in the space the conditional columns take part; empty if there are none. */
  readonly probes: Int32Array;
}

/**
 * Grows a regression tree that minimises the weighted squared error, greedily and to the end.
 *
 * A column that takes part under a condition only is split only in nodes where it always takes part, so that every leaf is a box.
 * Where it takes part in a part of a node it competes with what the three-way split (inactive, active and low, active and high)
 * explains; if it wins, the node is split by one of its gates, the way that best tells active from inactive.
 *
 * Cost: O(rows × columns) per level.
 * Source: L. Breiman (2001), "Random forests", https://doi.org/10.1023/A:1010933404324.
 * Departs: a cut between two observed values is drawn evenly over the bins between them (as in F. Hutter et al. 2014, "Algorithm
 * runtime prediction", sec. 4.5, https://doi.org/10.1016/j.artint.2013.10.003), which makes the forest's mean smooth.
 */
export function growTree(samples: Samples, rows: TreeRows, options: TreeOptions, rng: Rng): Tree {
  return new TreeGrowth(samples, rows, options, rng).grow();
}

/** Rows of a node: stretches of the two row lists. */
interface Stretch {
  readonly node: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly probeStart: number;
  readonly probeEnd: number;
}

interface Split {
  readonly column: number;
  readonly low: number;
  readonly high: number;
  readonly gain: number;
}

// Of the sum of squares; below it rounding decides.
const LEAST_GAIN = 1e-12;

class TreeGrowth {
  readonly #samples: Samples;
  readonly #options: TreeOptions;
  readonly #rng: Rng;
  readonly #rows: Int32Array;
  readonly #probes: Int32Array;
  readonly #columnOrder: Int32Array;
  readonly #search = new SplitSearch();
  /** 1 where the column in question takes part; the response when a gate is sought. */
  readonly #activity: Samples;
  readonly #splitColumns: number[] = [];
  readonly #leftLow: number[] = [];
  readonly #leftHigh: number[] = [];
  readonly #leftChildren: number[] = [];
  readonly #values: number[] = [];
  readonly #gains: number[] = [];

  constructor(samples: Samples, rows: TreeRows, options: TreeOptions, rng: Rng) {
    this.#samples = samples;
    this.#options = options;
    this.#rng = rng;
    this.#rows = rows.samples.slice();
    this.#probes = rows.probes.slice();
    this.#columnOrder = Int32Array.from(samples.table.columns, (_, column) => column);
    const responses = new Float64Array(rows.probes.length === 0 ? 0 : samples.table.rowCount);
    this.#activity = { table: samples.table, responses, weights: new Float64Array(responses.length).fill(1) };
  }

  grow(): Tree {
    const stack: Stretch[] = [];
    this.#addNode(0, this.#rows.length, 0);
    stack.push({ node: 0, depth: 0, start: 0, end: this.#rows.length, probeStart: 0, probeEnd: this.#probes.length });
    for (let stretch = stack.pop(); stretch !== undefined; stretch = stack.pop()) {
      const split = this.#bestSplit(stretch);
      if (split !== null) stack.push(...this.#divide(stretch, split));
    }
    return {
      nodeCount: this.#values.length,
      splitColumns: Int32Array.from(this.#splitColumns),
      leftLow: Uint32Array.from(this.#leftLow),
      leftHigh: Uint32Array.from(this.#leftHigh),
      leftChildren: Int32Array.from(this.#leftChildren),
      values: Float64Array.from(this.#values),
      gains: Float64Array.from(this.#gains),
    };
  }

  /** @param inherited  Its value if it has no samples. */
  #addNode(start: number, end: number, inherited: number): void {
    const { responses, weights } = this.#samples;
    let weight = 0;
    let sum = 0;
    for (let i = start; i < end; i++) {
      weight += weights[this.#rows[i]];
      sum += weights[this.#rows[i]] * responses[this.#rows[i]];
    }
    this.#splitColumns.push(-1);
    this.#leftLow.push(0);
    this.#leftHigh.push(0);
    this.#leftChildren.push(-1);
    this.#gains.push(0);
    this.#values.push(weight > 0 ? sum / weight : inherited);
  }

  #bestSplit(stretch: Stretch): Split | null {
    const { start, end, depth } = stretch;
    if (end - start < 2 * this.#options.leafSampleCount || depth >= this.#options.depthLimit) return null;
    const least = this.#leastScore(start, end);
    let plain = -1;
    let plainScore = least;
    let gated = -1;
    let gatedScore = least;
    const drawnCount = this.#drawColumns();
    for (let i = 0; i < drawnCount; i++) {
      const column = this.#columnOrder[i];
      this.#searchColumn(stretch, column);
      if (this.#isActiveThroughout(stretch, column)) {
        if (this.#search.score <= plainScore) continue;
        plain = column;
        plainScore = this.#search.score;
      } else {
        const score = this.#search.score + this.#inactiveScore(start, end);
        if (score <= gatedScore) continue;
        gated = column;
        gatedScore = score;
      }
    }
    const gateSplit = gatedScore > plainScore ? this.#gateSplit(stretch, gated) : null;
    if (gateSplit !== null || plain < 0) return gateSplit;
    this.#searchColumn(stretch, plain);
    return { column: plain, ...this.#search.leftSet(this.#rng), gain: plainScore - least };
  }

  /** Score of the undivided node, and a little more, so that nothing is split for rounding's sake. */
  #leastScore(start: number, end: number): number {
    const { responses, weights } = this.#samples;
    let weight = 0;
    let sum = 0;
    let squares = 0;
    for (let i = start; i < end; i++) {
      const row = this.#rows[i];
      weight += weights[row];
      sum += weights[row] * responses[row];
      squares += weights[row] * responses[row] * responses[row];
    }
    return (sum * sum) / weight + LEAST_GAIN * squares;
  }

  /** Moves the columns to look at to the front. @returns How many. */
  #drawColumns(): number {
    const order = this.#columnOrder;
    const count = Math.min(this.#options.columnLimit, Math.ceil(this.#options.columnShare * order.length));
    for (let i = 0; i < count; i++) {
      const j = i + this.#rng.int(order.length - i);
      const moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return count;
  }

  /** Leaves the best cut of the rows in which the column is active in the search. */
  #searchColumn({ start, end }: Stretch, column: number): void {
    this.#search.clear();
    this.#search.add(this.#samples, column, this.#rows, start, end);
    this.#search.find(this.#samples.table.columns[column].ordered, this.#options.leafSampleCount);
  }

  #isActiveThroughout({ start, end, probeStart, probeEnd }: Stretch, column: number): boolean {
    const { bins, rowCount, columns } = this.#samples.table;
    if (columns[column].gates.length === 0) return true;
    const offset = column * rowCount;
    for (let i = start; i < end; i++) if (bins[offset + this.#rows[i]] === INACTIVE) return false;
    for (let i = probeStart; i < probeEnd; i++) if (bins[offset + this.#probes[i]] === INACTIVE) return false;
    return true;
  }

  /** Score of the rows in which the column last searched is inactive. */
  #inactiveScore(start: number, end: number): number {
    const { responses, weights } = this.#samples;
    let weight = -this.#search.activeWeight;
    let sum = -this.#search.activeSum;
    for (let i = start; i < end; i++) {
      weight += weights[this.#rows[i]];
      sum += weights[this.#rows[i]] * responses[this.#rows[i]];
    }
    return this.#search.activeCount === end - start ? 0 : (sum * sum) / weight;
  }

  /** The split by one of the column's gates that best tells where it takes part; null when none can. */
  #gateSplit(stretch: Stretch, column: number): Split | null {
    const { columns } = this.#samples.table;
    this.#markActivity(stretch, column);
    let best: Split | null = null;
    let bestScore = -Infinity;
    for (const gate of columns[column].gates) {
      if (!this.#isActiveThroughout(stretch, gate)) continue;
      this.#search.clear();
      this.#search.add(this.#activity, gate, this.#rows, stretch.start, stretch.end);
      this.#search.add(this.#activity, gate, this.#probes, stretch.probeStart, stretch.probeEnd);
      this.#search.find(columns[gate].ordered, 1);
      if (this.#search.score <= bestScore) continue;
      best = { column: gate, ...this.#search.leftSet(this.#rng), gain: 0 };
      bestScore = this.#search.score;
    }
    return best;
  }

  #markActivity({ start, end, probeStart, probeEnd }: Stretch, column: number): void {
    const { bins, rowCount } = this.#samples.table;
    const { responses } = this.#activity;
    const mark = (row: number): void => {
      responses[row] = bins[column * rowCount + row] === INACTIVE ? 0 : 1;
    };
    for (let i = start; i < end; i++) mark(this.#rows[i]);
    for (let i = probeStart; i < probeEnd; i++) mark(this.#probes[i]);
  }

  #divide({ node, depth, start, end, probeStart, probeEnd }: Stretch, split: Split): readonly [Stretch, Stretch] {
    const middle = this.#partition(this.#rows, start, end, split);
    const probeMiddle = this.#partition(this.#probes, probeStart, probeEnd, split);
    const left = this.#values.length;
    this.#splitColumns[node] = split.column;
    this.#leftLow[node] = split.low;
    this.#leftHigh[node] = split.high;
    this.#leftChildren[node] = left;
    this.#gains[node] = split.gain;
    this.#addNode(start, middle, this.#values[node]);
    this.#addNode(middle, end, this.#values[node]);
    return [
      { node: left + 1, depth: depth + 1, start: middle, end, probeStart: probeMiddle, probeEnd },
      { node: left, depth: depth + 1, start, end: middle, probeStart, probeEnd: probeMiddle },
    ];
  }

  /** Reorders rows[start … end) so that what goes left comes first. @returns Where the rest begins. */
  #partition(rows: Int32Array, start: number, end: number, { column, low, high }: Split): number {
    const { bins, rowCount } = this.#samples.table;
    let left = start;
    let right = end;
    while (left < right) {
      if (holdsBin(low, high, bins[column * rowCount + rows[left]])) {
        left++;
        continue;
      }
      right--;
      const moved = rows[left];
      rows[left] = rows[right];
      rows[right] = moved;
    }
    return left;
  }
}
