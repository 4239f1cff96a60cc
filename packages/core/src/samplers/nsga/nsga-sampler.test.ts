import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { samplerContract, withoutRepetitionContract } from "../../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import { TunesmithError } from "../../tunesmith-error.ts";
import type { Suggestion } from "../sampler.ts";
import { readNote } from "./generations.ts";
import { populationOf } from "./nsga-options.ts";
import { nsga2, nsga2Defaults } from "./nsga2.ts";
import { nsga3, nsga3Defaults } from "./nsga3.ts";

for (const make of [nsga2, nsga3]) {
  describe(`${make.name} keeps the sampler contract`, () => {
    for (const { name, run } of [...samplerContract, ...withoutRepetitionContract]) it(name, () => run(() => make()));
    for (const { name, run } of [...samplerContract, ...withoutRepetitionContract])
      it(`${name} (generations of four)`, () => run(() => make({ population: 4 })));
  });
}

const plane = { parameters: { x: float(0, 1), y: float(0, 1) }, objectiveCount: 2 };
const newPlane = (seed = 1): TestStudy => new TestStudy(testProblem({ ...plane, seed }));
const lossesOf = ({ x, y }: Config): number[] => [x as number, (1 - (x as number)) ** 2 + (y as number)];
const sampler = nsga2({ population: 8 });

function suggested(study: TestStudy, from = sampler): Suggestion {
  const suggestion = study.suggest(from);
  if (suggestion === null) throw new Error("nothing was suggested");
  return suggestion;
}

function noteOf({ note }: Suggestion) {
  const read = readNote(note ?? null, "nsga2");
  if (read === null) throw new Error(`found ${JSON.stringify(note)}`);
  return read;
}

/** Asks, runs and ends `count` trials. @returns Their suggestions. */
function steps(study: TestStudy, count: number, from = sampler): Suggestion[] {
  return Array.from({ length: count }, () => {
    const suggestion = suggested(study, from);
    study.finish(study.add(suggestion), { losses: lossesOf(suggestion.config) });
    return suggestion;
  });
}

