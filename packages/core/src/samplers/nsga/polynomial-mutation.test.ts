import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { mutateCoordinate } from "./polynomial-mutation.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const eta = fc.double({ min: 0, max: 50, noNaN: true });

describe("mutateCoordinate", () => {
  it.each([
    [0.3, 20, 0.5, 0.3],
    [0.3, 20, 0, 0],
    [0.3, 20, 1, 1],
    // Recipe, η = 1: step = √(2u + (1 − 2u)(1 − x)²) − 1 = √(1/2 + 1/8) − 1 at x = 1/2, u = 1/4; mirrored at u = 3/4.
    [0.5, 1, 0.25, Math.sqrt(0.625) - 0.5],
    [0.5, 1, 0.75, 1.5 - Math.sqrt(0.625)],
    // At the lower bound the lower half of u does not move at all.
    [0, 20, 0.2, 0],
  ])("moves %d with η = %d and u = %d to %d", (x, index, u, moved) => {
    expect(mutateCoordinate(x, index, u)).toBeCloseTo(moved, 14);
  });

  it("never leaves the range and grows with u", () => {
    fc.assert(
      fc.property(unit, eta, unit, unit, (x, index, u, v) => {
        const [low, high] = [Math.min(u, v), Math.max(u, v)].map((at) => mutateCoordinate(x, index, at));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
      }),
    );
  });

  it("follows the polynomial density: P(step ≤ s | down) from its definition", () => {
    // Density ∝ (1 − |δ|)^η on [−x, 0]: the share of steps at least as long as |δ| is ((1 − |δ|)^(η+1) − (1−x)^(η+1)) / (1 − (1−x)^(η+1)).
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        eta,
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (x, index, u) => {
          const length = x - mutateCoordinate(x, index, u);
          const end = (1 - x) ** (index + 1);
          expect(((1 - length) ** (index + 1) - end) / (1 - end)).toBeCloseTo(2 * u, 8);
        },
      ),
    );
  });

  it("has mean 0 and mean length 1 / (η + 2) far from the bounds", () => {
    const rng = createRng(5, "steps");
    const n = 20_000;
    const steps = Float64Array.from({ length: n }, () => mutateCoordinate(0.5, 20, rng.uniform()) - 0.5);
    const mean = steps.reduce((a, b) => a + b) / n;
    const length = steps.reduce((a, b) => a + Math.abs(b), 0) / n;
    // The standard deviation of |δ| is below its mean, that of δ below 1.42 times it: four standard errors of each.
    expect(Math.abs(mean)).toBeLessThan((4 * 1.42) / 22 / Math.sqrt(n));
    expect(Math.abs(length - 1 / 22)).toBeLessThan(4 / 22 / Math.sqrt(n));
  });
});
