import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hypervolume } from "../numerics/hypervolume.ts";
import { createRng } from "../numerics/rng.ts";
import { createSpace } from "../parameters/create-space.ts";
import { bbob } from "./bbob/bbob.ts";
import { type BenchmarkProblem, boxConfig } from "./benchmark-problem.ts";
import { ackley, branin, hartmann6, levy, rastrigin, rosenbrock, styblinskiTang } from "./classic.ts";
import { discretised } from "./discretised.ts";
import { noisy } from "./noisy.ts";
import { dtlz2, zdt1, zdt2, zdt3 } from "./two-objectives.ts";

const classics: readonly BenchmarkProblem[] = [
  branin(),
  hartmann6(),
  rosenbrock(4),
  ackley(10),
  levy(8),
  styblinskiTang(5),
  rastrigin(5),
];

function randomConfig({ parameters }: BenchmarkProblem, seed: number) {
  const space = createSpace(parameters);
  const rng = createRng(seed, "config");
  return space.decode(Float64Array.from(space.dimensions, () => rng.uniform()));
}

describe("the classic functions", () => {
  it.each(classics.map((problem) => [problem.name, problem] as const))(
    "%s has its declared optimum, and nothing below",
    (_, problem) => {
      const { optimum, evaluate } = problem;
      if (optimum === null) throw new Error("no optimum");
      expect(evaluate(optimum.config).value).toBeCloseTo(optimum.value, 8);
      for (let seed = 0; seed < 500; seed++) expect(evaluate(randomConfig(problem, seed)).value).toBeGreaterThan(optimum.value);
    },
  );

  it("have the optima of the published tables", () => {
    // Optima as S. Surjanovic and D. Bingham list them (Virtual Library of Simulation Experiments), Ackley, Levy and Rastrigin in our domains.
    const optima = classics.map(({ optimum }) => optimum?.value ?? Number.NaN);
    const published = [0.397887, -3.32237, 0, 0, 0, -195.831, 0];
    for (const [i, value] of published.entries()) expect(Math.abs(optima[i] - value)).toBeLessThan(1e-3);
  });

  it("agree with hand-made values", () => {
    // Recipe: the formulas with round numbers: branin(0, 0) = 36 + 10 (1 − 1/8π) + 10; rosenbrock(0, …) = d − 1; rastrigin(½, …) = d (¼ + 20).
    expect(branin().evaluate({ x1: 0, x2: 0 }).value).toBeCloseTo(56 - 10 / (8 * Math.PI), 10);
    expect(rosenbrock(4).evaluate(boxConfig([0, 0, 0, 0])).value).toBe(3);
    expect(rastrigin(2).evaluate(boxConfig([0.5, 0.5])).value).toBeCloseTo(40.5, 10);
    expect(styblinskiTang(2).evaluate(boxConfig([1, 0])).value).toBe(-5);
    expect(levy(2).evaluate(boxConfig([5, 1])).value).toBeCloseTo(1 + 10 * Math.sin(1) ** 2, 10);
    expect(ackley(2).evaluate(boxConfig([1, 1])).value).toBeCloseTo(20 * (1 - Math.exp(-0.2)), 10);
  });
});

