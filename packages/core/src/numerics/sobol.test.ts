import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { sobolPoint } from "./sobol.ts";
import { sobolMaxDimension } from "./sobol-directions.ts";

const scrambleSeed = fc.option(fc.maxSafeNat(), { nil: null });

function point(index: number, dimension: number, seed: number | null): number[] {
  const out = new Float64Array(dimension);
  sobolPoint(index, dimension, seed, out);
  return Array.from(out);
}

describe("sobolPoint, plain", () => {
  it("begins with the golden points in Gray-code order", () => {
    // Recipe: scipy.stats.qmc.Sobol(5, scramble=False).random(8).
    const points = Array.from({ length: 8 }, (_, i) => point(i, 5, null));
    expect(points).toEqual([
      [0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375],
      [0.875, 0.875, 0.125, 0.375, 0.875],
      [0.625, 0.125, 0.875, 0.625, 0.625],
      [0.125, 0.625, 0.375, 0.125, 0.125],
    ]);
  });

  it("agrees with the reference to the last bit, up to dimension 1111", () => {
    // Recipe: s = scipy.stats.qmc.Sobol(1111, scramble=False, bits=32); s.fast_forward(i); s.random(1)[0] * 2**32, SciPy 1.17.1.
    const dimensions = [1, 6, 100, 500, 1111];
    const bits = (index: number) => dimensions.map((d) => point(index, 1111, null)[d - 1] * 2 ** 32);
    expect(bits(1023)).toEqual([4194304, 1883242496, 2277507072, 2034237440, 2529165312]);
    expect(bits(65535)).toEqual([65536, 2344288256, 2030501888, 1734541312, 268894208]);
  });

  it("knows the last index, and no two of its indices share a first coordinate", () => {
    expect(point(2 ** 32 - 1, 1, null)).toEqual([2 ** -32]);
    expect(point(2 ** 31, 1, null)[0]).not.toBe(point(2 ** 31 - 1, 1, null)[0]);
  });
});

