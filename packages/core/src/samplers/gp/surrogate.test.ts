import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { fitTheta } from "./fit.ts";
import { addPenalty, hyperprior } from "./hyperprior.ts";
import { kernelLayout } from "./kernel-layout.ts";
import { Likelihood } from "./likelihood.ts";
import { warpLosses } from "./output-warp.ts";
import { type Surrogate, Surrogates } from "./surrogate.ts";

const layout = kernelLayout(createSpace({ a: float(0, 1), b: float(0, 1) }));
const prior = hyperprior(layout, false);

function fitted(n: number, loss: (a: number, b: number) => number, warps: boolean, seed = 1): Surrogate {
  const { points, y } = sample(n, loss, seed);
  const rng = createRng(seed, "fit");
  return new Surrogates().fit({
    ...{ name: "loss", layout, prior, points, pendingCount: 0, y, previous: undefined, fits: true, warps, rng },
  });
}

function sample(n: number, loss: (a: number, b: number) => number, seed: number): { points: Float64Array; y: Float64Array } {
  const rng = createRng(seed, "points");
  const points = Float64Array.from({ length: 2 * n }, () => rng.uniform());
  const losses = Float64Array.from({ length: n }, (_, i) => loss(points[2 * i], points[2 * i + 1]));
  return { points, y: warpLosses(losses, false).values };
}

// Ten times as fast near a = 0 as at a = 1.
const uneven = (a: number, b: number): number => Math.sin(12 * a ** 0.35) + 0.3 * b;
const even = (a: number, b: number): number => Math.sin(6 * a) + 0.3 * b;

describe("Surrogates", () => {
  it("warp inputs where the losses vary faster at one end, in the way that evens them out", () => {
    const { theta } = fitted(40, uneven, true).fitted;
    expect(theta.length).toBe(layout.warpedThetaLength);
    // u^a with a < 1 stretches the beginning.
    expect(theta[layout.thetaLength]).toBeLessThan(-0.2);
  });

  it("leave inputs as they are where the losses vary alike, where there are few, and where it is not asked for", () => {
    expect(fitted(40, even, true).fitted.theta.length).toBe(layout.thetaLength);
    expect(fitted(29, uneven, true).fitted.theta.length).toBe(layout.thetaLength);
    expect(fitted(40, uneven, false).fitted.theta.length).toBe(layout.thetaLength);
  });

  it("predict better with inputs warped where that is chosen", () => {
    const errors = [true, false].map((warps) => {
      const test = sample(200, uneven, 2);
      const { posterior } = fitted(40, uneven, warps);
      const means = new Float64Array(200);
      posterior.predict(test.points, 200, means, new Float64Array(200));
      return means.reduce((sum, mean, i) => sum + (mean - test.y[i]) ** 2, 0);
    });
    expect(errors[0]).toBeLessThan(0.8 * errors[1]);
  });

  it("forget shapes once they are not asked for any more", () => {
    const { points, y } = sample(41, uneven, 1);
    const warped = fitted(40, uneven, true).fitted;
    const request = { name: "loss", layout, prior, points, pendingCount: 0, y, previous: warped, fits: true };
    const kept = new Surrogates().fit({ ...request, warps: true, rng: createRng(1) });
    expect(kept.fitted.theta.length).toBe(layout.warpedThetaLength);
    const left = new Surrogates().fit({ ...request, warps: false, rng: createRng(1) });
    expect(left.fitted.theta.length).toBe(layout.thetaLength);
  });

  it("find with many losses, looking around on a part of them, a θ nearly as probable as from all of them", () => {
    const { points, y } = sample(200, (a, b) => Math.sin(9 * a) * Math.cos(4 * b), 3);
    const likelihood = new Likelihood(layout, points, 200);
    const cold = { data: { likelihood, y }, scouted: null, prior, previous: null, looksAround: true };
    const all = fitTheta({ ...cold, rng: createRng(3) });
    const found = new Surrogates().fit({
      ...{ name: "loss", layout, prior, points, pendingCount: 0, y, previous: undefined, fits: true, warps: false },
      rng: createRng(3),
    });
    const gradient = new Float64Array(prior.mode.length);
    const { theta } = found.fitted;
    const value = likelihood.evaluate(y, theta, gradient) + addPenalty(prior, theta, gradient);
    // −log: half a unit is far less than what tells one model from another.
    expect(value).toBeLessThan(all.value + 0.5);
  });
});
