import { describe, expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Parameter } from "../../parameters/parameter.ts";
import { logPriorOf } from "./log-prior.ts";

function priorOf(parameter: Parameter) {
  const dimension = createSpace({ x: parameter }).dimensions[0];
  return { dimension, prior: logPriorOf(dimension) };
}

describe("logPriorOf", () => {
  const numeric = {
    "normal, linear": float(-3, 7, { prior: { distribution: "normal", mean: 1, sd: 2 } }),
    "normal, log": float(1, 1000, { log: true, prior: { distribution: "normal", mean: 200, sd: 150 } }),
    "log-normal, log": float(1e-5, 1, { log: true, prior: { distribution: "log-normal", mean: -6, sd: 1.5 } }),
    "log-normal, linear": float(1, 20, { prior: { distribution: "log-normal", mean: 1.5, sd: 0.6 } }),
    "normal, stepped": int(1, 100, { prior: { distribution: "normal", mean: 70, sd: 15 } }),
  };
  for (const [name, parameter] of Object.entries(numeric)) {
    it(`is the density that fromPrior draws from, up to a constant: ${name}`, () => {
      const { dimension, prior } = priorOf(parameter);
      if (prior === null) throw new Error("no prior");
      // Density at the v-quantile u(v) is 1 / u′(v).
      const offsets = [0.1, 0.3, 0.5, 0.7, 0.9].map((v) => {
        const slope = (dimension.fromPrior(v + 1e-4) - dimension.fromPrior(v - 1e-4)) / 2e-4;
        return prior.log(dimension.fromPrior(v)) + Math.log(slope);
      });
      for (const offset of offsets) expect(offset).toBeCloseTo(offsets[0], 4);
      for (const u of [0.11, 0.5, 0.83]) {
        if (prior.log(u) <= -30) expect(prior.slope(u)).toBe(0);
        else expect(prior.slope(u)).toBeCloseTo((prior.log(u + 1e-6) - prior.log(u - 1e-6)) / 2e-6, 3);
      }
    });
  }

  it("of weights is their logarithm against the greatest; a weight of 0 is next to impossible", () => {
    const { prior } = priorOf(categorical(["a", "b", "c"], { weights: [0, 1, 4] }));
    expect([1 / 6, 0.5, 5 / 6].map((u) => prior?.log(u))).toEqual([-30, Math.log(1 / 4), 0]);
    expect(prior?.slope(0.5)).toBe(0);
  });

  it("is null without a declaration", () => {
    expect(priorOf(float(0, 1)).prior).toBeNull();
    expect(priorOf(categorical(["a", "b"], { weights: [2, 2] })).prior).toBeNull();
  });
});
