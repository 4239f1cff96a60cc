import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minimizeInBox, type SmoothFunction } from "./minimize-in-box.ts";
import { createRng } from "./rng.ts";

const box = (d: number, low: number, high: number) => [new Float64Array(d).fill(low), new Float64Array(d).fill(high)] as const;

const rosenbrock: SmoothFunction = (x, gradient) => {
  let sum = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const bend = x[i + 1] - x[i] * x[i];
    sum += 100 * bend * bend + (1 - x[i]) ** 2;
    gradient[i] += -400 * x[i] * bend - 2 * (1 - x[i]);
    gradient[i + 1] += 200 * bend;
  }
  return sum;
};

/** Σ cᵢ (xᵢ − aᵢ)², condition number 1e6. */
function ellipsoid(centre: readonly number[]): SmoothFunction {
  const d = centre.length;
  return (x, gradient) => {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const c = 10 ** ((6 * i) / Math.max(1, d - 1));
      sum += c * (x[i] - centre[i]) ** 2;
      gradient[i] = 2 * c * (x[i] - centre[i]);
    }
    return sum;
  };
}

describe("minimizeInBox", () => {
  test.each([2, 5, 20])("finds the minimum of Rosenbrock's function, d = %i", (d) => {
    const { x, value, evaluationCount } = minimizeInBox(rosenbrock, new Float64Array(d).fill(-1.2), ...box(d, -5, 5), {
      maxIterations: 1_000,
      valueTolerance: 0,
      gradientTolerance: 1e-8,
    });
    expect(value).toBeLessThan(1e-12);
    for (const xi of x) expect(xi).toBeCloseTo(1, 5);
    expect(evaluationCount).toBeLessThan(60 * d + 100);
  });

  test("of a quadratic in a box is its centre, cut off at the box, wherever it starts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 1e6 }), (d, seed) => {
        const rng = createRng(seed, "box");
        const centre = Array.from({ length: d }, () => 3 * rng.uniform() - 1);
        const start = Float64Array.from(centre, () => rng.uniform());
        const f = ellipsoid(centre);
        const { value } = minimizeInBox(f, start, ...box(d, 0, 1), { maxIterations: 2_000, valueTolerance: 0 });
        // Where the box cuts off a steep coordinate the value is up to 4e6, and its digits do not show the flat coordinates' last ones.
        const best = f(
          Float64Array.from(centre, (c) => Math.min(1, Math.max(0, c))),
          new Float64Array(d),
        );
        expect(value - best).toBeLessThanOrEqual(1e-9 * Math.max(1, best));
      }),
    );
  });

  test("ends on a bound where the function falls outwards", () => {
    const { x, stoppedBy } = minimizeInBox(
      (_, gradient) => {
        gradient.set([1, -1]);
        return _[0] - _[1];
      },
      Float64Array.of(0.5, 0.5),
      ...box(2, 0, 1),
    );
    expect([...x, stoppedBy]).toEqual([0, 1, "gradient"]);
  });

  test("frees a coordinate that starts on a bound when the function falls inwards", () => {
    const { x } = minimizeInBox(ellipsoid([0.3, 0.4]), Float64Array.of(0, 1), ...box(2, 0, 1));
    expect(x[0]).toBeCloseTo(0.3, 5);
    expect(x[1]).toBeCloseTo(0.4, 5);
  });

  test("never asks outside the box and never ends worse than it started", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 0, max: 1e6 }), (d, seed) => {
        const rng = createRng(seed, "inside");
        const start = Float64Array.from({ length: d }, () => rng.uniform());
        const wild: SmoothFunction = (x, gradient) => {
          for (const xi of x) if (xi < 0 || xi > 1) throw new Error(`asked at ${xi}`);
          let sum = 0;
          for (let i = 0; i < d; i++) {
            sum += Math.sin(20 * x[i]) + x[i];
            gradient[i] = 20 * Math.cos(20 * x[i]) + 1;
          }
          return sum;
        };
        const before = wild(start, new Float64Array(d));
        expect(minimizeInBox(wild, start, ...box(d, 0, 1)).value).toBeLessThanOrEqual(before);
      }),
    );
  });

  test("steps back from where the function is not", () => {
    const logBarrier: SmoothFunction = (x, gradient) => {
      gradient[0] = 1 - 1e-3 / (x[0] - 0.25);
      return x[0] > 0.25 ? x[0] - 1e-3 * Math.log(x[0] - 0.25) : Number.NaN;
    };
    const { x } = minimizeInBox(logBarrier, Float64Array.of(0.9), ...box(1, 0, 1));
    expect(x[0]).toBeCloseTo(0.251, 5);
  });

  test("keeps to its limits and says which one ended it", () => {
    const start = new Float64Array(10).fill(-1.2);
    const few = minimizeInBox(rosenbrock, start, ...box(10, -5, 5), { maxIterations: 3 });
    expect(few.stoppedBy).toBe("iterations");
    const counted = minimizeInBox(rosenbrock, start, ...box(10, -5, 5), { maxEvaluations: 7 });
    expect([counted.stoppedBy, counted.evaluationCount]).toEqual(["evaluations", 7]);
    expect(start).toEqual(new Float64Array(10).fill(-1.2));
  });

  test("a start where there is no value is refused", () => {
    expect(() => minimizeInBox(() => Number.NaN, Float64Array.of(0), ...box(1, 0, 1))).toThrow(RangeError);
  });
});
