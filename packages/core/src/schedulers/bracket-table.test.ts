import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fidelity } from "../trial/problem.ts";
import { type BracketPlan, bracketTable, rungSizes } from "./bracket-table.ts";

function epochs(min: number, max: number): Fidelity {
  return { name: "epochs", unit: "steps", resume: "auto", min, max };
}

/** `[trials, level]` of each rung. */
function rungs({ levels, size }: BracketPlan, eta: number): [number, number][] {
  return rungSizes(size, levels.length, eta).map((count, k) => [count, levels[k]]);
}

describe("bracketTable", () => {
  it("is Hyperband's table for R = 81 and eta = 3", () => {
    // Golden: L. Li et al. (2018), Table 1.
    expect(bracketTable(epochs(1, 81), 3).map((plan) => rungs(plan, 3))).toEqual([
      [
        [81, 1],
        [27, 3],
        [9, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [34, 3],
        [11, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [15, 9],
        [5, 27],
        [1, 81],
      ],
      [
        [8, 27],
        [2, 81],
      ],
      [[5, 81]],
    ]);
  });

  it("counts rungs exactly where logarithms do not", () => {
    expect(Math.log(1_000) / Math.log(10)).toBeLessThan(3);
    expect(bracketTable(epochs(1, 1_000), 10)).toHaveLength(4);
    expect(bracketTable(epochs(1, 243), 3)).toHaveLength(6);
    expect(bracketTable(epochs(1, 242), 3)).toHaveLength(5);
    expect(bracketTable({ ...epochs(0.1, 0.9), unit: "value" }, 3)).toHaveLength(3);
    expect(bracketTable(epochs(7, 7), 3)).toEqual([{ levels: [7], size: 1 }]);
  });

  it("has whole levels between whole bounds, others between others", () => {
    expect(bracketTable(epochs(1, 100), 3)[0].levels).toEqual([1, 4, 11, 33, 100]);
    expect(bracketTable({ ...epochs(0.25, 1), unit: "value" }, 2)[0].levels).toEqual([0.25, 0.5, 1]);
  });

  it("levels rise strictly from min or beyond to max, and every bracket leaves at least one trial", () => {
    const bounds = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20_000 }));
    fc.assert(
      fc.property(bounds, fc.constantFrom(2, 2.5, 3, 4, 10), ([min, range], eta) => {
        const max = min + range;
        bracketTable(epochs(min, max), eta).forEach((plan, i, table) => {
          expect(plan.levels).toHaveLength(table.length - i);
          expect(plan.levels[0]).toBeGreaterThanOrEqual(min);
          expect(plan.levels.at(-1)).toBe(max);
          plan.levels.slice(1).forEach((level, k) => {
            expect(level).toBeGreaterThan(plan.levels[k]);
          });
          expect(rungSizes(plan.size, plan.levels.length, eta).at(-1)).toBeGreaterThanOrEqual(1);
        });
      }),
    );
  });
});

describe("rungSizes", () => {
  it("keeps one where fewer than eta are left", () => {
    expect(rungSizes(5, 4, 3)).toEqual([5, 1, 1, 1]);
    expect(rungSizes(1, 3, 2)).toEqual([1, 1, 1]);
  });
});
