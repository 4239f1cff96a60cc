import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { bestLosses } from "../../testing/best-losses.ts";
import { braninMinimum, braninProblem } from "../../testing/branin-problem.ts";
import { conditionalBowl } from "../../testing/conditional-bowl.ts";
import { dominatedVolumes } from "../../testing/dominated-volumes.ts";
import { mixedBowl } from "../../testing/mixed-bowl.ts";
import { quantile } from "../../testing/quantile.ts";
import { samplerContract, withoutRepetitionContract } from "../../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { TunesmithError } from "../../tunesmith-error.ts";
import { random } from "../random.ts";
import { tpe, tpeDefaults } from "./tpe-sampler.ts";

describe("tpe keeps the sampler contract", () => {
  for (const { name, run } of [...samplerContract, ...withoutRepetitionContract]) it(name, () => run(() => tpe()));
});

const { loss: branin } = braninProblem;

describe("tpe finds better trials than random", () => {
  // Seeds 0 … 19, 60 trials. Measured quantiles 20 / 50 / 80 % of the regret, ours against random's: Branin 0.0033 / 0.011 / 0.041
  // against 0.25 / 0.76 / 1.2; mixed 9e-5 / 3e-4 / 1e-3 against 0.012 / 0.025 / 0.054; conditional 9e-7 / 7e-6 / 6e-5 against
  // 0.008 / 0.022 / 0.042; area 0.70 / 0.73 / 0.75 against 0.05 / 0.15 / 0.29. So our worse seeds beat random's better ones by
  // 6, 12 and 140 times; a factor of 5 is demanded.
  it("on Branin: even its 80 % quantile of the regret is a fifth of random's 20 % quantile", () => {
    const [ours, theirs] = [tpe, random].map((make) => bestLosses(make, braninProblem, 60).map((best) => best - braninMinimum));
    expect(quantile(ours, 0.8)).toBeLessThan(quantile(theirs, 0.2) / 5);
  });

  it.each([
    ["on a shifted bowl of mixed types", mixedBowl],
    ["where the good region hides behind a condition", conditionalBowl],
  ])("%s, likewise", (_, problem) => {
    const [ours, theirs] = [tpe, random].map((make) => bestLosses(make, problem, 60));
    expect(quantile(ours, 0.8)).toBeLessThan(quantile(theirs, 0.2) / 5);
  });

  it("with two objectives, by dominated area", () => {
    const problem = {
      parameters: { x: float(0, 1), y: float(0, 1), z: float(0, 1) },
      losses: ({ x, y, z }: Config): number[] => {
        const g = 1 + 4 * ((y as number) + (z as number));
        return [x as number, g * (1 - Math.sqrt((x as number) / g))];
      },
      reference: [1.1, 1.1],
    };
    const [ours, theirs] = [tpe, random].map((make) => dominatedVolumes(make, problem, 60));
    expect(quantile(ours, 0.2)).toBeGreaterThan(quantile(theirs, 0.8));
  });
});

