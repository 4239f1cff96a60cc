import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { createBasis } from "./cma-es.ts";
import { constantsOf, createEvolution, createStrain, type Evolution } from "./evolution.ts";
import { nextRun, reasonToStop } from "./restarts.ts";

const strain = createStrain(createSpace({ a: float(0, 1), b: float(0, 1) }, []), false);
const restarts = { regime: "first" as const, largeCount: 0, largeEvaluations: 0, smallEvaluations: 0, defaultLambda: 6 };
const fresh = createEvolution(
  strain,
  { run: 0, generation: 1, since: 0, lambda: 6, sigma0: 0.25, restarts },
  Float64Array.of(0.5, 0.5),
);
const one = Float64Array.of(1, 1);

function reason(change: Partial<Evolution>, gaussian: Partial<Evolution["gaussian"]> = {}, lossRange = 1): string | null {
  const evolution = { ...fresh, ...change, gaussian: { ...fresh.gaussian, ...gaussian } };
  return reasonToStop(evolution, createBasis(evolution.gaussian.C, 2, false), constantsOf(strain, 6), one, lossRange);
}

describe("a run ends", () => {
  it("not while it moves", () => {
    expect(reason({})).toBeNull();
    expect(reason({ recentBests: Float64Array.from({ length: 20 }, (_, i) => 1 + 1e-9 * i) }, { g: 30 })).toBeNull();
  });

  it("for each reason of its own", () => {
    const flat = new Float64Array(20).fill(3);
    expect(reason({ recentBests: flat }, { g: 20 })).toBe("loss-range");
    expect(reason({ recentBests: flat }, { g: 19 })).toBeNull();
    const nearlyFlat = flat.map((value, i) => value + 1e-13 * i);
    expect(reason({ recentBests: nearlyFlat }, { g: 20 }, 1)).toBeNull();
    expect(reason({ recentBests: nearlyFlat }, { g: 20 }, 1e-13)).toBe("loss-range");
    expect(reason({ bestG: 1 }, { g: 150 })).toBe("stagnation");
    expect(reason({}, { sigma: 1e-14, m: Float64Array.of(0, 0) })).toBe("step-size");
    expect(reason({}, { sigma: 1e5 })).toBe("divergence");
    expect(reason({}, { C: Float64Array.of(1, 0, 1e-15) })).toBe("condition");
    expect(reason({}, { C: Float64Array.of(1, 0, 1e-12), sigma: 1e-10, pC: Float64Array.of(1, 1) })).toBe("no-effect");
  });
});

describe("the next run", () => {
  const rng = createRng(1, "restarts");

  it("is twice as large as the last large one, until large ones have had more evaluations than small ones", () => {
    const first = nextRun({ ...fresh, evaluationCount: 100 }, 0.25, rng);
    expect(first).toMatchObject({ lambda: 12, sigma0: 0.25, restarts: { regime: "large", largeCount: 1 } });
    const small = nextRun({ ...fresh, restarts: first.restarts, lambda: 12, evaluationCount: 300 }, 0.25, rng);
    expect(small.restarts).toMatchObject({ regime: "small", largeCount: 1, largeEvaluations: 300 });
    expect(small.lambda).toBeGreaterThanOrEqual(6);
    expect(small.sigma0).toBeLessThanOrEqual(0.25);
    expect(small.sigma0).toBeGreaterThanOrEqual(0.0025);
    const again = nextRun({ ...fresh, restarts: small.restarts, lambda: 6, evaluationCount: 299 }, 0.25, rng);
    expect(again.restarts.regime).toBe("small");
    const large = nextRun({ ...fresh, restarts: again.restarts, lambda: 6, evaluationCount: 1 }, 0.25, rng);
    expect(large).toMatchObject({ lambda: 24, restarts: { regime: "large", largeCount: 2, smallEvaluations: 300 } });
  });
});
