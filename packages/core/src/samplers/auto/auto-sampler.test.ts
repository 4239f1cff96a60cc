import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { samplerContract } from "../../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { gp } from "../gp/gp-sampler.ts";
import { kernelLayout } from "../gp/kernel-layout.ts";
import { qmc } from "../qmc.ts";
import { random } from "../random.ts";
import type { Sampler, Suggestion } from "../sampler.ts";
import { tpe } from "../tpe/tpe-sampler.ts";
import { auto, type Engines } from "./auto-sampler.ts";
import { autoNote } from "./own-notes.ts";

const engines: Engines = { random, qmc, tpe };

for (const { name, run } of samplerContract) test(`auto ${name}`, () => run(() => auto(engines)));

/** Counts its own trials by their notes. */
function counting(type: string): Sampler {
  return {
    ...random(),
    type,
    suggest(problem, history, context) {
      const own = [...history.rows].filter((row) => history.note(row)?.by === type).length;
      const all = history.rows.length;
      return { ...random().suggest(problem, history, context), why: { code: type, own, all }, note: { by: type } } as never;
    },
  };
}

const parameters = { x: float(0, 1), y: float(0, 1), c: categorical(["p", "q"]) };

const objective = ({ x, y }: Config): number => Number(x) ** 2 + Number(y);

/** Draws at random and claims to know the losses to their last digits. */
function smoothGp(): Sampler {
  return {
    ...random(),
    type: "gp",
    suggest(problem, history, context) {
      const { noiseAt, thetaLength } = kernelLayout(problem.space);
      const theta = Array.from({ length: thetaLength }, (_, at) => (at === noiseAt ? -20 : 0));
      const note = { gp: { revision: 1, models: { loss: { at: 1, theta } } } };
      return { ...(random().suggest(problem, history, context) as Suggestion), note };
    },
  };
}

function run(sampler: Sampler, count: number): TestStudy {
  const study = new TestStudy(testProblem({ parameters }));
  for (let i = 0; i < count; i++) study.step(sampler, objective);
  return study;
}

