import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { warpInput, warpInputByLogA, warpInputByLogB, warpInputSlope } from "./input-warp.ts";

const shape = fc.double({ min: 0.25, max: 4, noNaN: true });
const inner = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe("warpInput", () => {
  it("is the identity at a = b = 1", () => {
    for (const u of [0, 1e-9, 0.1, 0.5, 0.999, 1]) expect(warpInput(u, 1, 1)).toBeCloseTo(u, 15);
    expect(warpInputSlope(0.3, 1, 1)).toBeCloseTo(1, 14);
  });

  it("is 1 − (1 − u^a)^b", () => {
    expect(warpInput(0.5, 2, 3)).toBeCloseTo(1 - 0.75 ** 3, 14);
    expect(warpInput(0.25, 0.5, 2)).toBeCloseTo(0.75, 14);
  });

  it("keeps the ends, the order, and NaN for what is inactive", () => {
    fc.assert(
      fc.property(shape, shape, inner, inner, (a, b, u, v) => {
        expect(warpInput(0, a, b)).toBe(0);
        expect(warpInput(1, a, b)).toBe(1);
        if (u < v) expect(warpInput(u, a, b)).toBeLessThanOrEqual(warpInput(v, a, b));
        expect(warpInput(Number.NaN, a, b)).toBeNaN();
      }),
    );
  });

  it("has the slopes that differences of its values give, in u, log a and log b", () => {
    fc.assert(
      fc.property(shape, shape, inner, (a, b, u) => {
        const step = 1e-5;
        const slope = (f: (move: number) => number): number => (f(step) - f(-step)) / (2 * step);
        const near = (found: number, expected: number): void =>
          expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
        near(
          warpInputSlope(u, a, b),
          slope((move) => warpInput(u + move, a, b)),
        );
        near(
          warpInputByLogA(u, a, b),
          slope((move) => warpInput(u, a * Math.exp(move), b)),
        );
        near(
          warpInputByLogB(u, a, b),
          slope((move) => warpInput(u, a, b * Math.exp(move))),
        );
      }),
    );
  });

  it("has finite slopes at the ends, none along the shapes", () => {
    for (const u of [0, 1]) {
      expect(Number.isFinite(warpInputSlope(u, 0.3, 0.4))).toBe(true);
      expect(warpInputByLogA(u, 0.3, 0.4)).toBe(0);
      expect(warpInputByLogB(u, 0.3, 0.4)).toBe(0);
    }
  });
});
