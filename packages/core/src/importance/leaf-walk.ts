import { type BinnedColumn, widthOfSet } from "./forest/binned-columns.ts";
import type { Tree } from "./forest/tree.ts";

/** What a walk calls at every leaf; the walk's own arrays say which box it is. */
export type LeafVisitor = (leafValue: number, box: Box) => void;

/**
 * A product of sets of bins, one per column. Its volume is the product of their widths: the share of the unit cube, and of the
 * choices, that it covers.
 */
export interface Box {
  volume: number;
  /** Columns cut by at least one split on the way, the first `cutCount` of them in use. */
  readonly cutColumns: Int32Array;
  cutCount: number;
  /** (d,) 1 for these columns. */
  readonly isCut: Uint8Array;
  /** (d,) Bins 0 … 31 and 32 … 63 as bits, and their width. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly widths: Float64Array;
}

/** The whole space. */
export function wholeBox(columns: readonly BinnedColumn[]): Box {
  const d = columns.length;
  return {
    volume: 1,
    cutColumns: new Int32Array(d),
    cutCount: 0,
    isCut: new Uint8Array(d),
    low: Uint32Array.from(columns, ({ binCount }) => (binCount >= 32 ? 2 ** 32 - 1 : 2 ** binCount - 1)),
    high: Uint32Array.from(columns, ({ binCount }) => (binCount <= 32 ? 0 : 2 ** (binCount - 32) - 1)),
    widths: new Float64Array(d).fill(1),
  };
}

/** Visits every leaf whose box has a common part with `box`, which meanwhile is that part and afterwards is as before. */
export function walkLeaves(tree: Tree, columns: readonly BinnedColumn[], box: Box, visit: LeafVisitor): void {
  walk(0);

  function walk(node: number): void {
    const column = tree.splitColumns[node];
    if (column < 0) {
      visit(tree.values[node], box);
      return;
    }
    const child = tree.leftChildren[node];
    const { leftLow, leftHigh } = tree;
    narrow(child, column, leftLow[node], leftHigh[node]);
    narrow(child + 1, column, ~leftLow[node], ~leftHigh[node]);
  }

  function narrow(child: number, column: number, keepLow: number, keepHigh: number): void {
    const { low, high, widths, isCut } = box;
    const oldLow = low[column];
    const oldHigh = high[column];
    const newLow = (oldLow & keepLow) >>> 0;
    const newHigh = (oldHigh & keepHigh) >>> 0;
    if (newLow === 0 && newHigh === 0) return;
    if (newLow === oldLow && newHigh === oldHigh) {
      walk(child);
      return;
    }
    const { volume: oldVolume, cutCount: oldCount } = box;
    const [oldWidth, wasCut] = [widths[column], isCut[column]];
    low[column] = newLow;
    high[column] = newHigh;
    widths[column] = widthOfSet(columns[column], newLow, newHigh);
    box.volume = (oldVolume / oldWidth) * widths[column];
    if (wasCut === 0) box.cutColumns[box.cutCount++] = column;
    isCut[column] = 1;
    walk(child);
    low[column] = oldLow;
    high[column] = oldHigh;
    widths[column] = oldWidth;
    isCut[column] = wasCut;
    box.volume = oldVolume;
    box.cutCount = oldCount;
  }
}