describe("the problems of two objectives", () => {
  it.each([
    ["zdt1", zdt1(5), (f: number) => [f, 1 - Math.sqrt(f)]],
    ["zdt2", zdt2(5), (f: number) => [f, 1 - f * f]],
    ["dtlz2", dtlz2(5), (f: number) => [Math.cos((f * Math.PI) / 2), Math.sin((f * Math.PI) / 2)]],
  ] as const)("%s has its front where the last coordinates are at rest", (name, problem, front) => {
    const rest = name === "dtlz2" ? 0.5 : 0;
    for (const f of [0, 0.2, 0.7, 1]) {
      const { f1, f2 } = problem.evaluate(boxConfig([f, rest, rest, rest, rest]));
      const [want1, want2] = front(f);
      expect(f1).toBeCloseTo(want1, 12);
      expect(f2).toBeCloseTo(want2, 12);
    }
  });

  it.each([zdt1(4), zdt2(4), zdt3(4), dtlz2(4)].map((problem) => [problem.name, problem] as const))(
    "%s declares the hypervolume of its front",
    (name, problem) => {
      // Recipe: the hypervolume of 20,001 points of the front, which is below the exact one by less than 1e-3.
      const rest = name.startsWith("dtlz2") ? 0.5 : 0;
      const n = 20_001;
      const losses = new Float64Array(2 * n);
      for (let i = 0; i < n; i++) {
        const { f1, f2 } = problem.evaluate(boxConfig([i / (n - 1), rest, rest, rest]));
        losses.set([f1, f2], 2 * i);
      }
      const { referencePoint, hypervolume: exact } = problem.front ?? { referencePoint: [], hypervolume: Number.NaN };
      const found = hypervolume(losses, n, 2, referencePoint);
      expect(found).toBeLessThanOrEqual(exact + 1e-9);
      expect(found).toBeGreaterThan(exact - 1e-3);
    },
  );
});

describe("noisy", () => {
  const inner = bbob(1, 3, 2);
  const problem = noisy(inner, { sd: 0.5, seed: 9 });
  const config = randomConfig(inner, 1);

  it("is deterministic from its seed, the config and the draw", () => {
    expect(problem.evaluate(config, 4)).toEqual(noisy(inner, { sd: 0.5, seed: 9 }).evaluate(config, 4));
    const others = [
      problem.evaluate(config, 5),
      noisy(inner, { sd: 0.5, seed: 8 }).evaluate(config, 4),
      problem.evaluate(config),
    ];
    for (const other of others) expect(other).not.toEqual(problem.evaluate(config, 4));
  });

  it("adds noise of mean 0 and the declared deviation, and keeps the problem without it", () => {
    const truth = problem.noiseless?.evaluate(config).value ?? Number.NaN;
    const n = 4000;
    const errors = Array.from({ length: n }, (_, draw) => problem.evaluate(config, draw).value - truth);
    const mean = errors.reduce((sum, e) => sum + e, 0) / n;
    const sd = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / n);
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan((5 * 0.5) / Math.sqrt(n));
    expect(Math.abs(sd - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(2 * n));
    expect(problem.noiseless).toBe(inner);
  });
});

describe("discretised", () => {
  const anyCounts = fc.array(fc.constantFrom(2, 3, 4, 8, 16, Number.POSITIVE_INFINITY), { minLength: 1, maxLength: 5 });

  it("keeps the optimum and its value, whatever is discretised", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        anyCounts,
        fc.nat({ max: 8 }),
        fc.nat(),
        (f, valueCounts, categoricalUpTo, seed) => {
          const problem = discretised(bbob(f, 5, 3), { valueCounts, categoricalUpTo, seed });
          const { optimum } = problem;
          if (optimum === null) throw new Error("no optimum");
          expect(createSpace(problem.parameters).checkPartial(optimum.config)).toEqual([]);
          expect(Math.abs(problem.evaluate(optimum.config).value - optimum.value)).toBeLessThan(1e-6);
        },
      ),
    );
  });

  it("makes small grids categorical, larger ones integers, and leaves the rest", () => {
    const { parameters } = discretised(bbob(2, 4, 1), {
      valueCounts: [2, 4, 16, Number.POSITIVE_INFINITY],
      categoricalUpTo: 4,
      seed: 1,
    });
    expect(Object.values(parameters).map(({ type }) => type)).toEqual(["categorical", "categorical", "int", "float"]);
    expect(parameters.x3).toMatchObject({ min: 0, max: 15 });
  });

  it("refuses a value that is not on the grid's list", () => {
    const problem = discretised(bbob(1, 2, 1), { valueCounts: [2], categoricalUpTo: 2, seed: 1 });
    expect(() => problem.evaluate({ x1: "c9", x2: "c0" })).toThrow("x1 is c9, must be one of c0, c1");
  });
});
