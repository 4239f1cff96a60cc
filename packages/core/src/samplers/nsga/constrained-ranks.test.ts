import { describe, expect, it } from "vitest";
import { constrainedRanks, frontsOf } from "./constrained-ranks.ts";

const candidates = (rows: readonly (readonly number[])[], violations = rows.map(() => 0)) => ({
  m: rows[0].length,
  losses: Float64Array.from(rows.flat()),
  violations: Float64Array.from(violations),
});

describe("constrainedRanks", () => {
  // Recipe: by hand.
  const golden = [
    [1, 5],
    [2, 3],
    [4, 1],
    [3, 3],
    [5, 5],
    [2, 3],
    [1, 6],
  ];

  it("without violations are the non-domination ranks", () => {
    expect([...constrainedRanks(candidates(golden))]).toEqual([0, 0, 0, 1, 2, 0, 1]);
  });

  it("put every infeasible one after the feasible ones, by violation alone, equal ones alike", () => {
    // (1,5) and (4,1) now violate: (1,6) is no longer dominated, (3,3) still is by (2,3), (5,5) by (3,3).
    expect([...constrainedRanks(candidates(golden, [0.5, 0, 0.2, 0, 0, 0, 0]))]).toEqual([4, 0, 3, 1, 2, 0, 0]);
    expect([...constrainedRanks(candidates(golden.slice(0, 3), [1, 1, 2]))]).toEqual([0, 0, 1]);
  });

  it("put unknown violations last and take infinite losses", () => {
    expect([...constrainedRanks(candidates([[1], [2], [3]], [Infinity, 7, Infinity]))]).toEqual([1, 0, 1]);
    expect([...constrainedRanks(candidates([[Infinity], [2], [-Infinity]]))]).toEqual([2, 1, 0]);
  });
});

describe("frontsOf", () => {
  it("lists the candidates of each rank, ascending", () => {
    expect(frontsOf(Int32Array.of(1, 0, 2, 0))).toEqual([[1, 3], [0], [2]]);
  });
});
