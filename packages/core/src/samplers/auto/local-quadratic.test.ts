import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { fitQuadratic, minimizeQuadratic, type Quadratic } from "./local-quadratic.ts";

/** q(z) = gᵀz + zᵀHz / 2 at every place. */
function valuesOf({ g, H }: Quadratic, z: Float64Array): Float64Array {
  const p = g.length;
  return Float64Array.from({ length: z.length / p }, (_, i) => {
    const at = z.subarray(i * p, (i + 1) * p);
    return at.reduce((sum, za, a) => sum + za * (g[a] + at.reduce((bend, zb, b) => bend + H[a * p + b] * zb, 0) / 2), 0);
  });
}

function placesOf(n: number, p: number, seed: number, width = 1): Float64Array {
  const rng = createRng(seed, "places");
  // The best place is the origin.
  return Float64Array.from({ length: n * p }, (_, at) => (at < p ? 0 : width * (2 * rng.uniform() - 1)));
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

const bowl: Quadratic = {
  g: Float64Array.of(-0.4, 0.3, 0.1),
  H: Float64Array.of(...[2, 0.5, 0], ...[0.5, 1, -0.2], ...[0, -0.2, 3]),
};

describe("fitQuadratic", () => {
  test("finds the gradient and the Hessian of a quadratic from a dozen places", () => {
    const z = placesOf(14, 3, 1);
    const { g, H } = fitQuadratic(z, valuesOf(bowl, z), 3) as Quadratic;
    // The error granted to a place at one radius is 0.02.
    expect(largestDifference(g, bowl.g)).toBeLessThan(5e-3);
    expect(largestDifference(H, bowl.H)).toBeLessThan(2e-2);
  });

  test("is exact close to the origin, where no error is granted", () => {
    const z = placesOf(14, 3, 2, 0.1);
    const { g } = fitQuadratic(z, valuesOf(bowl, z), 3) as Quadratic;
    expect(largestDifference(g, bowl.g)).toBeLessThan(1e-4);
  });

  test("finds the slope of a plane from two places, and bends nothing across it", () => {
    const { g, H } = fitQuadratic(Float64Array.of(0, 0, 0.5, 0), Float64Array.of(0, 1), 2) as Quadratic;
    expect(g[0]).toBeGreaterThan(1);
    expect([g[1], H[1], H[3]]).toEqual([0, 0, 0]);
  });

  test("equal losses make a flat model", () => {
    const { g, H } = fitQuadratic(placesOf(8, 2, 3), new Float64Array(8), 2) as Quadratic;
    expect([...g, ...H]).toEqual(new Array(6).fill(0));
  });

  test("its Hessian is symmetric to the bit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 999 }),
        (n, p, seed) => {
          const z = placesOf(n, p, seed);
          const rng = createRng(seed, "values");
          const { H } = fitQuadratic(
            z,
            Float64Array.from({ length: n }, () => rng.uniform()),
            p,
          ) as Quadratic;
          for (let a = 0; a < p; a++) for (let b = 0; b < a; b++) if (H[a * p + b] !== H[b * p + a]) return false;
          return true;
        },
      ),
    );
  });
});

describe("minimizeQuadratic", () => {
  const box = (p: number): [Float64Array, Float64Array] => [new Float64Array(p).fill(-1), new Float64Array(p).fill(1)];

  test("gives the solution of H x = −g within the box", () => {
    const { x } = minimizeQuadratic(bowl, ...box(3), createRng(1));
    const { H, g } = bowl;
    const residue = g.map((slope, a) => slope + x.reduce((sum, xb, b) => sum + H[a * 3 + b] * xb, 0));
    expect(largestDifference(residue, new Float64Array(3))).toBeLessThan(1e-5);
  });

  test("leaves a saddle for the corner that lies lowest", () => {
    const saddle = { g: Float64Array.of(0, 0.1), H: Float64Array.of(1, 0, 0, -2) };
    const { x, value } = minimizeQuadratic(saddle, ...box(2), createRng(2));
    expect([...x]).toEqual([expect.closeTo(0, 6), -1]);
    expect(value).toBeCloseTo(-1.1, 9);
  });

  test("stays at the origin where nothing is below it", () => {
    const cup = { g: new Float64Array(2), H: Float64Array.of(1, 0, 0, 1) };
    expect(minimizeQuadratic(cup, ...box(2), createRng(3))).toEqual({ x: new Float64Array(2), value: 0 });
  });
});
