import { describe, expect, test } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { climbBound, type DriftingObservations, fitDrifting, upperBound } from "./time-varying-gp.ts";

const none: DriftingObservations = { count: 0, dimensionCount: 1, inputs: new Float64Array(0), times: new Float64Array(0) };

function observed(gainAt: (z: number, time: number) => number, count: number): [DriftingObservations, Float64Array] {
  const rng = createRng(1, "observed");
  const inputs = Float64Array.from({ length: count }, () => rng.uniform());
  const times = Float64Array.from({ length: count }, (_, i) => Math.floor(i / 3));
  return [{ count, dimensionCount: 1, inputs, times }, inputs.map((z, i) => gainAt(z, times[i]))];
}

const hill = (z: number, top: number): number => 1 - 8 * (z - top) ** 2;

describe("the drifting model", () => {
  test("forgets nothing of what stays and much of what wanders", () => {
    const steady = fitDrifting(...observed((z) => hill(z, 0.4), 40));
    const wandering = fitDrifting(...observed((z, time) => hill(z, 0.5 + 0.4 * Math.sin(2 * time)), 40));
    expect(steady.forgetting).toBe(0.01);
    expect(wandering.forgetting).toBe(0.4);
  });

  test("finds the top of what it has seen, where it is at that time", () => {
    const top = (time: number): number => 0.2 + 0.04 * time;
    const [observations, gains] = observed((z, time) => hill(z, top(time)), 45);
    const model = fitDrifting(observations, gains);
    for (const time of [5, 10, 15]) {
      const bound = upperBound({ model, pending: none, time, optimism: 0 });
      const starts = [0.1, 0.5, 0.9].map((z) => Float64Array.of(z));
      expect(Math.abs(climbBound(bound, starts, 0)[0] - top(time))).toBeLessThan(0.1);
    }
  });

  test("has the gradient of its bound, with pending points too", () => {
    const rng = createRng(2, "gradient");
    const count = 12;
    const inputs = Float64Array.from({ length: 3 * count }, () => rng.uniform());
    const times = Float64Array.from({ length: count }, (_, i) => i);
    const gains = Float64Array.from({ length: count }, () => rng.normal());
    const model = fitDrifting({ count, dimensionCount: 3, inputs, times }, gains);
    const pending = { count: 1, dimensionCount: 3, inputs: Float64Array.of(0.2, 0.4, 0.9), times: Float64Array.of(12) };
    const { value } = upperBound({ model, pending, time: 12, optimism: 0.7 });
    const z = Float64Array.of(0.3, 0.5, 0.7);
    const gradient = new Float64Array(3);
    const unused = new Float64Array(3);
    value(z, gradient);
    for (let j = 0; j < 3; j++) {
      const [above, below] = [1e-5, -1e-5].map((step) =>
        value(
          z.map((each, k) => (k === j ? each + step : each)),
          unused,
        ),
      );
      expect(gradient[j]).toBeCloseTo((above - below) / 2e-5, 5);
    }
  });

  test("is surer, not better, where something is pending", () => {
    const model = fitDrifting(...observed((z) => hill(z, 0.4), 9));
    const at = Float64Array.of(0.95);
    const alone = upperBound({ model, pending: none, time: 3, optimism: 1 }).predict(at);
    const pending = { count: 1, dimensionCount: 1, inputs: Float64Array.of(0.95), times: Float64Array.of(3) };
    const watched = upperBound({ model, pending, time: 3, optimism: 1 }).predict(at);
    expect(watched.mean).toBeCloseTo(alone.mean, 12);
    expect(watched.sd).toBeLessThan(alone.sd);
  });

  test("has nothing to say where all gains are the same, and refuses to be fitted to nothing", () => {
    const [observations] = observed(() => 0, 6);
    const model = fitDrifting(observations, new Float64Array(6));
    expect(upperBound({ model, pending: none, time: 2, optimism: 1 }).predict(Float64Array.of(0.5)).mean).toBe(0);
    expect(() => fitDrifting(none, new Float64Array(0))).toThrow("no observation");
  });
});
