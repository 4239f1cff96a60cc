import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { testCandidates } from "../../testing/test-candidates.ts";
import { constrainedRanks } from "./constrained-ranks.ts";
import { associate, normalize, rankFitness, selectByNiches } from "./nsga3-selection.ts";
import { referencePoints } from "./reference-points.ts";

const all = (rows: readonly unknown[]): number[] => rows.map((_, i) => i);

describe("normalize", () => {
  it("maps the ideal point to 0 and the extreme points to the axes", () => {
    // Ideal (1, 10); extremes (1, 50) and (5, 10) lie on the axes: intercepts 4 and 40.
    const rows = [
      [1, 50],
      [5, 10],
      [2, 20],
      [3, 40],
    ];
    expect([...normalize(testCandidates(rows), all(rows))]).toEqual([0, 1, 1, 0, 0.25, 0.25, 0.5, 0.75]);
  });

  it("extends the hyperplane to the axes when the extreme points are off them", () => {
    // Recipe: scaled by the range 2 the extremes are (1, 0, 1/2), (1/2, 1, 0), (0, 1/2, 1); the plane through them meets each axis at
    // 3/2, by which every coordinate is divided.
    const rows = [
      [2, 0, 1],
      [1, 2, 0],
      [0, 1, 2],
    ];
    const normalized = normalize(testCandidates(rows), all(rows));
    const expected = [2 / 3, 0, 1 / 3, 1 / 3, 2 / 3, 0, 0, 1 / 3, 2 / 3];
    normalized.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });

  it("falls back to the range where there is no hyperplane", () => {
    // One point is extreme for both objectives.
    const rows = [
      [0, 0],
      [4, 2],
      [2, 1],
    ];
    expect([...normalize(testCandidates(rows), all(rows))]).toEqual([0, 0, 1, 1, 0.5, 0.5]);
  });

  it("makes a constant objective 0 and infinite losses finite", () => {
    const rows = [
      [7, 1],
      [7, Infinity],
      [7, 3],
      [7, -Infinity],
    ];
    expect([...normalize(testCandidates(rows), all(rows))]).toEqual([0, 0, 0, 1, 0, 1, 0, 0]);
    const huge = [
      [-1.7e308, 1.7e308],
      [1.7e308, -1.7e308],
      [0, 0],
    ];
    expect([...normalize(testCandidates(huge), all(huge))]).toEqual([0, 1, 1, 0, 0.5, 0.5]);
  });

  it("does not depend on the units of the objectives", () => {
    const rng = createRng(1, "units");
    const rows = Array.from({ length: 12 }, () => [rng.uniform(), rng.uniform(), rng.uniform()]);
    const scaled = rows.map(([a, b, c]) => [1e6 * a + 5, b, 1e-6 * c - 3]);
    const [one, other] = [rows, scaled].map((given) => normalize(testCandidates(given), all(given)));
    one.forEach((value, i) => {
      expect(other[i]).toBeCloseTo(value, 6);
    });
  });
});

describe("associate", () => {
  it("finds the nearest reference line and the squared distance from it", () => {
    const lines = referencePoints(2, 2);
    const { nearest, distances } = associate(Float64Array.of(0.1, 2, 3, 3, 1, 0.5), 2, lines);
    // Lines along (0,1), (1,1), (1,0). (1, 0.5) is 0.5 from the last, √0.125 from the diagonal.
    expect([...nearest]).toEqual([0, 1, 1]);
    [0.01, 0, 0.125].forEach((expected, i) => {
      expect(distances[i]).toBeCloseTo(expected, 12);
    });
  });
});

describe("selectByNiches", () => {
  const lines = referencePoints(2, 2);

  it("gives every reference line its closest member before any a second", () => {
    // A crowd near the first axis, one on the diagonal, one on the second axis.
    const rows = [
      [0, 1],
      [0.01, 0.99],
      [0.02, 0.98],
      [0.03, 0.97],
      [0.5, 0.5],
      [0.45, 0.56],
      [1, 0],
    ];
    for (let seed = 0; seed < 20; seed++) {
      expect([...selectByNiches(testCandidates(rows), 3, lines, createRng(seed))]).toEqual([0, 4, 6]);
    }
  });

  it("counts survivors of earlier fronts when it fills", () => {
    // The front serves both axes; of the one behind it, the diagonal's member comes first.
    const rows = [
      [1, 4],
      [4, 1],
      [1.1, 5],
      [4, 4],
      [5, 1.1],
    ];
    expect([...constrainedRanks(testCandidates(rows))]).toEqual([0, 0, 1, 1, 1]);
    for (let seed = 0; seed < 20; seed++) {
      expect([...selectByNiches(testCandidates(rows), 3, lines, createRng(seed))]).toEqual([0, 1, 3]);
    }
  });

  it("takes infeasible ones by their violation alone", () => {
    const rows = [
      [5, 5],
      [0, 0],
      [1, 1],
      [2, 2],
    ];
    expect([...selectByNiches(testCandidates(rows, [0, 3, 1, 2]), 3, lines, createRng(1))]).toEqual([0, 2, 3]);
  });

  it("keeps N, none of which an outsider outranks", () => {
    const coarse = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(Infinity, -Infinity, 1e308, -1e308));
    const row = fc.tuple(coarse, coarse, coarse, fc.integer({ min: 0, max: 2 }));
    const directions = referencePoints(3, 3);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (drawn, N) => {
        const given = testCandidates(
          drawn.map(([a, b, c]) => [a, b, c]),
          drawn.map(([, , , violation]) => violation),
        );
        const kept = selectByNiches(given, N, directions, createRng(N));
        expect(new Set(kept).size).toBe(Math.min(N, drawn.length));
        const ranks = constrainedRanks(given);
        const worst = Math.max(...Array.from(kept, (i) => ranks[i]));
        expect(drawn.every((_, i) => kept.includes(i) || ranks[i] >= worst)).toBe(true);
      }),
    );
  });

  it("spreads over the octant of a sphere: every direction keeps one", () => {
    const directions = referencePoints(3, 4);
    const rng = createRng(9, "sphere");
    const onSphere = (x: readonly number[]): number[] => x.map((value) => value / Math.hypot(...x));
    const exact = Array.from({ length: directions.count }, (_, j) =>
      onSphere([...directions.weights.subarray(3 * j, 3 * j + 3)]),
    );
    const others = Array.from({ length: 60 }, () => onSphere([rng.uniform(), rng.uniform(), rng.uniform()]));
    const kept = selectByNiches(testCandidates([...others, ...exact]), directions.count, directions, rng);
    expect([...kept]).toEqual(exact.map((_, j) => 60 + j));
  });
});

describe("rankFitness", () => {
  it("is the rank under constraint domination, without crowding", () => {
    const { ranks, crowding } = rankFitness(
      testCandidates(
        [
          [0, 2],
          [1, 1],
          [2, 2],
          [0, 0],
        ],
        [0, 0, 0, 1],
      ),
    );
    expect([...ranks]).toEqual([0, 0, 1, 2]);
    expect([...crowding]).toEqual([0, 0, 0, 0]);
  });
});
