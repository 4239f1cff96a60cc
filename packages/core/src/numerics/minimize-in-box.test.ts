import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factorCholesky, solveLower, solveUpper } from "./cholesky.ts";
import { minimizeInBox, type SmoothFunction } from "./minimize-in-box.ts";
import { createRng, type Rng } from "./rng.ts";

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

/** ½ (x − c)ᵀ A (x − c) with turned axes, eigenvalues of A from 0.01 to some thousands, c in and about the unit cube. */
function turnedQuadratic(d: number, rng: Rng) {
  const A = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const axis = Float64Array.from({ length: d }, () => rng.normal());
    const weight = 10 ** (3 * rng.uniform());
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) A[i * d + j] += weight * axis[i] * axis[j] + (i === j ? 0.01 : 0);
  }
  const centre = Float64Array.from({ length: d }, () => 3 * rng.uniform() - 1);
  const f: SmoothFunction = (x, gradient) => {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      gradient[i] = 0;
      for (let j = 0; j < d; j++) gradient[i] += A[i * d + j] * (x[j] - centre[j]);
      sum += 0.5 * gradient[i] * (x[i] - centre[i]);
    }
    return sum;
  };
  return { A, centre, f };
}

/** The least value in the unit cube: of the minima on all its faces the best that lies within. */
function leastInCube({ A, centre, f }: ReturnType<typeof turnedQuadratic>): number {
  const d = centre.length;
  let least = Infinity;
  for (let face = 0; face < 3 ** d; face++) {
    // Digits of base 3: at 0, at 1, free.
    const places = Array.from({ length: d }, (_, i) => Math.floor(face / 3 ** i) % 3);
    const x = Float64Array.from(places);
    const free = places.flatMap((place, i) => (place === 2 ? [i] : []));
    const L = Float64Array.from(free.flatMap((i, a) => free.slice(0, a + 1).map((j) => A[i * d + j])));
    const step = Float64Array.from(free, (i) =>
      places.reduce((sum, place, j) => (place === 2 ? sum : sum - A[i * d + j] * (x[j] - centre[j])), 0),
    );
    expect(factorCholesky(L, free.length)).toBe(free.length);
    solveLower(L, free.length, step);
    solveUpper(L, free.length, step);
    free.forEach((i, a) => {
      x[i] = centre[i] + step[a];
    });
    if (x.every((xi) => xi >= 0 && xi <= 1)) least = Math.min(least, f(x, new Float64Array(d)));
  }
  return least;
}

/** Σ (xᵢ − aᵢ)² + k Σ (xᵢ₊₁ − xᵢ²)²: a bent valley. */
function bentValley(a: readonly number[], k: number): SmoothFunction {
  return (x, gradient) => {
    let sum = 0;
    gradient.fill(0);
    for (let i = 0; i < x.length; i++) {
      sum += (x[i] - a[i]) ** 2;
      gradient[i] += 2 * (x[i] - a[i]);
      if (i + 1 === x.length) break;
      const bend = x[i + 1] - x[i] * x[i];
      sum += k * bend * bend;
      gradient[i] -= 4 * k * x[i] * bend;
      gradient[i + 1] += 2 * k * bend;
    }
    return sum;
  };
}

/** cᵀx + ½ xᵀHx whose H is neither positive nor negative definite as a rule. */
function saddle(d: number, rng: Rng): SmoothFunction {
  const H = Array.from({ length: d }, () => new Float64Array(d));
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) H[i][j] = H[j][i] = rng.normal() * 10 ** (3 * rng.uniform() - 1.5);
  const c = Float64Array.from({ length: d }, () => rng.normal());
  return (x, gradient) =>
    x.reduce((sum, xi, i) => {
      const bend = x.reduce((part, xj, j) => part + H[i][j] * xj, 0);
      gradient[i] = c[i] + bend;
      return sum + xi * (c[i] + bend / 2);
    }, 0);
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

  test("of a quadratic with turned axes is the least of the minima on all faces of the box", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 1e6 }), (d, seed) => {
        const rng = createRng(seed, "turned");
        const quadratic = turnedQuadratic(d, rng);
        const start = Float64Array.from({ length: d }, () => rng.uniform());
        const { value } = minimizeInBox(quadratic.f, start, ...box(d, 0, 1));
        const least = leastInCube(quadratic);
        // Gradients of 1e-6 where the curvature is 0.01 allow 2e-10.
        expect(Math.abs(value - least)).toBeLessThanOrEqual(1e-9 * Math.max(1, least));
      }),
    );
  });

  test("does not creep on where the function bends downwards", () => {
    const f = bentValley([-0.3, 0.8], 100);
    const { x, stoppedBy, evaluationCount } = minimizeInBox(
      f,
      Float64Array.of(0.2, 0.4),
      Float64Array.of(0, -1.4),
      Float64Array.of(1.4, 1.4),
    );
    // At x₁ = 0 what is left is (x₂ − 0.8)² + 100 x₂².
    expect(x[0]).toBe(0);
    expect(x[1]).toBeCloseTo(0.8 / 101, 6);
    expect(stoppedBy).toBe("gradient");
    // Measured 22; 201 when steps stayed as short as they were where it bent upwards.
    expect(evaluationCount).toBeLessThan(60);
  });

  const valley = (d: number, rng: Rng): SmoothFunction =>
    bentValley(
      Array.from({ length: d }, () => 3 * rng.uniform() - 1),
      10 ** (1 + 2 * rng.uniform()),
    );
  test.each([
    ["a bent valley", valley],
    ["a saddle", saddle],
  ])("of %s in any box it ends where no gradient leads on", (_, make) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 0, max: 1e6 }), (d, seed) => {
        const rng = createRng(seed, "stationary");
        const f = make(d, rng);
        const [lower, upper] = [-2, 2].map((end) => Float64Array.from({ length: d }, () => end * rng.uniform()));
        const { x, stoppedBy } = minimizeInBox(
          f,
          lower.map((low, i) => low + (upper[i] - low) * rng.uniform()),
          lower,
          upper,
        );
        expect(stoppedBy).not.toBe("iterations");
        const gradient = new Float64Array(d);
        f(x, gradient);
        // Measured at most 4e-4 in 80,000.
        const moves = x.map((xi, i) => Math.min(upper[i], Math.max(lower[i], xi - gradient[i])) - xi);
        expect(Math.max(...moves.map(Math.abs))).toBeLessThan(0.01);
      }),
      { numRuns: 1_000 },
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
