import { describe, expect, it } from "vitest";
import { factorCholesky, rowStart } from "./cholesky.ts";
import { inverseFromFactor, invertRows } from "./packed-inverse.ts";
import { createRng } from "./rng.ts";

/** A Aᵀ + n I for a drawn A, packed. */
function drawnMatrix(n: number): Float64Array {
  const rng = createRng(n, "factor");
  const a = Float64Array.from({ length: n * n }, () => rng.normal());
  const k = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      for (let c = 0; c < n; c++) k[rowStart(i) + j] += a[i * n + c] * a[j * n + c];
    }
    k[rowStart(i) + i] += n;
  }
  return k;
}

function drawnFactor(n: number): Float64Array {
  const k = drawnMatrix(n);
  factorCholesky(k, n);
  return k;
}

/** Of a symmetric matrix of which the lower triangle is packed. */
function element(packed: Float64Array, i: number, j: number): number {
  return packed[rowStart(Math.max(i, j)) + Math.min(i, j)];
}

describe("packed inverses", () => {
  it("give L⁻¹ with L L⁻¹ = I, and K⁻¹ with K K⁻¹ = I, for every remainder of four", () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 23, 32]) {
      const l = drawnFactor(n);
      const v = new Float64Array(rowStart(n));
      invertRows(l, 0, n, v);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let k = j; k <= i; k++) sum += l[rowStart(i) + k] * v[rowStart(k) + j];
          expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
        }
      }
      const k = drawnMatrix(n);
      const inverse = new Float64Array(rowStart(n));
      inverseFromFactor(l, n, inverse);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let c = 0; c < n; c++) sum += element(k, i, c) * element(inverse, c, j);
          expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
        }
      }
    }
  });

  it("give the same bits whether rows are appended or inverted at once", () => {
    const l = drawnFactor(21);
    const [whole, grown] = [new Float64Array(rowStart(21)), new Float64Array(rowStart(21))];
    invertRows(l, 0, 21, whole);
    for (let i = 0; i < 21; i += 3) invertRows(l, i, i + 3, grown);
    expect(grown).toEqual(whole);
  });
});
