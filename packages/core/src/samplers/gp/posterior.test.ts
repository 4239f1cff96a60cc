import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { categorical, float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { FactorCache } from "./factor-cache.ts";
import { gatherPoint, type KernelLayout, kernelLayout } from "./kernel-layout.ts";
import { Posterior } from "./posterior.ts";

const flat = kernelLayout(createSpace({ a: float(0, 1), b: float(0, 1) }));
const goldenPoints = Float64Array.of(0.1, 0.2, 0.8, 0.3, 0.5, 0.9, 0.4, 0.4, 0.9, 0.95);
const goldenLosses = Float64Array.of(1, -0.5, 0.3, -1.2, 0.4);
const goldenTheta = Float64Array.of(Math.log(0.4), Math.log(0.7), Math.log(1.3), Math.log(0.01));

const mixedSpace = createSpace({
  kind: categorical(["p", "q"]),
  u: float(0, 1, { when: { kind: "p" } }),
  v: float(0, 1, { when: { kind: "p" } }),
  x: float(0, 1),
  y: float(0, 1),
});
const mixed = kernelLayout(mixedSpace);

function posteriorOf(layout: KernelLayout, theta: Float64Array, points: Float64Array, count: number, y: Float64Array): Posterior {
  const factor = new FactorCache().factor(layout, theta, points, count);
  if (factor === null) throw new Error("not positive definite");
  return new Posterior(factor, y);
}

function predict(posterior: Posterior, point: Float64Array): readonly [number, number] {
  const [mean, variance] = [new Float64Array(1), new Float64Array(1)];
  posterior.predict(point, 1, mean, variance);
  return [mean[0], variance[0]];
}

function mixedPoints(count: number, seed: number): Float64Array {
  const rng = createRng(seed, "points");
  const d = mixed.columns.length;
  const points = new Float64Array(count * d);
  for (let i = 0; i < count; i++) {
    const draw = Float64Array.from({ length: d }, () => rng.uniform());
    gatherPoint(mixed, mixedSpace.encode(mixedSpace.decode(draw)), 0, points, i * d);
  }
  return points;
}

function noise(count: number, seed: number): Float64Array {
  const rng = createRng(seed, "losses");
  return Float64Array.from({ length: count }, () => rng.normal());
}

const mixedTheta = Float64Array.from({ length: mixed.thetaLength }, (_, i) => (i === mixed.noiseAt ? -4 : -0.6));

describe("Posterior", () => {
  it("gives the golden means and variances", () => {
    // Recipe: NumPy, by the definitions.
    const posterior = posteriorOf(flat, goldenTheta, goldenPoints, 5, goldenLosses);
    const [mean, variance] = predict(posterior, Float64Array.of(0.3, 0.6));
    expect(mean).toBeCloseTo(-0.40601681952931457, 10);
    expect(variance).toBeCloseTo(0.1675484814497641, 10);
    const [corner, cornerVariance] = predict(posterior, Float64Array.of(0.05, 0.05));
    expect(corner).toBeCloseTo(1.2209281346009542, 10);
    expect(cornerVariance).toBeCloseTo(0.11333042782345704, 10);
  });

  it("passes through the losses when there is no noise", () => {
    const posterior = posteriorOf(flat, goldenTheta.with(3, -40), goldenPoints, 5, goldenLosses);
    goldenLosses.forEach((loss, i) => {
      const [mean, variance] = predict(posterior, goldenPoints.subarray(2 * i, 2 * i + 2));
      expect(mean).toBeCloseTo(loss, 4);
      expect(variance).toBeLessThan(1e-5);
      expect(posterior.means[i]).toBeCloseTo(mean, 9);
    });
  });

  it("answers many points as it answers each", () => {
    const posterior = posteriorOf(mixed, mixedTheta, mixedPoints(13, 1), 13, noise(13, 1));
    const points = mixedPoints(7, 2);
    const [means, variances] = [new Float64Array(7), new Float64Array(7)];
    posterior.predict(points, 7, means, variances);
    for (let c = 0; c < 7; c++) {
      const alone = predict(posterior, points.slice(5 * c, 5 * c + 5));
      expect([means[c], variances[c]]).toEqual(alone);
    }
  });

  const bent = Float64Array.from({ length: mixed.warpedThetaLength }, (_, i) => mixedTheta[i] ?? (i % 3) * 0.3 - 0.4);
  for (const [name, theta] of [
    ["", mixedTheta],
    [", inputs warped", bent],
  ] as const)
    it(`has the gradients that differences of its values give${name}`, () => {
      const points = mixedPoints(14, 3);
      const posterior = posteriorOf(mixed, theta, points, 14, noise(14, 3));
      const [moments, byMean, byVariance] = [new Float64Array(2), new Float64Array(5), new Float64Array(5)];
      const at = mixedPoints(6, 4);
      let compared = 0;
      for (let c = 0; c < 6; c++) {
        const point = at.slice(5 * c, 5 * c + 5);
        posterior.predictWithGradient(point, moments, byMean, byVariance);
        expect(moments[0]).toBeCloseTo(predict(posterior, point)[0], 12);
        expect(moments[1]).toBeCloseTo(predict(posterior, point)[1], 12);
        mixed.dimensions.forEach(({ kind }, j) => {
          if (kind === "categorical" || Number.isNaN(point[j])) return;
          const step = 1e-5;
          const [up, down] = [step, -step].map((move) => predict(posterior, point.with(j, point[j] + move)));
          expect(byMean[j]).toBeCloseTo((up[0] - down[0]) / (2 * step), 6);
          expect(byVariance[j]).toBeCloseTo((up[1] - down[1]) / (2 * step), 6);
          compared++;
        });
      }
      expect(compared).toBeGreaterThan(15);
    });

  it("does not depend on the order of the trials", () => {
    const points = mixedPoints(9, 5);
    const y = noise(9, 5);
    const order = createRng(1, "order").shuffle([...Array(9).keys()]);
    const shuffled = Float64Array.from(order.flatMap((i) => [...points.subarray(5 * i, 5 * i + 5)]));
    const [one, other] = [
      posteriorOf(mixed, mixedTheta, points, 9, y),
      posteriorOf(
        mixed,
        mixedTheta,
        shuffled,
        9,
        Float64Array.from(order, (i) => y[i]),
      ),
    ];
    const [mean, variance] = predict(one, mixedPoints(1, 6));
    expect(predict(other, mixedPoints(1, 6))[0]).toBeCloseTo(mean, 11);
    expect(predict(other, mixedPoints(1, 6))[1]).toBeCloseTo(variance, 11);
  });

  it("takes a pending trial for one that gave what was expected of it", () => {
    const points = mixedPoints(12, 7);
    const y = noise(10, 7);
    const pending = posteriorOf(mixed, mixedTheta, points, 12, y);
    const known = posteriorOf(mixed, mixedTheta, points, 10, y);
    for (const i of [10, 11]) expect(pending.believed[i]).toBeCloseTo(predict(known, points.slice(5 * i, 5 * i + 5))[0], 11);
    const believed = posteriorOf(mixed, mixedTheta, points, 12, pending.believed);
    const [mean, variance] = predict(pending, mixedPoints(1, 8));
    expect(predict(believed, mixedPoints(1, 8))[0]).toBeCloseTo(mean, 11);
    expect(predict(believed, mixedPoints(1, 8))[1]).toBeCloseTo(variance, 11);
    expect(mean).toBeCloseTo(predict(known, mixedPoints(1, 8))[0], 11);
    expect(variance).toBeLessThan(predict(known, mixedPoints(1, 8))[1]);
  });
});

describe("FactorCache", () => {
  it("gives the same bits whether rows were appended, replaced or factored at once", () => {
    const cache = new FactorCache();
    const points = mixedPoints(30, 9);
    const others = mixedPoints(30, 10);
    const y = noise(30, 9);
    const spliced = points.slice();
    spliced.set(others.subarray(5 * 20), 5 * 20);
    for (const [rows, count] of [
      [points, 10],
      [points, 11],
      [points, 30],
      [spliced, 25],
      [points, 12],
      [others, 30],
    ] as const) {
      const warm = cache.factor(mixed, mixedTheta, rows, count);
      if (warm === null) throw new Error("not positive definite");
      const query = mixedPoints(1, 11);
      expect(predict(new Posterior(warm, y.subarray(0, count)), query)).toEqual(
        predict(posteriorOf(mixed, mixedTheta, rows, count, y.subarray(0, count)), query),
      );
    }
  });

  it("adds to the diagonal where rounding has made equal rows dependent", () => {
    const points = Float64Array.from({ length: 40 }, () => 0.3);
    const theta = Float64Array.of(0, 0, 38, -40);
    expect(new FactorCache().factor(flat, theta, points, 20)).not.toBeNull();
  });
});
