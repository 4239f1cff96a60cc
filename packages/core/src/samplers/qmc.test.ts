import { describe, expect, it } from "vitest";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import { samplerContract } from "../testing/sampler-contract.ts";
import { type TestProblem, TestStudy, testProblem } from "../testing/test-study.ts";
import { qmc } from "./qmc.ts";
import type { SequenceName } from "./quasi-random-draw.ts";

describe("qmc keeps the sampler contract", () => {
  for (const { name, run } of samplerContract) it(name, () => run(() => qmc()));
});

describe("qmc of Halton's sequence keeps the sampler contract", () => {
  for (const { name, run } of samplerContract) it(name, () => run(() => qmc({ sequence: "halton" })));
});

function draws(problem: TestProblem, count: number, scramble = true, sequence: SequenceName = "sobol"): Config[] {
  const study = new TestStudy(testProblem(problem));
  const sampler = qmc({ scramble, sequence });
  return Array.from({ length: count }, () => study.step(sampler, () => 0) ?? {});
}

const five = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, float(0, 1)]));

describe("qmc", () => {
  it("starts with the first Sobol points when it is not scrambled", () => {
    // Recipe: Joe–Kuo direction numbers in Gray order.
    expect(draws({ parameters: five }, 4, false).map((config) => Object.values(config))).toEqual([
      [0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25],
    ]);
  });

  it("starts with the first Halton points when those are asked for", () => {
    // Recipe: digits of 0, 1, 2, 3 mirrored at the point, in bases 2, 3, 5, 7, 11.
    const mirrored = [2, 3, 5, 7, 11].map((base) =>
      [0, 1, 2, 3].map((k) => (k < base ? k / base : 1 / base ** 2 + (k % base) / base)),
    );
    mirrored[0] = [0, 1 / 2, 1 / 4, 3 / 4];
    draws({ parameters: five }, 4, false, "halton").forEach((config, k) => {
      Object.values(config).forEach((value, j) => {
        expect(value).toBeCloseTo(mirrored[j][k], 14);
      });
    });
  });

  it("covers a parameter beyond Sobol's table evenly with Halton's sequence", () => {
    const names = Array.from({ length: 1_200 }, (_, j) => `p${j}`);
    const parameters = Object.fromEntries(names.map((name) => [name, float(0, 1)]));
    // Base 9733, the 1,200th prime: 300 points have 300 different first digits, which chance gives once in a hundred times.
    const values = draws({ parameters }, 300, true, "halton").map((config) => config.p1199 as number);
    expect(new Set(values.map((value) => Math.floor(value * 9_733))).size).toBe(300);
  });

  it("refuses options that it does not have", () => {
    expect(() => qmc({ sequence: "sobolev" as SequenceName })).toThrow('sequence: is "sobolev"; allowed: sobol, halton');
    expect(() => qmc({ scramble: "yes" as unknown as boolean })).toThrow('scramble: is "yes"; allowed: true or false');
  });

  it("puts exactly one of 2^k scrambled points into each of 2^k equal intervals", () => {
    const configs = draws({ parameters: five }, 64);
    for (const name of Object.keys(five)) {
      const cells = configs.map((config) => Math.floor((config[name] as number) * 64));
      expect([...cells].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    }
  });

  it("gives choices and integers equal shares from the same sequence", () => {
    const configs = draws({ parameters: { c: categorical(["a", "b", "c", "d"]), n: int(1, 8) } }, 64);
    for (const choice of ["a", "b", "c", "d"]) expect(configs.filter(({ c }) => c === choice)).toHaveLength(16);
    for (let n = 1; n <= 8; n++) expect(configs.filter((config) => config.n === n)).toHaveLength(8);
  });

  it("sends the sequence through the priors", () => {
    const x = float(0, 100, { prior: { distribution: "normal", mean: 50, sd: 5 } });
    const below = draws({ parameters: { x } }, 128).filter((config) => (config.x as number) < 50 - 5 * 0.6744897501960817);
    // One stratum may straddle the quartile.
    expect(Math.abs(below.length - 32)).toBeLessThanOrEqual(1);
  });

  it("depends on seed and trial number only", () => {
    const [first] = draws({ parameters: five, seed: 1 }, 1);
    expect(draws({ parameters: five, seed: 2 }, 1)[0]).not.toEqual(first);
    expect(draws({ parameters: five, seed: 1 }, 1)[0]).toEqual(first);
  });

  it("stays within parameter constraints and says how many points it took", () => {
    const study = new TestStudy(
      testProblem({ parameters: { x: float(0, 1), y: float(0, 1) }, parameterConstraints: ["x + y <= 0.2"] }),
    );
    for (let i = 0; i < 20; i++) {
      const suggestion = study.suggest(qmc());
      expect(study.problem.space.check(suggestion?.config ?? {})).toEqual([]);
      expect(suggestion?.why).toMatchObject({ code: "qmc", outcome: "drawn", index: i });
      study.add(suggestion ?? { config: {} });
    }
  });
});
