import { describe, expect, it } from "vitest";
import { goldenRanks, goldenRows } from "../../testing/golden-rows.ts";
import { testCandidates } from "../../testing/test-candidates.ts";
import { constrainedRanks, frontsOf } from "./constrained-ranks.ts";

describe("constrainedRanks", () => {
  it("without violations are the non-domination ranks", () => {
    expect([...constrainedRanks(testCandidates(goldenRows))]).toEqual(goldenRanks);
  });

  it("put every infeasible one after the feasible ones, by violation alone, equal ones alike", () => {
    // (1,5) and (4,1) now violate: (1,6) is no longer dominated, (3,3) still is by (2,3), (5,5) by (3,3).
    expect([...constrainedRanks(testCandidates(goldenRows, [0.5, 0, 0.2, 0, 0, 0, 0]))]).toEqual([4, 0, 3, 1, 2, 0, 0]);
    expect([...constrainedRanks(testCandidates(goldenRows.slice(0, 3), [1, 1, 2]))]).toEqual([0, 0, 1]);
  });

  it("put unknown violations last and take infinite losses", () => {
    expect([...constrainedRanks(testCandidates([[1], [2], [3]], [Infinity, 7, Infinity]))]).toEqual([1, 0, 1]);
    expect([...constrainedRanks(testCandidates([[Infinity], [2], [-Infinity]]))]).toEqual([2, 1, 0]);
  });
});

describe("frontsOf", () => {
  it("lists the candidates of each rank, ascending", () => {
    expect(frontsOf(Int32Array.of(1, 0, 2, 0))).toEqual([[1, 3], [0], [2]]);
  });
});
