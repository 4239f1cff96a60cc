import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { logEhvi, referencePoint } from "./log-ehvi.ts";
import { logEi, logProbabilityBelow, product, type Utility } from "./utility.ts";

function logOf(utility: Utility, means: readonly number[], sds: readonly number[]): number {
  const n = utility.outcomeCount;
  return utility.log(Float64Array.from(means), Float64Array.from(sds), new Float64Array(n), new Float64Array(n));
}

const front = Float64Array.of(1, 3, 2, 1.5, 3, 1);

describe("logEi", () => {
  it("gives the golden values", () => {
    // Recipe: SciPy at the posteriors of the two points, incumbent −1.2.
    const utility = logEi(-1.2);
    expect(logOf(utility, [-0.40601681952931457], [Math.sqrt(0.1675484814497641)])).toBeCloseTo(-5.502020961760891, 10);
    expect(logOf(utility, [1.2209281346009542], [Math.sqrt(0.11333042782345704)])).toBeCloseTo(-31.865466045215395, 9);
  });
});

describe("logEhvi", () => {
  it("gives the golden value", () => {
    // Recipe: quadrature over the strips.
    expect(Math.exp(logOf(logEhvi(front, [4, 4]), [1.5, 1.2], [0.5, 0.4]))).toBeCloseTo(1.4335964531903784, 10);
  });

  it("is the product of two improvements when nothing is known", () => {
    const both = logOf(product([logEi(4), logEi(5)]), [1, 2], [0.3, 2]);
    expect(logOf(logEhvi(new Float64Array(0), [4, 5]), [1, 2], [0.3, 2])).toBeCloseTo(both, 12);
  });

  it("takes no notice of points beyond the reference or of a point given twice", () => {
    const more = Float64Array.of(...front, 0, 9, 5, 0.5, 2, 1.5);
    expect(logOf(logEhvi(more, [4, 4]), [1.5, 1.2], [0.5, 0.4])).toBe(logOf(logEhvi(front, [4, 4]), [1.5, 1.2], [0.5, 0.4]));
  });

  it("stays finite where an improvement is out of the question", () => {
    const far = logOf(logEhvi(front, [4, 4]), [90, 80], [0.1, 0.1]);
    const farther = logOf(logEhvi(front, [4, 4]), [91, 80], [0.1, 0.1]);
    expect(far).toBeLessThan(-1e5);
    expect(farther).toBeLessThan(far);
  });

  it("measures from a tenth of the front's range beyond its worst", () => {
    expect(referencePoint(front, front)).toEqual([3.2, 3.2]);
    expect(referencePoint(Float64Array.of(1, 1), Float64Array.of(1, 1, 2, 5))).toEqual([1.1, 1.4]);
  });
});

describe("utilities have the gradients that differences of their values give", () => {
  const cases: Readonly<Record<string, Utility>> = {
    logEi: logEi(-0.3),
    logProbabilityBelow: logProbabilityBelow(0.4, 0.2),
    logEhvi: logEhvi(front, [4, 4]),
    product: product([logEi(0.2), logProbabilityBelow(-0.5, 0), logEhvi(front, [4, 4])]),
  };
  for (const [name, utility] of Object.entries(cases)) {
    it(name, () => {
      const rng = createRng(3, name);
      const n = utility.outcomeCount;
      for (let round = 0; round < 30; round++) {
        // Also deep in the tails, where the worth itself is below 1e-100.
        const spread = round < 20 ? 2 : 15;
        const means = Array.from({ length: n }, () => spread * rng.normal());
        const sds = Array.from({ length: n }, () => 0.3 + rng.uniform());
        const [byMean, bySd] = [new Float64Array(n), new Float64Array(n)];
        utility.log(Float64Array.from(means), Float64Array.from(sds), byMean, bySd);
        const step = 1e-5;
        for (let o = 0; o < n; o++) {
          const meanSlope =
            (logOf(utility, means.with(o, means[o] + step), sds) - logOf(utility, means.with(o, means[o] - step), sds)) /
            (2 * step);
          const sdSlope =
            (logOf(utility, means, sds.with(o, sds[o] + step)) - logOf(utility, means, sds.with(o, sds[o] - step))) / (2 * step);
          expect(Math.abs(byMean[o] - meanSlope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(meanSlope)));
          expect(Math.abs(bySd[o] - sdSlope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(sdSlope)));
        }
      }
    });
  }
});