describe("generations", () => {
  it("follow one another after as many trials as the population has", () => {
    const suggestions = steps(newPlane(), 32);
    expect(suggestions.map((suggestion) => noteOf(suggestion).generation)).toEqual(
      Array.from({ length: 32 }, (_, i) => Math.floor(i / 8)),
    );
    expect(suggestions.map(({ why }) => why.code)).toEqual([...Array(8).fill("nsga2-startup"), ...Array(24).fill("nsga2")]);
    const opening = suggestions.filter((suggestion) => noteOf(suggestion).population !== undefined);
    expect(opening).toEqual([suggestions[8], suggestions[16], suggestions[24]]);
  });

  it("have the parents of each child in why and note, from the population that was noted", () => {
    const suggestions = steps(newPlane(), 24);
    expect(noteOf(suggestions[8]).population).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const [i, { why, note }] of suggestions.entries()) {
      const { generation, parents } = noteOf({ config: {}, why, note });
      expect(why).toMatchObject(i < 8 ? { generation: 0, index: i } : { generation, parents, populationCount: 8 });
      const { population = [] } = i < 8 ? {} : noteOf(suggestions[8 * generation]);
      expect(parents.every((parent) => population.includes(parent))).toBe(true);
      expect(parents.length).toBeLessThanOrEqual(2);
    }
  });

  it("go on producing children of the same parents until enough have ended", () => {
    const study = newPlane();
    steps(study, 8);
    const many = Array.from({ length: 30 }, () => {
      const suggestion = suggested(study);
      study.add(suggestion);
      return noteOf(suggestion);
    });
    expect(new Set(many.map(({ generation }) => generation))).toEqual(new Set([1]));
    expect(many.filter(({ population }) => population !== undefined)).toHaveLength(1);
    for (let trial = 37; trial > 30; trial--) study.finish(trial, { losses: [0, 0] });
    expect(noteOf(suggested(study)).generation).toBe(1);
    study.finish(30, { losses: [0, 0] });
    // Eight equal children dominate everything else.
    expect(noteOf(suggested(study))).toMatchObject({ generation: 2, population: [30, 31, 32, 33, 34, 35, 36, 37] });
  });

  it("take a late child in at the next selection", () => {
    const study = newPlane();
    steps(study, 8);
    const late = study.add(suggested(study));
    steps(study, 8);
    const [opening] = steps(study, 1);
    expect(noteOf(opening).generation).toBe(2);
    expect(noteOf(opening).population).not.toContain(late);
    study.finish(late, { losses: [-1, -1] });
    steps(study, 6);
    expect(noteOf(suggested(study)).generation).toBe(2);
    steps(study, 1);
    expect(noteOf(suggested(study))).toMatchObject({ generation: 3, population: expect.arrayContaining([late]) });
  });

  it("begin with what others have finished, the best of it", () => {
    const study = newPlane();
    for (let i = 0; i < 30; i++) study.addFinished({ x: i / 30, y: 0.5 }, { losses: i % 4 === 1 ? [i, -i] : [50, 50] });
    const suggestion = suggested(study);
    expect(noteOf(suggestion)).toMatchObject({ generation: 1, population: [1, 5, 9, 13, 17, 21, 25, 29] });
    expect(suggestion.why).toMatchObject({ code: "nsga2", populationCount: 8, frontCount: 8 });
  });

  it("take in what others finish in between, without counting it", () => {
    const study = newPlane();
    steps(study, 12);
    for (let i = 0; i < 5; i++) study.addFinished({ x: 0.1 * i, y: 0.3 }, { losses: [-1 - i, i - 9] });
    expect(noteOf(suggested(study)).generation).toBe(1);
    steps(study, 4);
    expect(noteOf(suggested(study))).toMatchObject({
      generation: 2,
      population: expect.arrayContaining([12, 13, 14, 15, 16]),
    });
  });

  it("count failed trials but never breed from them", () => {
    const study = newPlane();
    for (let i = 0; i < 40; i++) {
      const suggestion = suggested(study);
      const trial = study.add(suggestion);
      const { population = [], parents } = noteOf(suggestion);
      expect([...population, ...parents].every((number) => number % 3 === 0)).toBe(true);
      study.finish(trial, i % 3 === 0 ? { losses: lossesOf(suggestion.config) } : { state: "failed", losses: null });
    }
    expect(noteOf(suggested(study)).generation).toBe(5);
  });

  it("stay with the initial design while fewer than two have a result", () => {
    const study = newPlane();
    const outcomes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0];
    const generations = outcomes.map((isGood) => {
      const suggestion = suggested(study);
      const trial = study.add(suggestion);
      study.finish(trial, isGood ? { losses: [trial, 1] } : { state: "failed", losses: null });
      return noteOf(suggestion).generation;
    });
    expect(generations).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("choose a population anew, once, when the one noted is out of view or has no results", () => {
    const study = newPlane();
    for (let i = 0; i < 12; i++) study.addFinished({ x: i / 12, y: 0.5 }, { losses: [i, -i] });
    const running = study.add({ config: { x: 0.2, y: 0.3 } });
    const note = { sampler: "nsga2", generation: 7, parents: [900, running] };
    study.add({ config: { x: 0.2, y: 0.2 }, note });
    const population = expect.arrayContaining([0, 11]);
    expect(noteOf(suggested(study))).toMatchObject({ generation: 7, population });
    study.add({ config: { x: 0.4, y: 0.2 }, note: { ...note, population: [900, running], through: 1 } });
    const healed = suggested(study);
    expect(noteOf(healed)).toMatchObject({ generation: 7, population });
    study.add(healed);
    expect(noteOf(suggested(study))).toMatchObject({ generation: 7, parents: expect.anything() });
    expect(noteOf(suggested(study)).population).toBeUndefined();
  });

  it("have 8 to 16 trials by the budget", () => {
    const sizeFor = (trialBudget: number | null): number => {
      const study = new TestStudy({ ...testProblem(plane), trialBudget });
      const { length } = steps(study, 51, nsga2()).filter((suggestion) => noteOf(suggestion).generation === 0);
      return length;
    };
    expect([null, 9, 100, 10_000].map(sizeFor)).toEqual([16, 8, 13, 16]);
  });

  it("have more trials for more than two objectives and for outcome constraints, where the budget is enough for ten of them", () => {
    const sizeFor = (objectiveCount: number, constrained: boolean, trialBudget: number | null): number =>
      populationOf({ ...testProblem({ ...plane, objectiveCount, constrained }), trialBudget }, nsga2Defaults);
    expect([1, 2, 3, 4, 9].map((m) => sizeFor(m, false, null))).toEqual([16, 16, 32, 48, 50]);
    expect([1, 2, 3, 4].map((m) => sizeFor(m, true, null))).toEqual([32, 32, 48, 50]);
    expect([50, 100, 200, 300, 1_000].map((trials) => sizeFor(3, false, trials))).toEqual([8, 13, 20, 30, 32]);
  });
});

