import type { Rng } from "../../numerics/rng.ts";
import type { BinnedTable } from "./binned-columns.ts";
import { growTree, type TreeOptions, type TreeRows, treeDefaults } from "./grow-tree.ts";
import type { Samples } from "./split-search.ts";
import { predictRow, type Tree } from "./tree.ts";

export interface ForestOptions {
  /** Forests one after the other, each grown on what the ones before it leave over; 1 is a plain random forest. */
  readonly stageCount: number;
  /** Trees per stage. */
  readonly treeCount: number;
  /** Share of the rows that a tree is grown from, drawn without replacement, and the most there may be. */
  readonly bagShare: number;
  readonly bagLimit: number;
  readonly tree: TreeOptions;
}

/** A plain forest of ten trees. A bag of 1 − 1/e of the rows holds as many different ones as a bootstrap sample. */
export const forestDefaults: ForestOptions = Object.freeze({
  stageCount: 1,
  treeCount: 10,
  bagShare: 1 - 1 / Math.E,
  bagLimit: 256,
  tree: treeDefaults,
});

/** The prediction is the sum over stages of the mean over a stage's trees: the sum over all trees, divided by `treeCount`. */
export interface BoostedForest {
  readonly trees: readonly Tree[];
  readonly treeCount: number;
}

/**
 * Grows a random forest, then another one on what it leaves unexplained out of bag, and so on.
 *
 * A single forest follows the strongest columns and sees too little of the weak ones; those are what is left over for the next.
 *
 * @param rows  Those to learn from; trees are grown from a part of its samples each.
 * Source: I. Ghosal, G. Hooker (2018), "Boosting random forests to reduce bias; one-step boosted forest and its variance estimate",
 * https://arxiv.org/abs/1803.08000; several steps as in its section 5.
 */
export function growBoostedForest(samples: Samples, rows: TreeRows, options: ForestOptions, rng: Rng): BoostedForest {
  const { stageCount, treeCount } = options;
  const residuals = samples.responses.slice();
  const trees: Tree[] = [];
  for (let stage = 0; stage < stageCount; stage++) {
    const stageRng = rng.split(stage);
    const bags = Array.from({ length: treeCount }, (_, t) => drawBag(rows.samples, options, stageRng.split(t).split("bag")));
    const grown = bags.map((bag, t) =>
      growTree({ ...samples, responses: residuals }, { ...rows, samples: bag }, options.tree, stageRng.split(t)),
    );
    subtractOutOfBag(residuals, samples.table, rows.samples, grown, bags);
    trees.push(...grown);
  }
  return { trees, treeCount };
}

function drawBag(rows: Int32Array, { bagShare, bagLimit }: ForestOptions, rng: Rng): Int32Array {
  const count = Math.min(rows.length, bagLimit, Math.max(2, Math.ceil(bagShare * rows.length)));
  const drawn = rows.slice();
  for (let i = 0; i < count; i++) {
    const j = i + rng.int(drawn.length - i);
    const moved = drawn[i];
    drawn[i] = drawn[j];
    drawn[j] = moved;
  }
  return drawn.subarray(0, count);
}

/** A row that was in every bag is left to the mean of all trees. */
function subtractOutOfBag(
  residuals: Float64Array,
  table: BinnedTable,
  rows: Int32Array,
  trees: readonly Tree[],
  bags: readonly Int32Array[],
): void {
  const inBags = bags.map((bag) => {
    const inBag = new Uint8Array(table.rowCount);
    for (const row of bag) inBag[row] = 1;
    return inBag;
  });
  for (const row of rows) {
    let sum = 0;
    let outSum = 0;
    let outCount = 0;
    trees.forEach((tree, t) => {
      const prediction = predictRow(tree, table, row);
      sum += prediction;
      if (inBags[t][row] === 1) return;
      outSum += prediction;
      outCount++;
    });
    residuals[row] -= outCount > 0 ? outSum / outCount : sum / trees.length;
  }
}

/** What the forest says about one row of a table with its columns. */
export function predictForestRow({ trees, treeCount }: BoostedForest, table: BinnedTable, row: number): number {
  let sum = 0;
  for (const tree of trees) sum += predictRow(tree, table, row);
  return sum / treeCount;
}
