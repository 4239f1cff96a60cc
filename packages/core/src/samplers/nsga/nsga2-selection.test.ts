import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hypervolume } from "../../numerics/hypervolume.ts";
import { goldenRows } from "../../testing/golden-rows.ts";
import { testCandidates } from "../../testing/test-candidates.ts";
import { constrainedRanks, gatherRows } from "./constrained-ranks.ts";
import { crowdedFitness, selectByCrowding } from "./nsga2-selection.ts";

/** A front of five, and one behind it of three. */
const rows = [
  [0, 10],
  [1, 6],
  [2, 5],
  [6, 2],
  [10, 0],
  [1, 11],
  [4, 7],
  [11, 3],
];

describe("crowdedFitness", () => {
  it("is the crowding within each front", () => {
    const { ranks, crowding } = crowdedFitness(testCandidates(rows));
    expect([...ranks]).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
    // Recipe: in both objectives the gap between the neighbours over the front's range, 10. (1,6): (2 − 0)/10 + (10 − 5)/10;
    // (2,5): (6 − 1)/10 + (6 − 2)/10; (6,2): (10 − 2)/10 + (5 − 0)/10. Behind, ranges 10 and 8: (4,7): 10/10 + 8/8.
    [Infinity, 0.7, 0.9, 1.3, Infinity, Infinity, 2, Infinity].forEach((expected, i) => {
      expect(crowding[i]).toBeCloseTo(expected, 12);
    });
  });
});

describe("selectByCrowding", () => {
  it("takes whole fronts, then the loneliest of the next", () => {
    expect([...selectByCrowding(testCandidates(rows), 7)]).toEqual([0, 1, 2, 3, 4, 5, 7]);
    expect([...selectByCrowding(testCandidates(rows), 4)]).toEqual([0, 2, 3, 4]);
  });

  it("keeps what makes the hypervolume of the golden set", () => {
    // Recipe: the hypervolume by counting unit squares below 6.
    const golden = testCandidates(goldenRows);
    const kept = selectByCrowding(golden, 4);
    expect([...kept]).toEqual([0, 1, 2, 5]);
    expect(hypervolume(gatherRows(golden.losses, kept, 2), 4, 2, [6, 6])).toBe(17);
  });

  it("keeps the smallest losses of one objective, ties by index", () => {
    expect([...selectByCrowding(testCandidates([[3], [1], [2], [1], [2]]), 3)]).toEqual([1, 2, 3]);
  });

  it("keeps N, none of which an outsider outranks", () => {
    const coarse = fc.integer({ min: 0, max: 4 });
    const row = fc.tuple(coarse, coarse, coarse, fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (drawn, N) => {
        const all = testCandidates(
          drawn.map(([a, b, c]) => [a, b, c]),
          drawn.map(([, , , violation]) => violation),
        );
        const kept = selectByCrowding(all, N);
        expect(kept.length).toBe(Math.min(N, drawn.length));
        const ranks = constrainedRanks(all);
        const worst = Math.max(...Array.from(kept, (i) => ranks[i]));
        expect(drawn.every((_, i) => kept.includes(i) || ranks[i] >= worst)).toBe(true);
      }),
    );
  });
});
