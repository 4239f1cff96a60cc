import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng, type Rng } from "./rng.ts";

const seed = fc.maxSafeNat();
const path = fc.array(fc.oneof(fc.maxSafeInteger(), fc.string()), { maxLength: 4 });
const take = (rng: Rng, count: number) => Array.from({ length: count }, () => rng.uint32());

describe("createRng", () => {
  it("gives equal streams for equal seeds and paths", () => {
    fc.assert(
      fc.property(seed, path, (s, p) => {
        expect(take(createRng(s, ...p), 9)).toEqual(take(createRng(s, ...p), 9));
      }),
    );
  });

  it("gives different streams for different seeds or paths", () => {
    const streams = [
      createRng(0),
      createRng(1),
      createRng(2 ** 32),
      createRng(2 ** 53 - 1),
      createRng(1, 0),
      createRng(1, 1),
      createRng(1, "1"),
      createRng(1, 0, "tpe"),
      createRng(1, "tpe", 0),
      createRng(1, 0, "gp"),
      createRng(1, ""),
    ];
    expect(new Set(streams.map((rng) => take(rng, 4).join())).size).toBe(streams.length);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Infinity])("refuses the seed %d", (bad) => {
    expect(() => createRng(bad)).toThrow(`seed is ${bad}, must be a whole number from 0 to 2^53 - 1`);
  });

  it("refuses a path step that is no safe integer", () => {
    expect(() => createRng(1, 0.5)).toThrow(RangeError);
  });
});

describe("split", () => {
  it("goes one step down the path, however many numbers were drawn", () => {
    fc.assert(
      fc.property(seed, path, fc.oneof(fc.maxSafeInteger(), fc.string()), fc.nat(9), (s, p, label, drawn) => {
        const parent = createRng(s, ...p);
        take(parent, drawn);
        expect(take(parent.split(label), 5)).toEqual(take(createRng(s, ...p, label), 5));
      }),
    );
  });

  it("does not disturb the stream it is called on", () => {
    const rng = createRng(5);
    const first = take(rng, 3);
    rng.split("child").uniform();
    expect([...first, ...take(rng, 3)]).toEqual(take(createRng(5), 6));
  });

  it("gives children unrelated to one another and to the parent", () => {
    // 1000 neighbouring streams: the correlation of their first 64 numbers with the next stream's, pooled; its standard
    // deviation under independence is 1/√64000 = 0.004.
    let sum = 0;
    for (let k = 0; k < 1000; k++) {
      const a = createRng(3).split(k);
      const b = createRng(3).split(k + 1);
      for (let i = 0; i < 64; i++) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12;
    }
    expect(Math.abs(sum / 64_000)).toBeLessThan(0.02);
  });
});

describe("the words of a stream", () => {
  it("fall evenly into 256 cells, by their high and by their low byte, for 20 seeds", () => {
    for (let s = 0; s < 20; s++) {
      const high = new Float64Array(256);
      const low = new Float64Array(256);
      for (const word of take(createRng(s, "bytes"), 25_600)) {
        high[word >>> 24]++;
        low[word & 0xff]++;
      }
      // χ² with 255 degrees of freedom exceeds 380 with probability 4e-7.
      expect(chiSquare(high, 100)).toBeLessThan(380);
      expect(chiSquare(low, 100)).toBeLessThan(380);
    }
  });

  it("fall evenly when each is the first of its own stream", () => {
    const cells = new Float64Array(256);
    for (let trial = 0; trial < 25_600; trial++) cells[createRng(9, trial, "first").uint32() >>> 24]++;
    expect(chiSquare(cells, 100)).toBeLessThan(380);
  });
});

describe("uniform", () => {
  it("takes two words and is a multiple of 2^-53 in [0, 1)", () => {
    const rng = createRng(1);
    const words = createRng(1);
    for (let i = 0; i < 1000; i++) {
      const u = rng.uniform();
      const [a, b] = take(words, 2);
      expect(u).toBe(((a >>> 5) * 2 ** 26 + (b >>> 6)) * 2 ** -53);
      expect(u).toBeGreaterThanOrEqual(0);
      expect(u).toBeLessThan(1);
    }
  });

  it("has mean 1/2 and variance 1/12", () => {
    const rng = createRng(2);
    const draws = Array.from({ length: 100_000 }, () => rng.uniform());
    // Standard deviations: 0.0009 of the mean, 0.00024 of the variance.
    expect(Math.abs(mean(draws) - 0.5)).toBeLessThan(0.0045);
    expect(Math.abs(variance(draws) - 1 / 12)).toBeLessThan(0.0012);
  });
});

describe("int", () => {
  it("gives whole numbers from 0 to n − 1", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (s, n) => {
        const value = createRng(s).int(n);
        expect(Number.isSafeInteger(value) && value >= 0 && value < n).toBe(true);
      }),
    );
  });

  it("gives every value equally often, also where n does not divide 2^32 by far", () => {
    const rng = createRng(4);
    const n = 3 * 2 ** 30;
    const thirds = new Float64Array(3);
    // Without rejection the first third would come up twice as often as the others.
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(rng.int(n) / 2 ** 30)]++;
    expect(chiSquare(thirds, 10_000)).toBeLessThan(28);
    const wide = new Float64Array(3);
    for (let i = 0; i < 30_000; i++) wide[Math.floor(rng.int(3 * 2 ** 51) / 2 ** 51)]++;
    expect(chiSquare(wide, 10_000)).toBeLessThan(28);
    const sevenths = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) sevenths[rng.int(7)]++;
    expect(chiSquare(sevenths, 10_000)).toBeLessThan(38);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("refuses n = %d", (n) => {
    expect(() => createRng(1).int(n)).toThrow(`n is ${n}, must be a whole number from 1 to 2^53 - 1`);
  });
});

describe("normal", () => {
  it("has the moments of the standard normal distribution", () => {
    const rng = createRng(6);
    const draws = Array.from({ length: 100_000 }, () => rng.normal());
    // Standard deviations: 0.0032 of the mean, 0.0045 of the variance, 0.031 of the fourth moment.
    expect(Math.abs(mean(draws))).toBeLessThan(0.016);
    expect(Math.abs(variance(draws) - 1)).toBeLessThan(0.023);
    expect(Math.abs(mean(draws.map((z) => z ** 4)) - 3)).toBeLessThan(0.16);
  });

  it("takes two words", () => {
    const rng = createRng(6);
    rng.normal();
    expect(rng.uint32()).toBe(take(createRng(6), 3)[2]);
  });
});

describe("shuffle", () => {
  it("keeps the items and returns the same array", () => {
    fc.assert(
      fc.property(seed, fc.array(fc.integer()), (s, items) => {
        const before = [...items].sort();
        expect(createRng(s).shuffle(items)).toBe(items);
        expect([...items].sort()).toEqual(before);
      }),
    );
  });

  it("makes all 24 orders of four items equally likely", () => {
    const rng = createRng(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = rng.shuffle([0, 1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom exceeds 65 with probability 8e-6.
    expect(chiSquare(Float64Array.from(counts.values()), 1000)).toBeLessThan(65);
  });
});

function chiSquare(counts: Float64Array, expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}