describe("parents", () => {
  it("are feasible ones before infeasible ones, those by their violation", () => {
    const study = new TestStudy(testProblem({ ...plane, constrained: true }));
    for (let i = 0; i < 20; i++) study.addFinished({ x: i / 20, y: 0.5 }, { losses: [-i, -i], violation: i < 3 ? 0 : i });
    expect(noteOf(suggested(study)).population).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("are stopped ones only at the full fidelity while there is anything complete", () => {
    const study = new TestStudy(testProblem({ ...plane, fidelity: { min: 1, max: 9 } }));
    for (let i = 0; i < 12; i++) {
      const trial = study.add({ config: { x: i / 12, y: 0.5 } });
      const isFull = i % 3 === 1;
      study.report(trial, isFull ? 9 : 3, [i, -i]);
      study.finish(trial, i % 3 === 2 ? { losses: [i, -i] } : { state: "stopped", losses: null });
    }
    expect(noteOf(suggested(study)).population).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
  });

  it("give a child the values of a branch that only one of them has", () => {
    const parameters = {
      kind: categorical(["a", "b"]),
      u: float(0, 1, { when: { kind: "a" } }),
      v: float(0, 1, { when: { kind: "b" } }),
    };
    const study = new TestStudy(testProblem({ parameters }));
    for (let i = 0; i < 8; i++) study.addFinished(i < 4 ? { kind: "a", u: 0.25 } : { kind: "b", v: 0.75 }, { losses: [i % 4] });
    const from = nsga2({ population: 8, mutationChance: 0 });
    for (let i = 0; i < 40; i++) {
      const { config, why } = suggested(study, from);
      // A child like its parent mutates again; what a mutation does is tested elsewhere.
      const known = config.kind === "a" ? { kind: "a", u: 0.25 } : { kind: "b", v: 0.75 };
      expect(study.problem.space.check(config)).toEqual([]);
      expect(config).not.toEqual(known);
      expect((why.parents as number[]).length).toBeGreaterThan(0);
      study.add({ config });
    }
  });
});

describe("purity", () => {
  const parameters = {
    kind: categorical(["a", "b", "c"]),
    n: int(1, 9),
    on: boolean({ when: { kind: "b" } }),
    x: float(1e-3, 1, { log: true }),
  };
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ kind: "ask" as const, pick: 0 }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("end" as const), pick: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("fail", "stop", "cancel", "enqueue"), pick: fc.nat(50) }) },
  );

  /** Applies an event to a study with these running trials. */
  function apply(study: TestStudy, running: number[], { kind, pick }: { kind: string; pick: number }): void {
    if (kind === "enqueue") running.push(study.add({ config: { kind: "a", n: 1 + (pick % 9), x: 0.5 } }));
    if (kind === "enqueue" || running.length === 0) return;
    const [trial] = running.splice(pick % running.length, 1);
    const losses = [(trial * 7) % 11, (trial * 5) % 13];
    const violation = pick % 4 === 0 ? pick : 0;
    study.report(trial, 1 + (pick % 9), losses);
    if (kind === "end") study.finish(trial, { losses, violation });
    if (kind === "fail") study.finish(trial, { state: "failed", losses: null, violation: Number.NaN });
    if (kind === "stop") study.finish(trial, { state: "stopped", losses: null, violation: Number.NaN });
    if (kind === "cancel") study.finish(trial, { state: "cancelled", losses: null, violation: Number.NaN });
  }

  for (const make of [nsga2, nsga3]) {
    it(`${make.name}: a fresh instance answers like a warm one, in whatever order trials end`, () => {
      fc.assert(
        fc.property(fc.array(event, { minLength: 20, maxLength: 70 }), fc.integer({ min: 2, max: 6 }), (events, population) => {
          const spec = { parameters, objectiveCount: 2, constrained: true, fidelity: { min: 1, max: 9 }, seed: population };
          const study = new TestStudy(testProblem(spec));
          const warm = make({ population });
          const running: number[] = [];
          for (const happened of events) {
            if (happened.kind !== "ask") {
              apply(study, running, happened);
              continue;
            }
            const suggestion = suggested(study, warm);
            expect(suggested(study.fork(), make({ population }))).toEqual(suggestion);
            running.push(study.add(suggestion));
          }
        }),
        { numRuns: 40 },
      );
    });

    it(`${make.name}: likewise when most of the study has left the view`, () => {
      const problem = testProblem(plane);
      const sizes = { all: 30, best: 8, newest: 12, refresh: 5 };
      const history = new HistoryRecorder(problem.space, 2, 1, sizes);
      const warm = make({ population: 6 });
      let newest = 0;
      for (let i = 0; i < 90; i++) {
        const context = { trialNumber: i, fixed: {}, rng: (purpose: string) => createRng(1, i, purpose) };
        const suggestion = warm.suggest(problem, history, context) as Suggestion;
        expect(make({ population: 6 }).suggest(problem, history, context)).toEqual(suggestion);
        newest = suggestion.note?.generation as number;
        history.add({ number: i, config: suggestion.config, note: suggestion.note ?? null, bracket: 0, state: "running" });
        history.finish(i, { state: "complete", losses: lossesOf(suggestion.config), violation: 0 }, 2 * i);
      }
      expect(newest).toBe(14);
    });
  }
});