describe("auto", () => {
  test("says who suggested a trial and why that one was asked", () => {
    const study = new TestStudy(testProblem({ parameters }));
    expect(study.suggest(auto(engines))).toMatchObject({
      why: { code: "qmc", sampler: "qmc", choice: "design" },
      note: { engine: "qmc", note: null, failed: [] },
    });
  });

  test("shows every engine all trials, and the notes of its own", () => {
    const sampler = auto({ random, qmc, gp: () => counting("gp"), tpe: () => counting("tpe") });
    const study = run(sampler, 60);
    const notes = [...study.history.rows].map((row) => autoNote(study.history.note(row))?.engine);
    const gpCount = notes.filter((engine) => engine === "gp").length;
    const tpeCount = notes.filter((engine) => engine === "tpe").length;
    expect([gpCount > 40, tpeCount >= 4, gpCount + tpeCount]).toEqual([true, true, 60]);
    const next = study.suggest(sampler);
    expect(next?.why).toMatchObject({ code: "gp", own: gpCount, all: 60, choice: "model" });
  });

  test("tells the Gaussian process how many trials come before its model: fewer for a small budget", () => {
    const told: number[] = [];
    const tellTale = ({ startupCount }: { readonly startupCount: number }): Sampler => {
      told.push(startupCount);
      return random();
    };
    const problem = testProblem({ parameters });
    const sampler = auto({ random, gp: tellTale });
    for (const trialBudget of [null, 20, null]) new TestStudy({ ...problem, trialBudget }).suggest(sampler);
    expect(told).toEqual([5, 3]);
  });

  test.each([
    ["until the twentieth result", 1, 20],
    ["with two objectives to the end", 2, 30],
  ])("%s it suggests what the Gaussian process would alone, from the first point on", (_, objectiveCount, count) => {
    const [alone, chosen] = [gp(), auto({ ...engines, gp })].map((sampler) => {
      const study = new TestStudy(testProblem({ parameters, objectiveCount }));
      return Array.from({ length: count }, () =>
        study.step(sampler, ({ x, y }) => [Number(x) ** 2 + Number(y), Number(y) - Number(x)].slice(0, objectiveCount)),
      );
    });
    expect(chosen).toEqual(alone);
  });

  test.each<[string, number | null, number | undefined, string[]]>([
    ["no model where trainings of a millisecond end by themselves", null, 1, ["design", "short-trainings"]],
    ["the model where they take a second", null, 1_000, ["design", "model"]],
    ["the model where nobody knows", null, undefined, ["design", "model"]],
    ["the model where their number is given", 30, 1, ["design", "model"]],
  ])("asks for %s", (_, trialBudget, durationMs, expected) => {
    const study = new TestStudy({ ...testProblem({ parameters }), trialBudget });
    const sampler = auto({ ...engines, gp });
    const why: string[] = [];
    for (let trial = 0; trial < 12; trial++) {
      const suggestion = study.suggest(sampler);
      if (suggestion === null) throw new Error("nothing suggested");
      why.push(String(suggestion.why.choice));
      study.finish(study.add(suggestion), {
        losses: [objective(suggestion.config)],
        ...(durationMs === undefined ? {} : { durationMs }),
      });
      expect(study.fork().suggest(auto({ ...engines, gp }))).toEqual(study.suggest(sampler));
    }
    expect([...new Set(why)]).toEqual(expected);
  });

  test("on smooth losses every fourth trial is a step downhill, and says so", () => {
    const study = run(auto({ ...engines, gp: smoothGp }), 23);
    expect(study.suggest(auto({ ...engines, gp: smoothGp }))).toMatchObject({
      why: { code: "refine", sampler: "refine", choice: "smooth", best: expect.any(Number), radius: expect.any(Number) },
      note: { engine: "refine", failed: [], note: { centre: expect.any(Number), predicted: expect.any(Number) } },
    });
  });

  test("says why the sampler that answered was asked, not the one that had nothing to say", () => {
    const study = new TestStudy(testProblem({ parameters: { c: categorical([1, 2, 3, 4, 5, 6, 7, 8, 9]), k: int(1, 9) } }));
    const sampler = auto({ ...engines, gp: smoothGp });
    for (let i = 0; i < 23; i++) study.step(sampler, ({ k }) => Number(k));
    expect(study.suggest(sampler)?.why).toMatchObject({ sampler: "gp", choice: "model" });
  });

  test("a fresh instance continues like one that saw the study grow, with pending, failed and enqueued trials between", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("end", "wait", "fail", "enqueue"), { minLength: 30, maxLength: 45 }), (steps) => {
        const study = run(auto({ ...engines, gp: smoothGp }), 12);
        const warm = auto({ ...engines, gp: smoothGp });
        for (const step of steps) {
          const suggestion = study.suggest(warm);
          expect(study.fork().suggest(auto({ ...engines, gp: smoothGp }))).toEqual(suggestion);
          if (suggestion === null) throw new Error("nothing suggested");
          if (step === "enqueue") study.addFinished({ x: study.trialCount / 99, y: 0.5, c: "p" }, { losses: [0.3] });
          const trial = study.add(suggestion);
          if (step === "end") study.finish(trial, { losses: [objective(suggestion.config)] });
          if (step === "fail") study.finish(trial, { state: "failed", losses: null });
        }
      }),
      { numRuns: 8 },
    );
  });

  test("the real Gaussian process finds a bowl smooth, and steps downhill end at its bottom", () => {
    const floats = { x: float(-1, 2), y: float(0, 5) };
    const bowl = ({ x, y }: Config): number => (Number(x) - 0.3) ** 2 + 2 * (Number(y) - 1) ** 2;
    const study = new TestStudy(testProblem({ parameters: floats }));
    const real: Engines = { ...engines, gp };
    const warm = auto(real);
    const by: string[] = [];
    for (let trial = 0; trial < 40; trial++) {
      const suggestion = study.suggest(warm);
      if (suggestion === null) throw new Error("nothing suggested");
      if (trial % 4 === 3) expect(study.fork().suggest(auto(real))).toEqual(suggestion);
      by.push(String(suggestion.why.choice));
      study.finish(study.add(suggestion), { losses: [bowl(suggestion.config)] });
    }
    expect(by.filter((choice) => choice === "smooth")).toHaveLength(5);
    expect(study.history.losses.slice(0, 40).sort()[0]).toBeLessThan(1e-12);
  });

  test("passes over an engine that throws, and records it", () => {
    const broken: Sampler = {
      ...random(),
      suggest() {
        throw new Error("no factor");
      },
    };
    const study = run(auto({ ...engines, gp: () => broken }), 12);
    expect(study.suggest(auto({ ...engines, gp: () => broken }))).toMatchObject({
      why: { code: "tpe", sampler: "tpe", choice: "fallback" },
      note: { engine: "tpe", failed: ["gp"] },
    });
    const last = auto({ random, qmc: () => broken, tpe: () => broken });
    expect(new TestStudy(testProblem({ parameters })).suggest(last)?.note).toMatchObject({
      engine: "random",
      failed: ["qmc", "tpe"],
    });
  });

  test("passes over an engine that refuses the problem, without a word", () => {
    const unwilling: Sampler = { ...random(), refuse: () => "not for me", suggest: () => expect.unreachable() };
    const study = run(auto({ ...engines, gp: () => unwilling }), 12);
    expect(study.suggest(auto({ ...engines, gp: () => unwilling }))).toMatchObject({
      why: { sampler: "tpe", choice: "model" },
      note: { failed: [] },
    });
  });

  test("an engine suggests the same whether another failed before it or not", () => {
    const broken: Sampler = {
      ...random(),
      suggest() {
        throw new Error("no factor");
      },
    };
    const study = run(auto(engines), 12);
    const [alone, after] = [auto(engines), auto({ ...engines, gp: () => broken })].map((sampler) => study.suggest(sampler));
    expect(after?.config).toEqual(alone?.config);
  });

  test("a tiny space is tried out and then is exhausted", () => {
    const tiny = new TestStudy(testProblem({ parameters: { c: categorical(["p", "q", "r"]) } }));
    const seen = Array.from({ length: 4 }, () => tiny.step(auto({ ...engines, grid: () => once() }), () => 1)?.c);
    expect(new Set(seen)).toEqual(new Set(["p", "q", "r", undefined]));
  });
});

function once(): Sampler {
  return random({ withoutReplacement: true });
}
