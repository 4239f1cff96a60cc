import fc from "fast-check";
import { expect, it } from "vitest";
import { solveLinear } from "./solve-linear.ts";

it("solves a system whose first pivot is 0", () => {
  // 2y = 4, 3x + y = 5.
  const b = Float64Array.of(4, 5);
  expect(solveLinear(Float64Array.of(0, 2, 3, 1), b)).toBe(true);
  expect([...b]).toEqual([1, 2]);
});

it("finds the x that made b", () => {
  const entry = fc.integer({ min: -9, max: 9 });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 16, maxLength: 16 }), fc.array(entry, { minLength: 4, maxLength: 4 }), (a, x) => {
      const b = Float64Array.from({ length: 4 }, (_, i) => x.reduce((sum, value, j) => sum + a[4 * i + j] * value, 0));
      if (!solveLinear(Float64Array.from(a), b)) return;
      for (let j = 0; j < 4; j++) expect(b[j]).toBeCloseTo(x[j], 6);
    }),
  );
});

it.each([
  ["a singular matrix", [1, 2, 2, 4]],
  ["zeros", [0, 0, 0, 0]],
  ["NaN", [Number.NaN, 1, 1, 1]],
])("refuses %s", (_, a) => {
  expect(solveLinear(Float64Array.from(a), Float64Array.of(1, 1))).toBe(false);
});
