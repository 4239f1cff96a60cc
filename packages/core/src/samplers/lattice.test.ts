import { describe, expect, it } from "vitest";
import { boolean, categorical, constant, float, int } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";
import { createLattice, type Lattice, type PointCounts } from "./lattice.ts";

function latticeOf(parameters: Parameters, points: PointCounts = 0): Lattice {
  const lattice = createLattice(createSpace(parameters), points);
  if (typeof lattice === "string") throw new Error(lattice);
  return lattice;
}

function configsOf(lattice: Lattice): Config[] {
  return Array.from({ length: lattice.size }, (_, index) => ({ ...lattice.config(index) }));
}

describe("createLattice", () => {
  it("counts in mixed radix over the names in order, the last one fastest", () => {
    expect(configsOf(latticeOf({ b: int(1, 3), a: boolean(), k: constant("v") }))).toEqual([
      { a: false, b: 1, k: "v" },
      { a: false, b: 2, k: "v" },
      { a: false, b: 3, k: "v" },
      { a: true, b: 1, k: "v" },
      { a: true, b: 2, k: "v" },
      { a: true, b: 3, k: "v" },
    ]);
  });

  it("spaces points equally, geometrically on a log scale, both ends included", () => {
    const values = (lattice: Lattice, name: string): number[] => configsOf(lattice).map((config) => config[name] as number);
    expect(values(latticeOf({ x: float(-1, 1) }, 5), "x")).toEqual([-1, -0.5, 0, 0.5, 1]);
    values(latticeOf({ x: float(1e-4, 1, { log: true }) }, { x: 5 }), "x").forEach((value, i) => {
      expect(value / 10 ** (i - 4)).toBeCloseTo(1, 12);
    });
    expect(values(latticeOf({ x: float(0, 4) }, 1), "x")).toEqual([2]);
  });

  it("thins out a stepped parameter named in points, equal values counting once", () => {
    const lattice = latticeOf({ n: int(1, 64, { log: true }), m: int(0, 1) }, { n: 7, m: 5 });
    const configs = configsOf(lattice);
    expect([...new Set(configs.map(({ m }) => m))]).toEqual([0, 1]);
    expect(new Set(configs.map((config) => JSON.stringify(config))).size).toBe(lattice.size);
    expect(configs[0].n).toBe(1);
    expect(configs[configs.length - 1].n).toBe(64);
  });

  it("keeps decimal steps exact", () => {
    expect(configsOf(latticeOf({ x: float(0, 0.5, { step: 0.1 }) })).map(({ x }) => x)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it("holds each combination of active parameters once", () => {
    const lattice = latticeOf({
      depth: int(1, 3, { when: { model: "tree" } }),
      dropout: categorical([0, 0.5], { when: "layers >= 2" }),
      layers: int(1, 3, { when: { model: "net" } }),
      model: categorical(["tree", "net", "mean"]),
      seed: boolean(),
    });
    const configs = configsOf(lattice);
    // (3 depths + (1 layer, and 2 and 3 layers with 2 dropouts each) + 1) × 2 seeds.
    expect(lattice.size).toBe((3 + 1 + 4 + 1) * 2);
    expect(new Set(configs.map((config) => JSON.stringify(config))).size).toBe(lattice.size);
    expect(configs.filter(({ model }) => model === "mean")).toEqual([
      { model: "mean", seed: false },
      { model: "mean", seed: true },
    ]);
  });

  it("does not list what it counts", () => {
    const lattice = latticeOf(Object.fromEntries(Array.from({ length: 15 }, (_, j) => [`n${j}`, int(0, 9)])));
    expect(lattice.size).toBe(1e15);
    expect(Object.values(lattice.config(123_456_789_012_345)).join("")).toContain("1");
  });

  it("says why there is none", () => {
    expect(createLattice(createSpace({ lr: float(0, 1) }), 0)).toBe(
      "lr is continuous: give it a step, or say how many points to take of it",
    );
    const huge = Object.fromEntries(Array.from({ length: 16 }, (_, j) => [`n${j}`, int(0, 9)]));
    expect(createLattice(createSpace(huge), 0)).toMatch(/more than can be numbered/);
    const forked = { a: int(1, 500), b: int(1, 500), c: boolean({ when: "a + b > 9" }) };
    expect(createLattice(createSpace(forked), 0)).toMatch(/conditions make more than 100000 combinations/);
  });
});
