import type { BinnedTable } from "./binned-columns.ts";

/** A binary regression tree over binned columns. Node 0 is the root; a child's number is greater than its parent's. */
export interface Tree {
  readonly nodeCount: number;
  /** (nodes,) Column a node asks about, −1 for a leaf. */
  readonly splitColumns: Int32Array;
  /** (nodes,) Bins 0 … 31 and 32 … 63, as bits, that go left. */
  readonly leftLow: Uint32Array;
  readonly leftHigh: Uint32Array;
  /** (nodes,) Number of the left child; the right one is next to it. */
  readonly leftChildren: Int32Array;
  /** (nodes,) Weighted mean response of the samples. */
  readonly values: Float64Array;
  /** (nodes,) By how much the split lessens the weighted sum of squared errors; 0 for leaves and where a gate was split. */
  readonly gains: Float64Array;
}

/** What the tree says about one row of a table with its columns. An inactive coordinate goes right. */
export function predictRow(tree: Tree, { bins, rowCount }: BinnedTable, row: number): number {
  let node = 0;
  for (let column = tree.splitColumns[0]; column >= 0; column = tree.splitColumns[node]) {
    const left = holdsBin(tree.leftLow[node], tree.leftHigh[node], bins[column * rowCount + row]);
    node = tree.leftChildren[node] + (left ? 0 : 1);
  }
  return tree.values[node];
}

/** Whether the set of bins with these two words holds a bin; `INACTIVE` is in none. */
export function holdsBin(low: number, high: number, bin: number): boolean {
  return ((bin < 32 ? low >>> bin : bin < 64 ? high >>> (bin - 32) : 0) & 1) === 1;
}
