import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factorCholesky, factorWithJitter, halfLogDeterminant, rowStart, solveLower, solveUpper } from "./cholesky.ts";
import { createRng } from "./rng.ts";

/** A random positive definite matrix: A Aᵀ + n·ridge, packed. */
function matrix(n: number, seed: number, ridge = 0.1): Float64Array {
  const rng = createRng(seed, "cholesky");
  const a = Array.from({ length: n }, () => Array.from({ length: n }, () => rng.normal()));
  const packed = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      packed[rowStart(i) + j] = a[i].reduce((sum, value, k) => sum + value * a[j][k], i === j ? n * ridge : 0);
  return packed;
}

function element(packed: Float64Array, i: number, j: number): number {
  return i >= j ? packed[rowStart(i) + j] : packed[rowStart(j) + i];
}

function times(packed: Float64Array, n: number, x: Float64Array): number[] {
  return Array.from({ length: n }, (_, i) => x.reduce((sum, value, j) => sum + element(packed, i, j) * value, 0));
}

const size = fc.integer({ min: 1, max: 40 });
const seed = fc.integer({ min: 0, max: 1_000_000 });

describe("a Cholesky factor", () => {
  test("of a matrix worked out by hand", () => {
    const a = Float64Array.of(4, 12, 37, -16, -43, 98);
    expect(factorCholesky(a, 3)).toBe(3);
    expect([...a]).toEqual([2, 6, 1, -8, 5, 3]);
    expect(halfLogDeterminant(a, 3)).toBeCloseTo(Math.log(6), 14);
  });

  test("times its transpose is the matrix", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const k = matrix(n, s);
        const l = k.slice();
        expect(factorCholesky(l, n)).toBe(n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) {
            let sum = 0;
            for (let m = 0; m <= j; m++) sum += l[rowStart(i) + m] * l[rowStart(j) + m];
            expect(Math.abs(sum - element(k, i, j))).toBeLessThan(1e-12 * n * n);
          }
      }),
    );
  });

  test("has the same bits whether rows come at once or one by one", () => {
    fc.assert(
      fc.property(size, seed, fc.integer({ min: 0, max: 40 }), (n, s, cut) => {
        const [whole, grown] = [matrix(n, s), matrix(n, s)];
        factorCholesky(whole, n);
        const first = Math.min(cut, n);
        factorCholesky(grown, first);
        factorCholesky(grown, n, first);
        expect(grown).toEqual(whole);
      }),
    );
  });

  test.each([
    ["an indefinite matrix", [1, 2, 1], 1],
    ["a zero matrix", [0], 0],
    ["NaN", [1, Number.NaN, 1], 1],
  ])("does not exist for %s: the row that fails is told", (_, packed, row) => {
    expect(factorCholesky(Float64Array.from(packed), packed.length === 1 ? 1 : 2)).toBe(row);
  });
});

describe("solving", () => {
  test("L x = b and Lᵀ x = b together solve K x = b", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const k = matrix(n, s);
        const l = k.slice();
        factorCholesky(l, n);
        const b = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
        const x = b.slice();
        solveLower(l, n, x);
        solveUpper(l, n, x);
        times(k, n, x).forEach((value, i) => {
          expect(Math.abs(value - b[i])).toBeLessThan(1e-9);
        });
      }),
    );
  });

  test("from a later element on gives the same bits as from the first", () => {
    const l = matrix(9, 4);
    factorCholesky(l, 9);
    const b = Float64Array.from({ length: 9 }, (_, i) => i + 1);
    const [whole, grown] = [b.slice(), b.slice()];
    solveLower(l, 9, whole);
    solveLower(l, 5, grown);
    solveLower(l, 9, grown, 5);
    expect(grown).toEqual(whole);
  });
});

describe("a singular matrix", () => {
  test("gets the least jitter that makes it positive definite", () => {
    const ones = new Float64Array(rowStart(5)).fill(1);
    const l = new Float64Array(ones.length);
    const added = factorWithJitter(ones, 5, l);
    expect(added).toBe(1e-10);
    expect(ones).toEqual(new Float64Array(rowStart(5)).fill(1));
    expect(factorWithJitter(matrix(5, 1), 5, l)).toBe(0);
  });

  test("that no jitter saves is told", () => {
    expect(factorWithJitter(Float64Array.of(1, 5, 1), 2, new Float64Array(3))).toBeNaN();
  });
});
