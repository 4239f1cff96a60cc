import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "./rng.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

function eigen(rows: readonly (readonly number[])[]) {
  const n = rows.length;
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  symmetricEigen(Float64Array.from(rows.flat()), n, values, vectors);
  return { values, vectors };
}

function symmetric(n: number, seed: number, scale: (i: number) => number): number[][] {
  const rng = createRng(seed, "eigen");
  const a = Array.from({ length: n }, () => Array.from({ length: n }, () => rng.normal()));
  return a.map((row, i) => row.map((_, j) => scale(i) * scale(j) * (i >= j ? a[i][j] : a[j][i])));
}

/** Greatest |A − B d Bᵀ| and |BᵀB − I|. */
function residuals(rows: readonly (readonly number[])[]): readonly [number, number] {
  const n = rows.length;
  const { values, vectors } = eigen(rows);
  let worst = 0;
  let skew = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let product = 0;
      for (let k = 0; k < n; k++) {
        sum += vectors[i * n + k] * values[k] * vectors[j * n + k];
        product += vectors[k * n + i] * vectors[k * n + j];
      }
      worst = Math.max(worst, Math.abs(sum - rows[i][j]));
      skew = Math.max(skew, Math.abs(product - (i === j ? 1 : 0)));
    }
  return [worst, skew];
}

describe("symmetricEigen", () => {
  test("of matrices worked out by hand", () => {
    expect([...eigen([[7]]).values]).toEqual([7]);
    const { values, vectors } = eigen([
      [2, 1],
      [1, 2],
    ]);
    expect([...values]).toEqual([expect.closeTo(1, 15), expect.closeTo(3, 15)]);
    expect(Math.abs(vectors[1])).toBeCloseTo(Math.SQRT1_2, 15);
    expect(vectors[1]).toBeCloseTo(vectors[3], 15);
    // The second difference matrix of n points has the eigenvalues 2 − 2 cos(kπ / (n + 1)).
    const n = 9;
    const difference = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    );
    eigen(difference).values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
  });

  test("puts a matrix back together from values in ascending order and orthonormal vectors", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
        const rows = symmetric(n, seed, () => 1);
        const norm = Math.max(...rows.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
        const [worst, skew] = residuals(rows);
        expect(worst).toBeLessThanOrEqual(1e-13 * n * norm);
        expect(skew).toBeLessThanOrEqual(1e-13 * n);
        const { values } = eigen(rows);
        expect([...values]).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });

  test.each([
    ["zeros", symmetric(6, 1, () => 0)],
    ["the identity", Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => (i === j ? 1 : 0)))],
    ["one row and column of zeros", symmetric(6, 2, (i) => (i === 3 ? 0 : 1))],
    ["scales from 1e-8 to 1e8", symmetric(9, 3, (i) => 10 ** (i - 4))],
    ["rank one", Array.from({ length: 7 }, (_, i) => Array.from({ length: 7 }, (_, j) => (i + 1) * (j + 1)))],
    ["very small numbers", symmetric(5, 4, () => 1e-150)],
    ["very large numbers", symmetric(5, 5, () => 1e150)],
  ])("copes with %s", (_, rows) => {
    const norm = Math.max(...rows.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
    const [worst, skew] = residuals(rows);
    expect(worst).toBeLessThanOrEqual(1e-12 * norm);
    expect(skew).toBeLessThanOrEqual(1e-12);
  });

  test("reads the lower triangle only and keeps it", () => {
    const a = Float64Array.of(2, 99, 1, 2);
    const values = new Float64Array(2);
    symmetricEigen(a, 2, values, new Float64Array(4));
    expect([...values]).toEqual([expect.closeTo(1, 14), expect.closeTo(3, 14)]);
    expect([...a]).toEqual([2, 99, 1, 2]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %s", (value) => {
    expect(() => eigen([[value]])).toThrow(RangeError);
  });
});
