import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { binColumn, binTable, type ColumnShape, INACTIVE } from "./binned-columns.ts";
import { growTree, treeDefaults } from "./grow-tree.ts";
import { predictRow, type Tree } from "./tree.ts";

const free: ColumnShape = { choiceCount: null, gates: [] };

/** A tree over rows of points whose first `sampleCount` have responses; the others are probes. */
function grow(shapes: readonly ColumnShape[], rows: readonly number[][], responses: readonly number[], seed = 1) {
  const columns = shapes.map((shape, j) =>
    binColumn(
      Float64Array.from(rows, (row) => row[j]),
      shape,
    ),
  );
  const table = binTable(columns, Float64Array.from(rows.flat()));
  const samples = Int32Array.from(responses.keys());
  const probes = Int32Array.from({ length: rows.length - responses.length }, (_, i) => responses.length + i);
  const padded = Float64Array.from(rows, (_, i) => responses[i] ?? Number.NaN);
  const weights = new Float64Array(rows.length).fill(1);
  const options = { ...treeDefaults, columnShare: 1, leafSampleCount: 1 };
  const tree = growTree({ table, responses: padded, weights }, { samples, probes }, options, createRng(seed));
  return { tree, table, predictions: rows.map((_, row) => predictRow(tree, table, row)) };
}

function leafCount(tree: Tree): number {
  return tree.splitColumns.filter((column) => column < 0).length;
}

describe("growTree", () => {
  it("finds a step and stops where nothing is left to explain", () => {
    const rows = Array.from({ length: 20 }, (_, i) => [(i * 7) % 20, (i * 3) % 20].map((k) => (k + 0.5) / 20));
    const responses = rows.map(([x]) => (x < 0.4 ? 1 : 5));
    const { tree, predictions } = grow([free, free], rows, responses);
    expect(leafCount(tree)).toBe(2);
    expect(tree.splitColumns[0]).toBe(0);
    expect(predictions).toEqual(responses);
  });

  it("splits choices into the two best groups, however they are numbered", () => {
    const effects = [3, 0, 3, 0, 0, 3];
    const rows = Array.from({ length: 24 }, (_, i) => [((i % 6) + 0.5) / 6]);
    const responses = rows.map((_, i) => effects[i % 6]);
    const { tree, predictions } = grow([{ choiceCount: 6, gates: [] }], rows, responses);
    expect(leafCount(tree)).toBe(2);
    expect(predictions).toEqual(responses);
  });

  it("weights the samples", () => {
    const columns = [binColumn(Float64Array.of(0.5, 0.5), free)];
    const table = binTable(columns, Float64Array.of(0.5, 0.5));
    const samples = { table, responses: Float64Array.of(0, 4), weights: Float64Array.of(3, 1) };
    const rows = { samples: Int32Array.of(0, 1), probes: new Int32Array(0) };
    expect([...growTree(samples, rows, treeDefaults, createRng(1)).values]).toEqual([1]);
  });

  it("says by how much a split lessens the squared error", () => {
    const { tree } = grow([free], [[0.1], [0.2], [0.8], [0.9]], [1, 1, 3, 3]);
    expect(tree.gains[0]).toBeCloseTo(4, 9);
  });

  it("finds what a conditional column does although its gate does nothing by itself", () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const gate = i % 3;
      return [(gate + 0.5) / 3, gate === 1 ? (((i * 11) % 60) + 0.5) / 60 : Number.NaN, (((i * 17) % 60) + 0.5) / 60];
    });
    const responses = rows.map(([, u]) => (Number.isNaN(u) ? 0 : u < 0.5 ? -1 : 1));
    const shapes = [{ choiceCount: 3, gates: [] }, { choiceCount: null, gates: [0] }, free];
    const { tree, predictions } = grow(shapes, rows, responses);
    expect(predictions).toEqual(responses);
    expect(tree.splitColumns[0]).toBe(0);
  });

  it("splits a conditional column only where it is active in the whole node, which probes can show", () => {
    const samples = Array.from({ length: 30 }, (_, i) => [0.25, (i + 0.5) / 30]);
    const probes = [
      [0.75, Number.NaN],
      [0.25, 0.5],
    ];
    const responses = samples.map(([, u]) => (u < 0.5 ? 0 : 1));
    const shapes = [
      { choiceCount: 2, gates: [] },
      { choiceCount: null, gates: [0] },
    ];
    const { tree, table } = grow(shapes, [...samples, ...probes], responses);
    expect(tree.splitColumns[0]).toBe(0);
    expect(table.bins[table.rowCount + 30]).toBe(INACTIVE);
    // The side without samples keeps the mean of all.
    expect(predictRow(tree, table, 30)).toBe(0.5);
  });

  it("grows the same tree from the same stream, and others from others", () => {
    const rows = Array.from({ length: 40 }, (_, i) => [((i * 13) % 40) / 40, ((i * 29) % 40) / 40]);
    const responses = rows.map(([x, y]) => Math.sin(7 * x) + y * y);
    expect(grow([free, free], rows, responses, 5).tree).toEqual(grow([free, free], rows, responses, 5).tree);
    expect(grow([free, free], rows, responses, 6).tree).not.toEqual(grow([free, free], rows, responses, 5).tree);
  });
});
