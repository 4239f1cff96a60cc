import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { kernelLayout } from "./kernel-layout.ts";
import { Likelihood } from "./likelihood.ts";

describe("Likelihood", () => {
  it("gives the golden value and gradient", () => {
    // Recipe: NumPy, by the definitions; the noise is 0.01 + 1e-6, the gradient with respect to log 0.01.
    const layout = kernelLayout(createSpace({ a: float(0, 1), b: float(0, 1) }));
    const points = Float64Array.of(0.1, 0.2, 0.8, 0.3, 0.5, 0.9, 0.4, 0.4, 0.9, 0.95);
    const theta = Float64Array.of(Math.log(0.4), Math.log(0.7), Math.log(1.3), Math.log(0.01));
    const gradient = new Float64Array(4);
    const value = new Likelihood(layout, points, 5).evaluate(Float64Array.of(1, -0.5, 0.3, -1.2, 0.4), theta, gradient);
    expect(value).toBeCloseTo(3.6996985043127957, 10);
    const golden = [3.664373580413355, 2.117580584341593, -1.4631016330358397, -0.09814613276221039];
    golden.forEach((slope, i) => {
      expect(gradient[i]).toBeCloseTo(slope, 9);
    });
  });

  const spaces = {
    "of numbers": { a: float(0, 1), b: float(0, 1), c: int(1, 9) },
    "with choices": { a: float(0, 1), b: categorical(["p", "q", "r"]), c: boolean() },
    "with conditions": {
      kind: categorical(["p", "q"]),
      u: float(0, 1, { when: { kind: "p" } }),
      v: float(0, 1, { when: { kind: "p" } }),
      w: categorical(["x", "y", "z"], { when: { kind: "q" } }),
      z: float(0, 1),
    },
    "with nothing that is always active but a choice": { kind: boolean(), u: float(0, 1, { when: { kind: true } }) },
  };

  const cases = Object.entries(spaces).flatMap(([name, parameters]) => [
    { name, parameters, isWarped: false },
    { name: `${name}, inputs warped`, parameters, isWarped: true },
  ]);
  for (const { name, parameters, isWarped } of cases) {
    it(`has the gradient that differences of its values give, in a space ${name}`, () => {
      const space = createSpace(parameters);
      const layout = kernelLayout(space);
      const d = layout.columns.length;
      const rng = createRng(5, name);
      const n = 14;
      const points = new Float64Array(n * d);
      for (let i = 0; i < n; i++) {
        const point = space.encode(space.decode(Float64Array.from({ length: d }, () => rng.uniform())));
        layout.columns.forEach((column, j) => {
          points[i * d + j] = point[column];
        });
      }
      const y = Float64Array.from({ length: n }, () => rng.normal());
      const likelihood = new Likelihood(layout, points, n);
      for (let round = 0; round < 5; round++) {
        const length = isWarped ? layout.warpedThetaLength : layout.thetaLength;
        const theta = Float64Array.from({ length }, (_, i) =>
          i < layout.thetaLength ? 0.7 * rng.normal() - 0.5 : 0.5 * rng.normal(),
        );
        const gradient = new Float64Array(theta.length);
        const scratch = new Float64Array(theta.length);
        likelihood.evaluate(y, theta, gradient);
        theta.forEach((_, i) => {
          const at = (step: number): number => likelihood.evaluate(y, theta.with(i, theta[i] + step), scratch);
          const step = 1e-4;
          // Fourth order, so that a step this long still leaves ten digits.
          const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
          expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
        });
      }
    });
  }

  it("is the same for shapes of the identity as without shapes, in any order of the two", () => {
    const layout = kernelLayout(createSpace(spaces["with conditions"]));
    const d = layout.columns.length;
    const rng = createRng(6, "shapes");
    const points = Float64Array.from({ length: 9 * d }, () => rng.uniform());
    const y = Float64Array.from({ length: 9 }, () => rng.normal());
    const plain = Float64Array.from({ length: layout.thetaLength }, () => rng.normal() - 0.5);
    const identity = new Float64Array(layout.warpedThetaLength);
    identity.set(plain);
    const bent = identity.map((value, i) => (i < layout.thetaLength ? value : 0.4));
    const likelihood = new Likelihood(layout, points, 9);
    const valueAt = (theta: Float64Array): number => likelihood.evaluate(y, theta, new Float64Array(theta.length));
    const [first, bentValue, warped, last] = [plain, bent, identity, plain].map(valueAt);
    expect(warped).toBeCloseTo(first, 10);
    expect(last).toBe(first);
    expect(Math.abs(bentValue - first)).toBeGreaterThan(1e-3);
  });
});
