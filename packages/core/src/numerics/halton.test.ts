import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haltonMaxDimension, haltonPoint } from "./halton.ts";

const scrambleSeed = fc.option(fc.maxSafeNat(), { nil: null });

function point(index: number, dimension: number, seed: number | null): number[] {
  const out = new Float64Array(dimension);
  haltonPoint(index, dimension, seed, out);
  return Array.from(out);
}

describe("haltonPoint, plain", () => {
  it("begins with the golden points, correctly rounded", () => {
    // Recipe: the definition by hand; scipy.stats.qmc.Halton(4, scramble=False).random(6).
    const points = Array.from({ length: 6 }, (_, i) => point(i, 4, null));
    expect(points).toEqual([
      [0, 0, 0, 0],
      [1 / 2, 1 / 3, 1 / 5, 1 / 7],
      [1 / 4, 2 / 3, 2 / 5, 2 / 7],
      [3 / 4, 1 / 9, 3 / 5, 3 / 7],
      [1 / 8, 4 / 9, 4 / 5, 4 / 7],
      [5 / 8, 7 / 9, 1 / 25, 5 / 7],
    ]);
  });

  it("has the 4096th prime as its last base", () => {
    // Recipe: sympy.prime(4096) = 38873.
    expect(point(1, haltonMaxDimension, null)[haltonMaxDimension - 1]).toBe(1 / 38873);
  });

  it("stays below 1 at the last index", () => {
    for (const x of point(2 ** 53 - 1, 100, null)) expect(x >= 0 && x < 1).toBe(true);
    expect(point(2 ** 53 - 1, 1, null)[0]).toBe(1 - 2 ** -53);
  });
});

describe("haltonPoint, plain or scrambled", () => {
  it("puts one of p^k consecutive points in every interval of length p^-k, p the base of the dimension", () => {
    const bases = [2, 3, 5, 7, 11];
    fc.assert(
      fc.property(
        scrambleSeed,
        fc.nat(bases.length - 1),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(10 ** 6),
        (seed, j, k, start) => {
          const count = bases[j] ** k;
          const filled = new Set<number>();
          // An interval's left end may round to just below it, hence the nudge by far less than an interval.
          for (let i = 0; i < count; i++) filled.add(Math.floor(point(start + i, j + 1, seed)[j] * count + 1e-9));
          expect(filled.size).toBe(count);
        },
      ),
    );
  });

  it("gives the same leading coordinates whatever the dimension", () => {
    fc.assert(
      fc.property(scrambleSeed, fc.maxSafeNat(), fc.integer({ min: 1, max: 30 }), (seed, index, dimension) => {
        expect(point(index, dimension, seed)).toEqual(point(index, 30, seed).slice(0, dimension));
      }),
    );
  });

  it("stays in [0, 1) in all 4096 dimensions", () => {
    fc.assert(
      fc.property(scrambleSeed, fc.maxSafeNat(), (seed, index) => {
        expect(point(index, haltonMaxDimension, seed).every((x) => x >= 0 && x < 1)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe("haltonPoint, scrambled", () => {
  it("gives different points for different seeds, also for seeds that agree modulo 2^32", () => {
    expect(point(3, 4, 1)).not.toEqual(point(3, 4, 2));
    expect(point(3, 4, 1)).not.toEqual(point(3, 4, 1 + 2 ** 32));
  });

  it("makes each point uniform over the seeds, the first included, in small and large bases", () => {
    for (const [index, j] of [
      [0, 0],
      [0, 1],
      [5, 2],
      [1, 30],
      [0, 500],
    ]) {
      const cells = new Float64Array(64);
      for (let seed = 0; seed < 6400; seed++) cells[Math.floor(point(index, j + 1, seed)[j] * 64)]++;
      // χ² with 63 degrees of freedom exceeds 130 with probability 1e-6.
      expect(chiSquare(cells, 100)).toBeLessThan(130);
    }
  });

  it("carries two different digits to every pair of different digits equally often", () => {
    // Indices 1 and 3 in base 7: first digits 1 and 3.
    const cells = new Float64Array(49);
    for (let seed = 0; seed < 8400; seed++) {
      cells[Math.floor(point(1, 4, seed)[3] * 7) * 7 + Math.floor(point(3, 4, seed)[3] * 7)]++;
    }
    const pairs = cells.filter((_, cell) => cell % 8 !== 0);
    expect(cells.filter((_, cell) => cell % 8 === 0)).toEqual(new Float64Array(7));
    // χ² with 41 degrees of freedom exceeds 95 with probability 4e-6.
    expect(chiSquare(pairs, 200)).toBeLessThan(95);
  });

  it("breaks the diagonal lines of large bases", () => {
    // Plain, the first 60 points of dimensions 30 and 31 (bases 113 and 127) lie on one line.
    const correlation = (seed: number | null) => {
      const points = Array.from({ length: 60 }, (_, i) => point(i, 31, seed).slice(29));
      const mean = (k: number) => points.reduce((sum, x) => sum + x[k], 0) / 60;
      const product = (k: number, l: number) => points.reduce((sum, x) => sum + (x[k] - mean(k)) * (x[l] - mean(l)), 0);
      return product(0, 1) / Math.sqrt(product(0, 0) * product(1, 1));
    };
    expect(correlation(null)).toBeGreaterThan(0.999);
    // The mean of 25 independent correlations of 60 points has a standard deviation of 0.026.
    const scrambled = Array.from({ length: 25 }, (_, seed) => correlation(seed));
    expect(Math.abs(scrambled.reduce((sum, r) => sum + r, 0) / 25)).toBeLessThan(0.13);
  });
});

describe("haltonPoint refuses", () => {
  it.each([
    [-1, 1, 0, "index is -1, must be a whole number from 0 to 2^53 - 1"],
    [2 ** 53, 1, 0, "index is 9007199254740992"],
    [0, 0, 0, "dimension is 0, must be a whole number from 1 to 4096"],
    [0, 4097, 0, "dimension is 4097"],
    [0, 1, 0.5, "scrambleSeed is 0.5, must be null or a whole number from 0 to 2^53 - 1"],
    [0, 5, 0, "out has 4 places for 5 coordinates"],
  ])("index %d, dimension %d, seed %d", (index, dimension, seed, message) => {
    expect(() => haltonPoint(index, dimension, seed, new Float64Array(4))).toThrow(message);
  });
});

function chiSquare(counts: Float64Array, expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