describe("options", () => {
  it("have frozen defaults, at most six, and every wrong one is named", () => {
    for (const defaults of [nsga2Defaults, nsga3Defaults]) {
      expect(Object.isFrozen(defaults)).toBe(true);
      expect(Object.keys(defaults).length).toBeLessThanOrEqual(6);
    }
    const wrong = {
      population: 1,
      crossoverChance: 1.5,
      crossoverIndex: -1,
      mutationChance: Number.NaN,
      mutationIndex: Infinity,
      divisions: 0.5,
    };
    expect(() => nsga3(wrong)).toThrow(TunesmithError);
    try {
      nsga3(wrong);
    } catch (error) {
      expect((error as TunesmithError).faults.map(({ path }) => path)).toEqual(Object.keys(wrong));
    }
  });

  it("refuse more reference points than memory should hold", () => {
    const problem = testProblem({ ...plane, objectiveCount: 8 });
    expect(nsga3({ divisions: 3 }).refuse(problem)).toBeNull();
    // C(19, 12) + C(18, 11) = 50388 + 31824.
    expect(nsga3({ divisions: 12 }).refuse(problem)).toMatch(/^nsga3 with 12 divisions would make 82212 reference points for 8/);
    expect(nsga3().refuse(testProblem({ ...plane, objectiveCount: 400 }))).toBeNull();
  });
});

it("suggests no config twice in a continuous space", () => {
  const study = newPlane();
  const { space } = study.problem;
  const keys = steps(study, 400).map(({ config }) => space.key(config));
  expect(new Set(keys).size).toBe(400);
});

it("repeats a config only when the space has no other, and says so", () => {
  const study = new TestStudy(testProblem({ parameters: { a: int(1, 12) } }));
  const from = nsga2({ population: 4 });
  for (let i = 0; i < 12; i++) study.step(from, ({ a }) => a as number);
  expect(suggested(study, from).why).toMatchObject({ code: "nsga2", repeats: true });
});
