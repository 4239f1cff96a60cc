import { describe, expect, test } from "vitest";
import { categorical, float } from "../../parameters/build-parameter.ts";
import { samplerContract } from "../../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { qmc } from "../qmc.ts";
import { random } from "../random.ts";
import type { Sampler } from "../sampler.ts";
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

function run(sampler: Sampler, count: number): TestStudy {
  const study = new TestStudy(testProblem({ parameters }));
  for (let i = 0; i < count; i++) study.step(sampler, ({ x, y }) => Number(x) ** 2 + Number(y));
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
    const study = run(sampler, 40);
    const notes = [...study.history.rows].map((row) => autoNote(study.history.note(row))?.engine);
    const gpCount = notes.filter((engine) => engine === "gp").length;
    const tpeCount = notes.filter((engine) => engine === "tpe").length;
    expect([gpCount > 25, tpeCount >= 4, notes.filter((engine) => engine === "qmc").length]).toEqual([true, true, 5]);
    const next = study.suggest(sampler);
    expect(next?.why).toMatchObject({ code: "gp", own: gpCount, all: 40, choice: "model" });
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
