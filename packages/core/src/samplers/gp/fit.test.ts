import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { fitTheta, isFitDue } from "./fit.ts";
import { addPenalty, hyperprior } from "./hyperprior.ts";
import { kernelLayout } from "./kernel-layout.ts";
import { Likelihood } from "./likelihood.ts";
import { warpLosses } from "./output-warp.ts";

const layoutOf = (d: number) =>
  kernelLayout(createSpace(Object.fromEntries(Array.from({ length: d }, (_, j) => [`x${j}`, float(0, 1)]))));

describe("hyperprior", () => {
  it("has the modes of its sources", () => {
    expect(hyperprior(layoutOf(4), false).mode[0]).toBeCloseTo(Math.log(0.5), 12);
    expect(hyperprior(layoutOf(16), false).mode[0]).toBeCloseTo(0, 12);
    // 5.2: the mode of the dimension-scaled prior is 0.205 √d.
    expect(Math.exp(hyperprior(layoutOf(100), false).mode[0])).toBeCloseTo(2.05, 2);
  });

  it("costs nothing at its mode, half a unit one standard deviation away", () => {
    const prior = hyperprior(layoutOf(3), false);
    const gradient = new Float64Array(prior.mode.length);
    expect(addPenalty(prior, prior.mode, gradient)).toBe(0);
    expect(gradient.every((slope) => slope === 0)).toBe(true);
    const moved = prior.mode.with(1, prior.mode[1] + prior.sd[1]);
    expect(addPenalty(prior, moved, gradient)).toBeCloseTo(0.5, 12);
    expect(gradient[1]).toBeCloseTo(1 / prior.sd[1], 12);
  });

  it("leaves no noise to a noiseless objective", () => {
    const { lower, upper } = hyperprior(layoutOf(2), true);
    expect([lower[3], upper[3]]).toEqual([-14, -14]);
  });
});

describe("fitTheta", () => {
  const layout = layoutOf(3);
  const prior = hyperprior(layout, false);
  const rng = createRng(4, "fit");
  const n = 40;
  const points = Float64Array.from({ length: 3 * n }, () => rng.uniform());
  // Rough in x0, smooth in x1, blind to x2.
  const losses = Float64Array.from({ length: n }, (_, i) => Math.sin(12 * points[3 * i]) + points[3 * i + 1]);
  const y = warpLosses(losses, false).values;
  const likelihood = new Likelihood(layout, points, n);
  const request = { data: { likelihood, y }, scouted: null, prior, looksAround: false };
  const { theta } = fitTheta({ ...request, previous: null, rng: rng.split("cold") });

  it("tells what matters from what does not", () => {
    expect(theta[0]).toBeLessThan(theta[1] - 0.5);
    expect(theta[1]).toBeLessThan(theta[2]);
    expect(theta[2]).toBeGreaterThan(1);
  });

  it("finds no noise where there is none", () => {
    expect(Math.exp(theta[4])).toBeLessThan(0.001 * Math.exp(theta[3]));
  });

  it("is rounded to a ten-thousandth, and stays where it is when started there", () => {
    expect(theta.every((value) => Math.abs(value * 1e4 - Math.round(value * 1e4)) < 1e-6)).toBe(true);
    const again = fitTheta({ ...request, previous: theta, rng: rng.split("warm") }).theta;
    again.forEach((value, i) => {
      expect(Math.abs(value - theta[i])).toBeLessThan(0.3);
    });
  });

  it("is no worse when it looks around", () => {
    const gradient = new Float64Array(theta.length);
    const valueAt = (at: Float64Array): number => likelihood.evaluate(y, at, gradient) + addPenalty(prior, at, gradient);
    const looked = fitTheta({ ...request, previous: theta, looksAround: true, rng: rng.split("around") }).theta;
    expect(valueAt(looked)).toBeLessThanOrEqual(valueAt(theta) + 1e-6);
  });
});

describe("isFitDue", () => {
  const fitted = (at: number) => ({ at, theta: new Float64Array(0) });
  const calm = new Float64Array(400);

  it("fits at every new result below 60, and not twice to the same", () => {
    expect(isFitDue(fitted(58), 59, calm)).toBe(true);
    expect(isFitDue(fitted(59), 59, calm)).toBe(false);
    expect(isFitDue(fitted(60), 61, calm)).toBe(false);
  });

  it("fits again after a twentieth more results, or fewer", () => {
    expect(isFitDue(fitted(200), 209, calm)).toBe(false);
    expect(isFitDue(fitted(200), 210, calm)).toBe(true);
    expect(isFitDue(fitted(210), 200, calm)).toBe(true);
  });

  it("fits again after a surprise since", () => {
    expect(isFitDue(fitted(200), 205, calm.with(203, -3.1))).toBe(true);
    expect(isFitDue(fitted(200), 205, calm.with(199, -3.1))).toBe(false);
    expect(isFitDue(fitted(200), 205, calm.with(204, Number.NaN))).toBe(true);
  });
});
