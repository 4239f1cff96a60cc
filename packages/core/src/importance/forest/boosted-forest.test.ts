import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { binColumn, binTable } from "./binned-columns.ts";
import { type ForestOptions, forestDefaults, growBoostedForest, predictForestRow } from "./boosted-forest.ts";

/** Mean squared error on 200 new points of 3 x_0 + 2 x_1 + x_2, whose variance is 14 / 12; grown from 100. */
function errorOf(options: ForestOptions, seed = 3): number {
  const rng = createRng(seed);
  const points = Float64Array.from({ length: 300 * 4 }, () => rng.uniform());
  const columns = [0, 1, 2, 3].map((j) =>
    binColumn(
      Float64Array.from({ length: 100 }, (_, i) => points[i * 4 + j]),
      { choiceCount: null, gates: [] },
    ),
  );
  const table = binTable(columns, points);
  const responses = Float64Array.from({ length: 300 }, (_, i) => 3 * points[4 * i] + 2 * points[4 * i + 1] + points[4 * i + 2]);
  const samples = { table, responses, weights: new Float64Array(300).fill(1) };
  const rows = { samples: Int32Array.from({ length: 100 }, (_, i) => i), probes: new Int32Array(0) };
  const forest = growBoostedForest(samples, rows, options, createRng(1));
  expect(forest.trees).toHaveLength(options.stageCount * options.treeCount);
  let sum = 0;
  for (let row = 100; row < 300; row++) sum += (predictForestRow(forest, table, row) - responses[row]) ** 2 / 200;
  return sum;
}

describe("growBoostedForest", () => {
  it("predicts points that it has not seen", () => {
    expect(errorOf(forestDefaults)).toBeLessThan(0.25 * (14 / 12));
  });

  it("leaves less of an additive function unexplained in two stages than in one", () => {
    const ratios = Array.from({ length: 20 }, (_, seed) => {
      return errorOf({ ...forestDefaults, stageCount: 2 }, seed) / errorOf(forestDefaults, seed);
    });
    // Measured: mean 0.57, standard error 0.04.
    expect(ratios.reduce((sum, ratio) => sum + ratio / 20, 0)).toBeLessThan(0.7);
  });

  it("grows a tree from no more rows than the limit", () => {
    const sparse = errorOf({ ...forestDefaults, bagLimit: 8 });
    expect(sparse).toBeGreaterThan(2 * errorOf(forestDefaults));
  });
});
