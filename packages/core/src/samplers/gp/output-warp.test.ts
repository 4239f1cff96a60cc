import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { inverseYeoJohnson, warpLosses, yeoJohnson } from "./output-warp.ts";

function moments(values: Float64Array): readonly [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

function normals(count: number, seed: number): Float64Array {
  const rng = createRng(seed, "losses");
  return Float64Array.from({ length: count }, () => rng.normal());
}

describe("yeoJohnson", () => {
  it("gives the values of its definition", () => {
    expect(yeoJohnson(3, 0)).toBeCloseTo(Math.log(4), 14);
    expect(yeoJohnson(3, 0.5)).toBeCloseTo(2, 14);
    expect(yeoJohnson(-3, 0.5)).toBeCloseTo(-(4 ** 1.5 - 1) / 1.5, 12);
    expect(yeoJohnson(-3, 2)).toBeCloseTo(-Math.log(4), 14);
    for (const value of [-2, 0, 0.7]) expect(yeoJohnson(value, 1)).toBeCloseTo(value, 14);
  });

  it("is undone by its inverse", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -30, max: 30, noNaN: true }),
        fc.double({ min: -0.5, max: 1, noNaN: true }),
        (value, lambda) => {
          expect(inverseYeoJohnson(yeoJohnson(value, lambda), lambda)).toBeCloseTo(value, 6);
        },
      ),
    );
  });
});

describe("warpLosses", () => {
  it("only standardises fewer than 8 losses, or when told so", () => {
    for (const warp of [
      warpLosses(Float64Array.of(1, 2, 4, 8, 16, 32, 64), true),
      warpLosses(normals(40, 1).map(Math.exp), false),
    ]) {
      const [mean, sd] = moments(warp.values);
      expect(warp.kind).toBe("none");
      expect(mean).toBeCloseTo(0, 12);
      expect(sd).toBeCloseTo(1, 12);
    }
  });

  it("takes the tail of log-normal losses away", () => {
    const losses = normals(200, 2).map((value) => Math.exp(2 * value));
    const warp = warpLosses(losses, true);
    expect(warp.kind).toBe("yeo-johnson");
    expect(Math.max(...warpLosses(losses, false).values)).toBeGreaterThan(5);
    expect(Math.max(...warp.values)).toBeLessThan(3);
  });

  it("never squeezes the good tail: losses with a long one stay as they are", () => {
    const warp = warpLosses(
      normals(200, 3).map((value) => -Math.exp(value)),
      true,
    );
    expect(warp.kind).toBe("none");
  });

  it("falls back to ranks when one loss dwarfs all others", () => {
    const losses = normals(30, 4).with(7, 1e300);
    const warp = warpLosses(losses, true);
    expect(warp.kind).toBe("half-rank");
    expect(warp.values.every(Number.isFinite)).toBe(true);
    expect(Math.max(...warp.values)).toBe(warp.values[7]);
    expect(warp.values[7]).toBeLessThan(6);
  });

  it("gives zeros for losses that do not differ", () => {
    const warp = warpLosses(new Float64Array(12).fill(7), true);
    expect([...warp.values]).toEqual(Array(12).fill(0));
    expect(warp.inverse(0)).toBe(7);
  });

  it("keeps the order of any finite losses, and gives them back", () => {
    const loss = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.double({ min: -1e300, max: 1e300, noNaN: true }));
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1, maxLength: 30 }), (list) => {
        const losses = Float64Array.from(list);
        const { values, inverse } = warpLosses(losses, true);
        const scale = Math.max(...losses.map(Math.abs));
        for (let i = 0; i < losses.length; i++) {
          expect(Number.isFinite(values[i])).toBe(true);
          expect(Math.abs(inverse(values[i]) / 2 - losses[i] / 2)).toBeLessThanOrEqual(1e-6 * scale);
          for (let j = 0; j < i; j++) if (losses[i] < losses[j]) expect(values[i]).toBeLessThanOrEqual(values[j]);
        }
      }),
    );
  });
});
