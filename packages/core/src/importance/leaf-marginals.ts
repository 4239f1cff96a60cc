import type { BinnedColumn } from "./forest/binned-columns.ts";
import type { BoostedForest } from "./forest/boosted-forest.ts";
import { type Box, walkLeaves, wholeBox } from "./leaf-walk.ts";

// One more than bins: sums of differences end behind the last bin.
const STRIDE = 65;

/** Two columns whose interaction is asked for. */
export type ColumnPair = readonly [number, number];

/**
 * The parts of the functional ANOVA of a forest that depend on one column, and on two.
 *
 * f_j(x_j) = E[f | x_j] − E f and f_jk(x_j, x_k) = E[f | x_j, x_k] − f_j − f_k − E f, constant on bins. A leaf that does not cut
 * column j adds the same to every bin of j, which the subtraction removes again, so only the leaves that cut it are looked at.
 *
 * Source: F. Hutter, H. Hoos, K. Leyton-Brown (2014), "An efficient approach for assessing hyperparameter importance", algorithms 1
 * and 2, http://proceedings.mlr.press/v32/hutter14.html.
 */
export interface Marginals {
  /** (d, 64) */
  readonly mains: Float64Array;
  /** (pairs, 64 × 64) */
  readonly pairs: Float64Array;
}

export function leafMarginals(
  { trees, treeCount }: BoostedForest,
  columns: readonly BinnedColumn[],
  pairs: readonly ColumnPair[],
): Marginals {
  const d = columns.length;
  const steps = new Float64Array(d * STRIDE);
  const pairSteps = new Float64Array(pairs.length * STRIDE * STRIDE);
  const pairIndexes = new Int32Array(d * d).fill(-1);
  pairs.forEach(([j, k], index) => {
    pairIndexes[j * d + k] = index;
  });
  const runs = new Int32Array(d * STRIDE);
  const runCounts = new Int32Array(d);

  const addLeaf = (value: number, box: Box): void => {
    for (let i = 0; i < box.cutCount; i++) {
      const j = box.cutColumns[i];
      runCounts[j] = listRuns(box.low[j], box.high[j], runs, j * STRIDE);
      const share = (value * box.volume) / box.widths[j];
      for (let r = 0; r < runCounts[j]; r++) steps[j * STRIDE + runs[j * STRIDE + r]] += r % 2 === 0 ? share : -share;
    }
    for (let i = 0; i < box.cutCount; i++) for (let l = 0; l < i; l++) addPair(value, box, box.cutColumns[i], box.cutColumns[l]);
  };
  const addPair = (value: number, box: Box, one: number, other: number): void => {
    const j = Math.min(one, other);
    const k = Math.max(one, other);
    const index = pairIndexes[j * d + k];
    if (index < 0) return;
    const share = (value * box.volume) / (box.widths[j] * box.widths[k]);
    for (let r = 0; r < runCounts[j]; r++) {
      const line = index * STRIDE * STRIDE + runs[j * STRIDE + r] * STRIDE;
      for (let s = 0; s < runCounts[k]; s++) pairSteps[line + runs[k * STRIDE + s]] += (r + s) % 2 === 0 ? share : -share;
    }
  };
  for (const tree of trees) walkLeaves(tree, columns, wholeBox(columns), addLeaf);
  return {
    mains: centredMains(steps, columns, treeCount),
    pairs: centredPairs(pairSteps, columns, pairs, treeCount),
  };
}

/** Writes where the runs of members of a set begin and end (the bin behind the last one). @returns How many numbers. */
function listRuns(low: number, high: number, out: Int32Array, offset: number): number {
  let count = 0;
  let inside = 0;
  for (let bin = 0; bin < 64; bin++) {
    const bit = bin < 32 ? (low >>> bin) & 1 : (high >>> (bin - 32)) & 1;
    if (bit !== inside) out[offset + count++] = bin;
    inside = bit;
  }
  if (inside === 1) out[offset + count++] = 64;
  return count;
}

function centredMains(steps: Float64Array, columns: readonly BinnedColumn[], treeCount: number): Float64Array {
  const mains = new Float64Array(columns.length * 64);
  columns.forEach(({ binCount, widths }, j) => {
    let sum = 0;
    let mean = 0;
    for (let bin = 0; bin < binCount; bin++) {
      sum += steps[j * STRIDE + bin];
      mains[j * 64 + bin] = sum / treeCount;
      mean += (widths[bin] * sum) / treeCount;
    }
    for (let bin = 0; bin < binCount; bin++) mains[j * 64 + bin] -= mean;
  });
  return mains;
}

function centredPairs(
  steps: Float64Array,
  columns: readonly BinnedColumn[],
  pairs: readonly ColumnPair[],
  treeCount: number,
): Float64Array {
  const values = new Float64Array(pairs.length * 64 * 64);
  pairs.forEach(([j, k], index) => {
    const at = index * 64 * 64;
    const [rowCount, columnCount] = [columns[j].binCount, columns[k].binCount];
    for (let r = 0; r < rowCount; r++) {
      let sum = 0;
      for (let c = 0; c < columnCount; c++) {
        sum += steps[index * STRIDE * STRIDE + r * STRIDE + c] / treeCount;
        values[at + r * 64 + c] = sum + (r > 0 ? values[at + (r - 1) * 64 + c] : 0);
      }
    }
    centreLines(values, at, rowCount, 64, columnCount, 1, columns[k].widths);
    centreLines(values, at, columnCount, 1, rowCount, 64, columns[j].widths);
  });
  return values;
}

/** Subtracts its weighted mean from each of `lineCount` lines of `length` values. */
function centreLines(
  values: Float64Array,
  at: number,
  lineCount: number,
  lineStride: number,
  length: number,
  stride: number,
  widths: Float64Array,
): void {
  for (let line = 0; line < lineCount; line++) {
    const start = at + line * lineStride;
    let mean = 0;
    for (let i = 0; i < length; i++) mean += widths[i] * values[start + i * stride];
    for (let i = 0; i < length; i++) values[start + i * stride] -= mean;
  }
}

/** Covariance over column j of two main effects. */
export function mainCovariance(a: Marginals, b: Marginals, { binCount, widths }: BinnedColumn, j: number): number {
  let sum = 0;
  for (let bin = 0; bin < binCount; bin++) sum += widths[bin] * a.mains[j * 64 + bin] * b.mains[j * 64 + bin];
  return sum;
}

/** Covariance over columns j and k of two interactions. */
export function pairCovariance(a: Marginals, b: Marginals, columnJ: BinnedColumn, columnK: BinnedColumn, index: number): number {
  let sum = 0;
  for (let r = 0; r < columnJ.binCount; r++) {
    const at = index * 64 * 64 + r * 64;
    let line = 0;
    for (let c = 0; c < columnK.binCount; c++) line += columnK.widths[c] * a.pairs[at + c] * b.pairs[at + c];
    sum += columnJ.widths[r] * line;
  }
  return sum;
}