describe("sobolPoint, plain or scrambled", () => {
  it("puts one of the first 2^k points in every dyadic interval, in each of the 1111 dimensions", () => {
    for (const seed of [null, 0, 1, 2 ** 53 - 1]) {
      for (const k of [0, 3, 8]) expect(crowdedIntervals(k, 0, seed)).toBe(0);
    }
  });

  it("does so for any seed and any aligned block of 2^k points", () => {
    fc.assert(
      fc.property(scrambleSeed, fc.integer({ min: 0, max: 6 }), fc.nat(1000), (seed, k, block) => {
        expect(crowdedIntervals(k, block * 2 ** k, seed, 40)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("puts one of the first 2^k points in every dyadic rectangle of area 2^-k, in the first two dimensions", () => {
    const k = 8;
    for (const seed of [null, 5, 6]) {
      const points = Array.from({ length: 2 ** k }, (_, i) => point(i, 2, seed));
      for (let a = 0; a <= k; a++) {
        const cells = new Set(points.map(([x, y]) => Math.floor(x * 2 ** a) * 2 ** k + Math.floor(y * 2 ** (k - a))));
        expect(cells.size).toBe(2 ** k);
      }
    }
  });

  it("gives the same leading coordinates whatever the dimension", () => {
    fc.assert(
      fc.property(scrambleSeed, fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 30 }), (seed, index, dimension) => {
        expect(point(index, dimension, seed)).toEqual(point(index, 30, seed).slice(0, dimension));
      }),
    );
  });

  it("stays below 1, and scrambled also above 0", () => {
    fc.assert(
      fc.property(scrambleSeed, fc.nat(2 ** 32 - 1), (seed, index) => {
        for (const x of point(index, 5, seed)) expect(x < 1 && (seed === null ? x >= 0 : x > 0)).toBe(true);
      }),
    );
  });

  it("leaves the places after the last coordinate as they are", () => {
    const out = Float64Array.of(9, 9, 9);
    sobolPoint(0, 2, null, out);
    expect(out[2]).toBe(9);
  });
});

describe("sobolPoint, scrambled", () => {
  it("gives different points for different seeds, also for seeds that agree modulo 2^32", () => {
    expect(point(3, 4, 1)).not.toEqual(point(3, 4, 2));
    expect(point(3, 4, 1)).not.toEqual(point(3, 4, 1 + 2 ** 32));
  });

  it("makes each point uniform over the seeds, the first included", () => {
    for (const index of [0, 1, 6]) {
      const cells = new Float64Array(64);
      for (let seed = 0; seed < 6400; seed++) cells[Math.floor(point(index, 1, seed)[0] * 64)]++;
      // χ² with 63 degrees of freedom exceeds 130 with probability 1e-6.
      expect(chiSquare(cells, 100)).toBeLessThan(130);
    }
  });

  it("makes the coordinates of a point independent of one another over the seeds", () => {
    for (const [a, b] of [
      [0, 1],
      [3, 4],
      [2, 7],
    ]) {
      const cells = new Float64Array(64);
      for (let seed = 0; seed < 6400; seed++) {
        const x = point(1, 8, seed);
        cells[Math.floor(x[a] * 8) * 8 + Math.floor(x[b] * 8)]++;
      }
      expect(chiSquare(cells, 100)).toBeLessThan(130);
    }
  });

  it("makes two points of one dyadic interval independent below it", () => {
    // Plain points 1 and 2 are 0.5 and 0.75: different quarters of one half, random within their quarters.
    const cells = new Float64Array(64);
    for (let seed = 0; seed < 6400; seed++) {
      const withinQuarter = (index: number) => Math.floor(((point(index, 1, seed)[0] * 4) % 1) * 8);
      cells[withinQuarter(1) * 8 + withinQuarter(2)]++;
    }
    expect(chiSquare(cells, 100)).toBeLessThan(130);
  });

  it("integrates with an error that falls faster than 1/n, where random points give 1/√n", () => {
    // Root mean square over 25 seeds of the error of ∫ Π (1 + (u_j − 1/2)) = 1 in 5 dimensions, at 32 and 2048 points.
    // Measured slopes: Sobol −1.23, random −0.51.
    const slope = (error: (n: number) => number) => Math.log(error(2048) / error(32)) / Math.log(64);
    const sobol = slope((n) => integrationError(n, (i, seed) => point(i, 5, seed)));
    const random = slope((n) => integrationError(n, (i, seed) => uniforms(seed, i)));
    expect(sobol).toBeLessThan(-1);
    expect(random).toBeGreaterThan(-0.7);
  });
});

describe("sobolPoint refuses", () => {
  it.each([
    [-1, 1, 0, "index is -1, must be a whole number from 0 to 2^32 - 1"],
    [0.5, 1, 0, "index is 0.5"],
    [2 ** 32, 1, 0, "index is 4294967296"],
    [0, 0, 0, "dimension is 0, must be a whole number from 1 to 1111"],
    [0, 1112, 0, "dimension is 1112"],
    [0, 1, -1, "scrambleSeed is -1, must be null or a whole number from 0 to 2^53 - 1"],
    [0, 1, 2 ** 53, "scrambleSeed is 9007199254740992"],
    [0, 5, 0, "out has 4 places for 5 coordinates"],
  ])("index %d, dimension %d, seed %d", (index, dimension, seed, message) => {
    expect(() => sobolPoint(index, dimension, seed, new Float64Array(4))).toThrow(message);
  });
});

/** How many dyadic intervals of length 2^-k, over all dimensions, lack a point among 2^k from `start` on. */
function crowdedIntervals(k: number, start: number, seed: number | null, dimension = sobolMaxDimension): number {
  const count = 2 ** k;
  const filled = new Uint8Array(dimension * count);
  const out = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    sobolPoint(start + i, dimension, seed, out);
    for (let j = 0; j < dimension; j++) filled[j * count + Math.floor(out[j] * count)] = 1;
  }
  return filled.length - filled.reduce((sum, one) => sum + one, 0);
}

function integrationError(n: number, pointOf: (index: number, seed: number) => readonly number[]): number {
  let squares = 0;
  for (let seed = 0; seed < 25; seed++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += pointOf(i, seed).reduce((product, u) => product * (0.5 + u), 1);
    squares += (sum / n - 1) ** 2;
  }
  return Math.sqrt(squares / 25);
}

function uniforms(seed: number, index: number): number[] {
  const rng = createRng(seed, index);
  return Array.from({ length: 5 }, () => rng.uniform());
}

function chiSquare(counts: Float64Array, expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
