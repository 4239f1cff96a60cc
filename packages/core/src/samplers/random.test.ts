import { describe, expect, it } from "vitest";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import { samplerContract, withoutRepetitionContract } from "../testing/sampler-contract.ts";
import { type TestProblem, TestStudy, testProblem } from "../testing/test-study.ts";
import { random } from "./random.ts";

describe("random keeps the sampler contract", () => {
  for (const { name, run } of samplerContract) it(name, () => run(() => random()));
});

describe("random without replacement keeps the sampler contract", () => {
  for (const { name, run } of [...samplerContract, ...withoutRepetitionContract]) {
    it(name, () => run(() => random({ withoutReplacement: true })));
  }
});

function draws(problem: TestProblem, count: number): Config[] {
  const study = new TestStudy(testProblem(problem));
  const sampler = random();
  return Array.from({ length: count }, () => {
    const suggestion = study.suggest(sampler);
    if (suggestion === null) throw new Error("nothing suggested");
    study.add(suggestion);
    return suggestion.config;
  });
}

describe("random", () => {
  it("gives every choice, every integer and both ends their share", () => {
    const configs = draws({ parameters: { c: categorical(["a", "b", "c", "d"]), n: int(1, 5) } }, 4_000);
    const chiSquare = (name: string, values: readonly unknown[]): number => {
      const expected = configs.length / values.length;
      return values.reduce<number>(
        (sum, value) => sum + (configs.filter((config) => config[name] === value).length - expected) ** 2 / expected,
        0,
      );
    };
    // 0.1 % points for 3 and 4 degrees of freedom; the seed is fixed.
    expect(chiSquare("c", ["a", "b", "c", "d"])).toBeLessThan(16.27);
    expect(chiSquare("n", [1, 2, 3, 4, 5])).toBeLessThan(18.47);
  });

  it("draws a log parameter evenly over its logarithm", () => {
    const configs = draws({ parameters: { lr: float(1e-4, 1, { log: true }) } }, 4_000);
    const share = configs.filter(({ lr }) => (lr as number) < 1e-3).length / 4_000;
    expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 4_000));
  });

  it("follows declared priors", () => {
    const parameters = {
      c: categorical(["a", "b"], { weights: [9, 1] }),
      x: float(0, 100, { prior: { distribution: "normal", mean: 50, sd: 2 } }),
    };
    const configs = draws({ parameters }, 2_000);
    const inside = configs.filter(({ x }) => Math.abs((x as number) - 50) < 2).length / 2_000;
    expect(Math.abs(inside - 0.6827)).toBeLessThan(4 * Math.sqrt((0.68 * 0.32) / 2_000));
    const first = configs.filter(({ c }) => c === "a").length / 2_000;
    expect(Math.abs(first - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / 2_000));
  });

  it("bends the defaults when constraints are too narrow to be hit, and says so", () => {
    const study = new TestStudy(
      testProblem({
        parameters: { free: float(0, 1), x: float(0, 1), y: float(0, 1) },
        parameterConstraints: ["abs(x - y) <= 1e-7"],
      }),
    );
    const suggestion = study.suggest(random());
    expect(suggestion?.why).toMatchObject({ code: "random", outcome: "bent", drawCount: 2_000 });
    expect(study.problem.space.check(suggestion?.config ?? {})).toEqual([]);
    expect(suggestion?.config.free).not.toBe(0.5);
  });

  it("says that a draw violates constraints nothing is known to satisfy", () => {
    const study = new TestStudy(
      testProblem({ parameters: { x: float(0, 1), y: float(0, 1) }, parameterConstraints: ["x + y >= 3"] }),
    );
    const suggestion = study.suggest(random());
    expect(suggestion?.why.outcome).toBe("violating");
    // Of 2,000 uniform points the nearest to the constraint has x + y near 2.
    expect((suggestion?.config.x as number) + (suggestion?.config.y as number)).toBeGreaterThan(1.85);
  });

  it("does not depend on other trials, so workers may ask in any order", () => {
    const problem = testProblem({ parameters: { x: float(0, 1) } });
    const [empty, full] = [new TestStudy(problem), new TestStudy(problem)];
    empty.add({ config: { x: 0.1 } });
    full.addFinished({ x: 0.9 }, { losses: [1] });
    expect(empty.suggest(random())).toEqual(full.suggest(random()));
  });

  it("refuses to draw without replacement from a continuous space", () => {
    const problem = testProblem({ parameters: { lr: float(0, 1) } });
    expect(random({ withoutReplacement: true }).refuse(problem)).toBe(
      "random without replacement needs a finite space: lr is continuous: give it a step, or say how many points to take of it",
    );
    expect(random().refuse(problem)).toBeNull();
  });

  it("ends when nothing is left", () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 3) } }));
    const sampler = random({ withoutReplacement: true });
    const values = [1, 2, 3].map(() => study.step(sampler, () => 0)?.a);
    expect([...values].sort()).toEqual([1, 2, 3]);
    expect(study.suggest(sampler)).toBeNull();
  });
});
