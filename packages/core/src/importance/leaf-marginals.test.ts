import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { type BinnedColumn, type BinnedTable, binColumn, binTable } from "./forest/binned-columns.ts";
import { forestDefaults, growBoostedForest, predictForestRow } from "./forest/boosted-forest.ts";
import { leafMarginals, mainCovariance, pairCovariance } from "./leaf-marginals.ts";

const pairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

/** A forest of 12 random trials over two numeric columns and one of four choices. */
function randomForest(seed: number) {
  const rng = createRng(seed);
  const points = Float64Array.from({ length: 36 }, (_, i) => (i % 3 === 1 ? (rng.int(4) + 0.5) / 4 : rng.uniform()));
  const columns = [0, 1, 2].map((j) =>
    binColumn(
      Float64Array.from({ length: 12 }, (_, i) => points[i * 3 + j]),
      { choiceCount: j === 1 ? 4 : null, gates: [] },
    ),
  );
  const responses = Float64Array.from({ length: 12 }, () => rng.normal());
  const samples = { table: binTable(columns, points), responses, weights: new Float64Array(12).fill(1) };
  const rows = { samples: Int32Array.from({ length: 12 }, (_, i) => i), probes: new Int32Array(0) };
  const options = { ...forestDefaults, treeCount: 3, stageCount: 2, tree: { ...forestDefaults.tree, leafSampleCount: 1 } };
  return { forest: growBoostedForest(samples, rows, options, rng), columns };
}

/** Every combination of bins, with the share of the space it covers. */
function allCells(columns: readonly BinnedColumn[]): { table: BinnedTable; cells: readonly { bins: number[]; width: number }[] } {
  const [a, b, c] = columns.map(({ binCount }) => [...Array(binCount).keys()]);
  const cells = a.flatMap((i) =>
    b.flatMap((j) =>
      c.map((k) => ({ bins: [i, j, k], width: columns[0].widths[i] * columns[1].widths[j] * columns[2].widths[k] })),
    ),
  );
  const bins = Uint8Array.from([0, 1, 2].flatMap((column) => cells.map((cell) => cell.bins[column])));
  return { table: { columns, rowCount: cells.length, bins }, cells };
}

describe("leafMarginals", () => {
  it("agrees with the sum over every combination of bins", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { forest, columns } = randomForest(seed);
        const { table, cells } = allCells(columns);
        const values = cells.map((_, row) => predictForestRow(forest, table, row));
        const meanWhere = (fixed: readonly (readonly [number, number])[]): number => {
          let [sum, width] = [0, 0];
          cells.forEach((cell, row) => {
            if (fixed.some(([column, bin]) => cell.bins[column] !== bin)) return;
            sum += cell.width * values[row];
            width += cell.width;
          });
          return sum / width;
        };
        const marginals = leafMarginals(forest, columns, pairs);
        const mean = meanWhere([]);
        columns.forEach(({ binCount }, j) => {
          for (let bin = 0; bin < binCount; bin++)
            expect(marginals.mains[j * 64 + bin]).toBeCloseTo(meanWhere([[j, bin]]) - mean, 9);
        });
        pairs.forEach(([j, k], index) => {
          for (let r = 0; r < columns[j].binCount; r++) {
            for (let c = 0; c < columns[k].binCount; c++) {
              const alone = marginals.mains[j * 64 + r] + marginals.mains[k * 64 + c];
              const where = [
                [j, r],
                [k, c],
              ] as const;
              const both = meanWhere(where) - mean;
              expect(marginals.pairs[(index * 64 + r) * 64 + c]).toBeCloseTo(both - alone, 9);
            }
          }
        });
      }),
      { numRuns: 10 },
    );
  });

  it("divides the variance of a forest of two columns without a rest", () => {
    const rng = createRng(4);
    const points = Float64Array.from({ length: 60 }, () => rng.uniform());
    const columns = [0, 1].map((j) =>
      binColumn(
        Float64Array.from({ length: 30 }, (_, i) => points[i * 2 + j]),
        { choiceCount: null, gates: [] },
      ),
    );
    const table = binTable(columns, points);
    const responses = Float64Array.from({ length: 30 }, (_, i) => points[2 * i] * points[2 * i + 1]);
    const rows = { samples: Int32Array.from({ length: 30 }, (_, i) => i), probes: new Int32Array(0) };
    const forest = growBoostedForest({ table, responses, weights: new Float64Array(30).fill(1) }, rows, forestDefaults, rng);
    const marginals = leafMarginals(forest, columns, [[0, 1]]);
    const cells = columns[0].binCount * columns[1].binCount;
    const bins = Uint8Array.from({ length: 2 * cells }, (_, i) =>
      i < cells ? Math.floor(i / columns[1].binCount) : (i - cells) % columns[1].binCount,
    );
    let [mean, squares] = [0, 0];
    for (let row = 0; row < cells; row++) {
      const width = columns[0].widths[bins[row]] * columns[1].widths[bins[cells + row]];
      const value = predictForestRow(forest, { columns, rowCount: cells, bins }, row);
      mean += width * value;
      squares += width * value * value;
    }
    const parts =
      mainCovariance(marginals, marginals, columns[0], 0) +
      mainCovariance(marginals, marginals, columns[1], 1) +
      pairCovariance(marginals, marginals, columns[0], columns[1], 0);
    expect(parts).toBeCloseTo(squares - mean * mean, 12);
  });
});