describe("tpe", () => {
  it("starts with the declared defaults if every parameter has one", () => {
    const study = new TestStudy(
      testProblem({ parameters: { a: float(0, 1, { default: 0.25 }), b: boolean({ default: true }) } }),
    );
    expect(study.suggest(tpe())).toEqual({ config: { a: 0.25, b: true }, why: { code: "defaults" } });
    study.add({ config: { a: 0.25, b: true } });
    expect(study.suggest(tpe())?.why.code).toBe("tpe-startup");
  });

  it("starts with a Sobol point if one parameter has no default", () => {
    const study = new TestStudy(testProblem({ parameters: { a: float(0, 1, { default: 0.25 }), b: float(0, 1) } }));
    expect(study.suggest(tpe())?.why).toMatchObject({ code: "tpe-startup", index: 0, startupCount: 10 });
  });

  it("hands over to the model after ten results, however many failed before", () => {
    const study = new TestStudy(testProblem(braninProblem));
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 20; i++) {
      const suggestion = study.suggest(tpe());
      codes.push(suggestion?.why.code);
      study.addFinished(suggestion?.config ?? {}, i < 5 ? { state: "failed", losses: null } : { losses: [i] });
    }
    expect(codes).toEqual([...Array(15).fill("tpe-startup"), ...Array(5).fill("tpe")]);
  });

  it("is not moved by any change of the losses that keeps their order", () => {
    const suggestions = [(loss: number) => loss, Math.exp, (loss: number) => loss ** 3 - 100].map((change) => {
      const study = filled(40, change);
      return study.suggest(tpe());
    });
    expect(suggestions[1]).toEqual(suggestions[0]);
    expect(suggestions[2]).toEqual(suggestions[0]);
  });

  it("does not care in which order trials finished", () => {
    const configs = Array.from({ length: 40 }, (_, i) => ({ x1: -5 + (15 * i) / 39, x2: (7 * i) % 15 }));
    const suggestions = [1, -1].map((direction) => {
      const study = new TestStudy(testProblem(braninProblem));
      const trials = configs.map((config) => study.add({ config }));
      for (const trial of direction === 1 ? trials : trials.reverse()) study.finish(trial, { losses: [branin(configs[trial])] });
      return study.suggest(tpe());
    });
    expect(suggestions[1]).toEqual(suggestions[0]);
  });

  it("spreads many suggestions asked for at the same time", () => {
    const study = filled(40, (loss) => loss);
    const sampler = tpe();
    const keys = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const suggestion = study.suggest(sampler);
      keys.add(study.problem.space.key(suggestion?.config ?? {}));
      study.add(suggestion ?? { config: {} });
    }
    expect(keys.size).toBe(30);
  });

  it("keeps away from where trials fail", () => {
    const share = (failing: boolean): number => {
      const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) } }));
      const rng = createRng(4, "fails");
      for (let i = 0; i < 60; i++) {
        const x = rng.uniform();
        if (failing && x > 0.5) study.addFinished({ x }, { state: "failed", losses: null });
        else if (x <= 0.5) study.addFinished({ x }, { losses: [rng.uniform()] });
      }
      let high = 0;
      const sampler = tpe();
      for (let i = 0; i < 100; i++) {
        const suggestion = study.suggest(sampler);
        if ((suggestion?.config.x as number) > 0.5) high++;
        study.add(suggestion ?? { config: {} });
        study.finish(study.trialCount - 1, { state: "cancelled", losses: null });
      }
      return high / 100;
    };
    expect(share(true)).toBeLessThan(share(false) - 0.2);
  });

  // The best feasible x is the border itself, so that half of what is close to it is infeasible. Seeds 1 … 20 measured: 18.2 of 30 on
  // average with a standard deviation of 2.1, random 15; the worst of the better 80 % of the seeds ends 0.0023 from the border, random
  // 0.017 on average.
  it("suggests what is feasible when outcome constraints forbid the better half, and closes in on the border", () => {
    const ends = Array.from({ length: 20 }, (_, i) => {
      const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) }, constrained: true, seed: i + 1 }));
      const sampler = tpe();
      let feasible = 0;
      let distance = 1;
      for (let trial = 0; trial < 60; trial++) {
        const x = study.suggest(sampler)?.config.x as number;
        if (trial >= 30 && x >= 0.5) feasible++;
        if (x >= 0.5) distance = Math.min(distance, x - 0.5);
        study.addFinished({ x }, { losses: [x], violation: Math.max(0, 0.5 - x) });
      }
      return { feasible, distance };
    });
    expect(ends.reduce((sum, { feasible }) => sum + feasible, 0) / 20).toBeGreaterThan(17);
    expect(
      quantile(
        ends.map(({ distance }) => distance),
        0.8,
      ),
    ).toBeLessThan(0.003);
  });

  it("conditions on fixed values", () => {
    const study = new TestStudy(testProblem({ parameters: { kind: categorical(["a", "b"]), x: float(0, 1) } }));
    const rng = createRng(8, "fixed");
    for (let i = 0; i < 100; i++) {
      const x = rng.uniform();
      const kind = i % 2 === 0 ? "a" : "b";
      study.addFinished({ kind, x }, { losses: [(x - (kind === "a" ? 0.1 : 0.9)) ** 2] });
    }
    const near = (kind: string, best: number): number => {
      let count = 0;
      for (let i = 0; i < 20; i++) {
        const suggestion = study.suggest(tpe(), { kind });
        expect(suggestion?.config.kind).toBe(kind);
        if (Math.abs((suggestion?.config.x as number) - best) < 0.25) count++;
        study.add(suggestion ?? { config: {} });
      }
      return count;
    };
    expect(near("a", 0.1)).toBeGreaterThanOrEqual(15);
    expect(near("b", 0.9)).toBeGreaterThanOrEqual(15);
  });

  it("repeats a config only when the space has no other, and says so", () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 12) } }));
    const sampler = tpe();
    for (let i = 0; i < 12; i++) study.step(sampler, ({ a }) => a as number);
    expect(study.suggest(sampler)?.why).toMatchObject({ code: "tpe", repeats: true });
  });

  it("draws its sharpness anew for every suggestion, evenly between the two ends", () => {
    const study = filled(40, (loss) => loss);
    const sampler = tpe({ sharpness: [0.5, 2.5] });
    const drawn = Array.from({ length: 200 }, () => {
      const suggestion = study.suggest(sampler);
      study.addFinished(suggestion?.config ?? {}, { state: "cancelled", losses: null });
      return suggestion?.why.sharpness as number;
    }).sort((a, b) => a - b);
    // The 0.1 % point of the Kolmogorov distribution.
    const distance = Math.max(...drawn.map((e, i) => Math.abs((e - 0.5) / 2 - (i + 0.5) / 200)));
    expect(distance).toBeLessThan(1.95 / Math.sqrt(200));
    expect(tpe({ sharpness: [2, 2] }).options).toMatchObject({ sharpness: [2, 2] });
  });

  it("answers to the same bit warm and fresh, whatever happened in between", () => {
    const parameters = {
      decay: float(1e-6, 1e-2, { log: true }),
      kind: categorical(["a", "b"]),
      layers: int(1, 8),
      lr: float(1e-5, 1e-1, { log: true }),
      momentum: float(0, 0.99, { when: { kind: "a" } }),
      width: int(16, 512, { log: true, when: { kind: "b" } }),
    };
    const steps = fc.array(fc.record({ count: fc.integer({ min: 1, max: 150 }), open: fc.boolean(), fails: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, fc.nat(1_000), (list, seed) => {
        const study = new TestStudy(testProblem({ parameters, seed }));
        const { space } = study.problem;
        const rng = createRng(seed, "warm");
        const warm = tpe();
        for (const { count, open, fails } of list) {
          for (let i = 0; i < count; i++) {
            const config = space.decode(Float64Array.from(space.dimensions, () => rng.uniform()));
            study.addFinished(config, { losses: [Math.abs(Math.log10(config.lr as number) + 3) + (config.layers as number)] });
          }
          const suggestion = study.suggest(warm);
          expect(JSON.stringify(study.suggest(tpe()))).toBe(JSON.stringify(suggestion));
          expect(JSON.stringify(study.fork().suggest(tpe()))).toBe(JSON.stringify(suggestion));
          const trial = study.add(suggestion ?? { config: {} });
          if (!open) study.finish(trial, fails ? { state: "failed", losses: null } : { losses: [rng.uniform()] });
        }
      }),
      { numRuns: 25 },
    );
  });

  it("answers for a history beyond its subsample like a fresh instance", () => {
    const study = new TestStudy(testProblem(braninProblem));
    const rng = createRng(2, "many");
    for (let i = 0; i < 5_400; i++)
      study.addFinished({ x1: -5 + 15 * rng.uniform(), x2: 15 * rng.uniform() }, { losses: [rng.uniform()] });
    const warm = tpe();
    for (let i = 0; i < 3; i++) {
      const suggestion = study.suggest(warm);
      expect(study.suggest(tpe())).toEqual(suggestion);
      expect(suggestion?.why).toMatchObject({ code: "tpe", goodCount: 25, otherCount: 5_375 + i });
      study.addFinished(suggestion?.config ?? {}, { losses: [0.5] });
    }
  });

  it("has frozen defaults, at most six options, and names every wrong one", () => {
    expect(Object.isFrozen(tpeDefaults) && Object.isFrozen(tpeDefaults.sharpness)).toBe(true);
    expect(Object.keys(tpeDefaults).length).toBeLessThanOrEqual(6);
    const wrong = {
      startupCount: 0,
      candidateCount: 1.5,
      goodFraction: 1,
      goodLimit: -1,
      sharpness: [2, 1] as const,
      crossover: 2,
    };
    expect(() => tpe(wrong)).toThrow(TunesmithError);
    try {
      tpe(wrong);
    } catch (error) {
      expect((error as TunesmithError).faults.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
    }
  });
});

function filled(count: number, change: (loss: number) => number): TestStudy {
  const study = new TestStudy(testProblem(braninProblem));
  const rng = createRng(1, "filled");
  for (let i = 0; i < count; i++) {
    const config = { x1: -5 + 15 * rng.uniform(), x2: 15 * rng.uniform() };
    study.addFinished(config, { losses: [change(branin(config) / 100)] });
  }
  return study;
}
