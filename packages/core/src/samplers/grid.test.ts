import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boolean, categorical, float, int } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import { samplerContract, withoutRepetitionContract } from "../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../testing/test-study.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { grid, gridPointsWithin, gridSize } from "./grid.ts";

describe("grid keeps the sampler contract", () => {
  for (const { name, run } of [...samplerContract, ...withoutRepetitionContract]) it(name, () => run(() => grid({ points: 3 })));
});

describe("grid", () => {
  const parameters = { c: categorical(["a", "b"]), n: int(1, 3), x: float(0, 1) };

  it("visits every point once, in an order of the seed, and then ends", () => {
    const visit = (seed: number): string[] => {
      const study = new TestStudy(testProblem({ parameters, seed }));
      const sampler = grid({ points: 4 });
      const keys: string[] = [];
      for (let config = study.step(sampler, () => 0); config !== null; config = study.step(sampler, () => 0))
        keys.push(study.problem.space.key(config));
      return keys;
    };
    const [first, second] = [visit(1), visit(2)];
    expect(new Set(first).size).toBe(24);
    expect(first).toHaveLength(24);
    expect(second).not.toEqual(first);
    expect([...second].sort()).toEqual([...first].sort());
  });

  it("counts up without shuffling", () => {
    const study = new TestStudy(testProblem({ parameters: { a: boolean(), b: int(1, 2) } }));
    const sampler = grid({ shuffle: false });
    const configs = Array.from({ length: 4 }, () => ({ ...study.step(sampler, () => 0) }));
    expect(configs).toEqual([
      { a: false, b: 1 },
      { a: false, b: 2 },
      { a: true, b: 1 },
      { a: true, b: 2 },
    ]);
  });

  it("never repeats a point, whoever runs, fails, is cancelled or was enqueued, and however often it starts anew", () => {
    const states = fc.constantFrom("complete", "failed", "cancelled", "running", "enqueue" as const);
    fc.assert(
      fc.property(fc.array(states, { minLength: 30, maxLength: 30 }), (ends) => {
        const study = new TestStudy(testProblem({ parameters: { a: int(1, 4), b: int(1, 5) } }));
        const keys: string[] = [];
        for (const [i, end] of ends.entries()) {
          if (end === "enqueue") {
            const config = { a: 1 + (i % 4), b: 1 + (i % 5) };
            if (study.history.hasConfig(study.problem.space.key(config))) continue;
            keys.push(study.problem.space.key(config));
            study.add({ config }, 0, "queued");
            continue;
          }
          const suggestion = study.suggest(grid());
          if (suggestion === null) break;
          keys.push(study.problem.space.key(suggestion.config));
          const trial = study.add(suggestion);
          if (end !== "running") study.finish(trial, { state: end, losses: end === "complete" ? [i] : null });
        }
        expect(new Set(keys).size).toBe(keys.length);
        if (study.suggest(grid()) === null) expect(keys).toHaveLength(20);
      }),
      { numRuns: 50 },
    );
  });

  it("notes the position and reads only the newest", () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 9) } }));
    study.step(grid({ shuffle: false }), () => 0);
    study.step(grid({ shuffle: false }), () => 0);
    expect(study.suggest(grid({ shuffle: false }))).toMatchObject({ config: { a: 3 }, note: { index: 2, size: 9 } });
  });

  it("leaves the position to the next trial when a person fixed values", () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 3), b: int(1, 3) } }));
    const sampler = grid({ shuffle: false });
    const filled = study.suggest(sampler, { b: 2 });
    expect(filled?.config).toMatchObject({ a: 1, b: 2 });
    expect(filled?.note).toBeUndefined();
  });

  it("passes over points that violate a parameter constraint", () => {
    const study = new TestStudy(
      testProblem({ parameters: { a: int(1, 4), b: int(1, 4) }, parameterConstraints: ["a + b <= 3"] }),
    );
    const configs = [];
    for (let config = study.step(grid(), () => 0); config !== null; config = study.step(grid(), () => 0))
      configs.push(`${config.a}${config.b}`);
    expect(configs.sort()).toEqual(["11", "12", "21"]);
  });

  it("has one point where nothing is searched", () => {
    const study = new TestStudy(testProblem({ parameters: { a: categorical(["p"]) } }));
    expect({ ...study.step(grid(), () => 0) }).toEqual({ a: "p" });
    expect(study.suggest(grid())).toBeNull();
  });

  it("refuses a continuous parameter without points and names it", () => {
    const problem = testProblem({ parameters });
    expect(grid().refuse(problem)).toBe("grid: x is continuous: give it a step, or say how many points to take of it");
    expect(grid({ points: { x: 2 } }).refuse(problem)).toBeNull();
  });
});

describe("gridSize", () => {
  it("is the number of points", () => {
    const space = createSpace({ c: categorical(["a", "b"]), m: int(1, 2, { when: { c: "a" } }), x: float(0, 1) });
    expect(gridSize(space, { points: 5 })).toBe(15);
  });

  it("refuses what has no grid", () => {
    expect(() => gridSize(createSpace({ x: float(0, 1) }))).toThrow(TunesmithError);
  });
});

describe("gridPointsWithin", () => {
  it("is the most values per continuous parameter that the limit allows", () => {
    const space = createSpace({ c: categorical(["a", "b"]), x: float(0, 1), y: float(1e-4, 1, { log: true }) });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 5_000 }), (limit) => {
        const points = gridPointsWithin(space, limit) as number;
        expect(gridSize(space, { points })).toBeLessThanOrEqual(limit);
        expect(gridSize(space, { points: points + 1 })).toBeGreaterThan(limit);
      }),
    );
  });

  it("is 2 where even two values are too many, and nothing where no parameter is continuous", () => {
    expect(gridPointsWithin(createSpace({ x: float(0, 1), y: float(0, 1) }), 3)).toBe(2);
    expect(gridPointsWithin(createSpace({ n: int(1, 30), c: categorical(["a", "b"]) }), 10)).toBeNull();
  });
});
