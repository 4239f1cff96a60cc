import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderByParents } from "./condition-graph.ts";

describe("orderByParents", () => {
  it("puts every parameter after its parents", () => {
    // Parent indexes drawn below the child's own never make a cycle; a shuffle hides that order.
    const graph = fc
      .integer({ min: 1, max: 40 })
      .chain((n) =>
        fc.tuple(
          fc.array(fc.uniqueArray(fc.nat(n), { maxLength: 4 }), { minLength: n, maxLength: n }),
          fc.shuffledSubarray([...Array(n).keys()], { minLength: n }),
        ),
      );
    fc.assert(
      fc.property(graph, ([drawn, names]) => {
        const parents: number[][] = names.map(() => []);
        drawn.forEach((candidates, i) => {
          parents[names[i]] = candidates.filter((parent) => parent < i).map((parent) => names[parent]);
        });
        const { order, cycles } = orderByParents(parents);
        expect(cycles).toEqual([]);
        expect([...order].sort((a, b) => a - b)).toEqual([...parents.keys()]);
        parents.forEach((own, child) => {
          for (const parent of own) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(child));
        });
      }),
    );
  });

  it("finds a cycle exactly where no order exists, and only true cycles", () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain((n) => fc.array(fc.uniqueArray(fc.nat(n - 1), { maxLength: 3 }), { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(graph, (parents) => {
        const { order, cycles } = orderByParents(parents);
        expect(cycles.length > 0).toBe(order.length < parents.length);
        for (const cycle of cycles) {
          for (const [i, node] of cycle.entries()) expect(parents[node]).toContain(cycle[(i + 1) % cycle.length]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
