import { describe, expect, it } from "vitest";
import { createRng, type Rng } from "../../numerics/rng.ts";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Config } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import { Acquisition } from "./acquisition.ts";
import { searchAcquisition } from "./acquisition-search.ts";
import { drawCandidates } from "./candidates.ts";
import { FactorCache } from "./factor-cache.ts";
import { gatherPoint, kernelLayout } from "./kernel-layout.ts";
import { Posterior } from "./posterior.ts";
import { SearchDomain } from "./search-domain.ts";
import { logEi } from "./utility.ts";

const spaces: Readonly<Record<string, Space>> = {
  numbers: createSpace({ a: float(0, 1), b: float(0, 1), c: float(0, 1) }),
  mixed: createSpace({
    kind: categorical(["p", "q", "r"]),
    layers: int(1, 40),
    width: int(1, 5000, { log: true }),
    x: float(0, 1),
    y: float(0, 1, { when: { kind: ["p", "q"] } }),
  }),
  constrained: createSpace({ a: float(0, 1), b: float(0, 1), c: int(1, 9) }, ["a + b <= 0.9", "a * c <= 4"]),
};

function drawPoint(space: Space, rng: Rng): Float64Array {
  for (;;) {
    const config = space.decode(Float64Array.from(space.dimensions, () => rng.uniform()));
    if (space.satisfies(config)) return space.encode(config);
  }
}

/** A random model with an acquisition and a search over it. */
function stage(space: Space, seed: number, fixed: Config = {}) {
  const rng = createRng(seed, "stage");
  const layout = kernelLayout(space);
  const d = layout.columns.length;
  const n = 25;
  const points = new Float64Array(n * d);
  for (let i = 0; i < n; i++) gatherPoint(layout, drawPoint(space, rng), 0, points, i * d);
  const theta = Float64Array.from({ length: layout.thetaLength }, (_, i) =>
    i === layout.noiseAt ? -10 : -1.2 + 0.5 * rng.normal(),
  );
  const y = Float64Array.from({ length: n }, () => rng.normal());
  const factor = new FactorCache().factor(layout, theta, points, n);
  if (factor === null) throw new Error("not positive definite");
  const best = y.indexOf(Math.min(...y));
  const acquisition = new Acquisition(layout, [new Posterior(factor, y)], logEi(y[best]), 0);
  const domain = new SearchDomain(space, layout, fixed);
  const base = points.slice(best * d, (best + 1) * d).map((u) => (Number.isNaN(u) ? 0.5 : u));
  const box = { lower: new Float64Array(d), upper: new Float64Array(d).fill(1) };
  const { inverseLengths } = factor.kernel;
  const candidates = drawCandidates(domain, [base], inverseLengths, box, 512, rng.split("candidates"));
  const request = {
    domain,
    acquisition,
    candidates,
    extraStarts: [base],
    inverseLengths,
    box,
    startCount: 5,
    rng: rng.split("search"),
  };
  return { layout, domain, acquisition, candidates, found: [...searchAcquisition(request)], rng };
}

describe("searchAcquisition", () => {
  for (const [name, space] of Object.entries(spaces)) {
    // Models of random losses, rougher than fitted ones. Of seeds 0 … 99 numbers reached the best of 4,000 96 times, mixed 94 times,
    // constrained 97 times.
    it(`finds what is worth at least the best of 2,000 random configs, in 9 of 10 models: ${name}`, () => {
      let reached = 0;
      for (let seed = 0; seed < 20; seed++) {
        const { layout, acquisition, found, rng } = stage(space, seed);
        const d = layout.columns.length;
        const points = new Float64Array(2_000 * d);
        for (let c = 0; c < 2_000; c++) gatherPoint(layout, drawPoint(space, rng), 0, points, c * d);
        if (found[0].value >= Math.max(...acquisition.values(points, 2_000)) - 1e-3) reached++;
      }
      expect(reached).toBeGreaterThanOrEqual(18);
    });

    it(`finds points of configs only, best first among the local maxima: ${name}`, () => {
      for (let seed = 0; seed < 5; seed++) {
        const { layout, domain, acquisition, candidates, found } = stage(space, seed);
        expect(found.length).toBeGreaterThan(candidates.count);
        for (const { point, value } of found.slice(0, 20)) {
          const config = domain.config(point);
          expect(space.check(config)).toEqual([]);
          const real = new Float64Array(point.length);
          gatherPoint(layout, space.encode(config), 0, real, 0);
          // Continuous values lose a last place between config and point.
          real.forEach((u, j) => {
            if (Number.isNaN(u)) expect(point[j]).toBeNaN();
            else expect(point[j]).toBeCloseTo(u, 12);
          });
          expect(acquisition.values(point, 1)[0]).toBeCloseTo(value, 9);
        }
        const locals = found.slice(0, found.length - candidates.count).map(({ value }) => value);
        expect(locals).toEqual([...locals].sort((a, b) => b - a));
        expect(locals[0]).toBeGreaterThanOrEqual(found[locals.length].value);
      }
    });
  }

  it("leaves fixed values as they are", () => {
    const { domain, found } = stage(spaces.mixed, 1, { kind: "q", layers: 7, x: 0.123456789 });
    for (const { point } of found) expect(domain.config(point)).toMatchObject({ kind: "q", layers: 7, x: 0.123456789 });
  });
});
