import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { grid } from "../../samplers/grid.ts";
import { random } from "../../samplers/random.ts";
import type { Sampler } from "../../samplers/sampler.ts";
import { policyContract } from "../../testing/policy-contract.ts";
import { type DrillOptions, type Mishap, mishaps, PopulationDrill } from "../../testing/population-drill.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Policy } from "../policy.ts";
import { freezeThaw } from "./freeze-thaw.ts";
import type { FreezeThawOptions } from "./freeze-thaw-options.ts";

// The first case, hundreds of studies long, stands below for a part of its studies: each of their decisions fits a model.
describe("random + freeze-thaw", () => {
  for (const { name, run } of policyContract.slice(1))
    test(name, { timeout: 600_000 }, () => run(() => freezeThaw({ unit: 0.5 }).drive(random())));
});

const max = 12;

function problemOf(trialBudget: number | null, seed = 1): Problem {
  return { ...testProblem({ parameters: { x: float(0, 1), y: float(0, 1) }, fidelity: { min: 1, max }, seed }), trialBudget };
}

/** A model is the steps it has trained; its loss falls to one of its config's own. */
function advance(model: number | null, { x, y }: Config, _step: number): { model: number; loss: number } {
  const trained = (model ?? 0) + 1;
  return { model: trained, loss: ((x as number) - 0.3) ** 2 + ((y as number) - 0.6) ** 2 + Math.exp(-trained / 4) };
}

function drive(options: FreezeThawOptions = {}, sampler: () => Sampler = random): () => Policy {
  return () => freezeThaw({ unit: 0.25, ...options }).drive(sampler());
}

function drill(options: Partial<DrillOptions<number>> & { readonly trialBudget?: number } = {}): PopulationDrill<number> {
  const { trialBudget = 14, ...more } = options;
  return new PopulationDrill<number>({
    problem: problemOf(trialBudget),
    makePolicy: drive(),
    workerCount: 2,
    advance,
    ...more,
  }).run();
}

/** Asks every decision again of a fresh instance that reads the history anew. */
function expectReplayed(study: PopulationDrill<number>, problem: Problem): void {
  expect(study.decisions.length).toBeGreaterThan(0);
  for (const { eventCount, about, answer } of study.decisions) {
    const history = study.historyAt(eventCount);
    const policy = drive()();
    const again =
      about === null
        ? policy.next(problem, history, study.context(history.trialCount))
        : policy.onReport(problem, history, history.rowOf(about));
    expect(again).toEqual(answer);
  }
}

describe("a study whose trainings go wrong", () => {
  const cases = mishaps.flatMap((mishap) => [0.4, 1].map((share) => [mishap, share] as const));
  test.each(cases)("%s, a share of %d: ends, with every trial begun and none worked on, on 1 and 5 slots", (mishap, share) => {
    const isBad = (trial: number): boolean => share === 1 || trial % 5 < 2;
    const mishapOf = (trial: number): Mishap | null => (isBad(trial) ? mishap : null);
    for (const workerCount of [1, 5]) {
      const { trials } = drill({ mishapOf, workerCount });
      expect(trials.length).toBe(14);
      expect(trials.filter(({ attemptCount }) => attemptCount === 0)).toEqual([]);
      expect(trials.filter(({ state }) => state === "running" || state === "queued")).toEqual([]);
      if (share < 1) expect(trials.some(({ state }) => state === "complete")).toBe(true);
    }
  });

  test("resumes nothing that a person paused, that reported NaN, or that reported nothing", () => {
    for (const mishap of ["is paused by a person on its way", "reports NaN", "never reports"] as const) {
      const { trials } = drill({ mishapOf: (trial) => (trial % 3 === 0 ? mishap : null) });
      for (const { number, attemptCount } of trials) if (number % 3 === 0) expect(attemptCount).toBe(1);
    }
  });
});

describe("a decision", () => {
  test("follows from the history alone, on 1 and 4 slots", () => {
    for (const workerCount of [1, 4]) {
      const study = drill({ workerCount, mishapOf: (trial) => (trial % 4 === 1 ? "loses its machine now and then" : null) });
      expectReplayed(study, problemOf(14));
    }
  });

  test("differs with the seed", () => {
    const kinds = [1, 2].map((seed) => {
      const { decisions } = drill({ problem: problemOf(14, seed) });
      return decisions.map(({ answer }) => answer);
    });
    expect(kinds[0]).not.toEqual(kinds[1]);
  });
});

describe("a study without mishaps", () => {
  test("trains the trial with the least loss to the end, and others not", () => {
    for (const workerCount of [1, 3]) {
      const { trials } = drill({ workerCount, trialBudget: 20 });
      const complete = trials.filter(({ state }) => state === "complete");
      const distance = ({ config: { x, y } }: { config: Config }): number =>
        ((x as number) - 0.3) ** 2 + ((y as number) - 0.6) ** 2;
      const ranked = [...trials].sort((a, b) => distance(a) - distance(b));
      expect(complete).toContain(ranked[0]);
      expect(complete.length).toBeLessThan(trials.length);
    }
  });

  test("trains a unit at a time, to multiples of it", () => {
    const { decisions } = drill();
    const targets = decisions.flatMap(({ answer }) =>
      answer.kind === "start" || answer.kind === "resume" ? [answer.target] : [],
    );
    expect(new Set(targets)).toEqual(new Set([3, 6, 9, 12]));
  });

  test("starts what the model chose, and says why, but for the first trials and every fourth", () => {
    const starts = drill().decisions.flatMap(({ answer }) => (answer.kind === "start" ? [answer.suggestion.why] : []));
    const codes = starts.map(({ code }) => code);
    expect(codes.slice(0, 5)).toEqual(Array(5).fill("random"));
    expect(codes[8]).toBe("random");
    expect(codes).toContain("freeze-thaw-start");
    const why = starts.find(({ code }) => code === "freeze-thaw-start");
    expect(why).toEqual({
      code: "freeze-thaw-start",
      threshold: expect.any(Number),
      within: expect.any(Number),
      chance: expect.any(Number),
    });
  });

  test("asks the sampler for every start where it is told to", () => {
    const { decisions } = drill({ makePolicy: drive({ starts: "sampler" }) });
    const codes = decisions.flatMap(({ answer }) => (answer.kind === "start" ? [answer.suggestion.why.code] : []));
    expect(new Set(codes)).toEqual(new Set(["random"]));
  });

  test("goes through a grid to its end, then finishes", () => {
    const { trials } = drill({ makePolicy: drive({}, () => grid({ points: 3 })), trialBudget: 30 });
    expect(trials.length).toBe(9);
    expect(trials.some(({ state }) => state === "complete")).toBe(true);
  });

  test("gives up on fewer trials the less a chance has to be worth", () => {
    const completeCount = (leastChance: number): number =>
      drill({ makePolicy: drive({ leastChance }) }).trials.filter(({ state }) => state === "complete").length;
    expect(completeCount(0)).toBe(14);
    expect(completeCount(1)).toBeLessThan(completeCount(0));
  });

  test("takes in what a person enqueued, as the first trial and on its way", () => {
    const enqueued: Config[] = [{ x: 0.3, y: 0.6 }, { x: 0.5 }];
    const { trials } = drill({ enqueued });
    expect(trials[0].config).toEqual(enqueued[0]);
    expect(trials[1].config.x).toBe(0.5);
    expect(trials[0].state).toBe("complete");
  });
});

describe("a sampler that answers later", () => {
  test("is waited for, and its answer is the trial", async () => {
    const slow: Sampler = { ...random(), suggest: async (...question) => random().suggest(...question) };
    const policy = freezeThaw().drive(slow);
    const study = drill();
    const problem = problemOf(14);
    const history = study.historyAt(0);
    const intent = await policy.next(problem, history, study.context(0));
    expect(intent).toMatchObject({ kind: "start", target: 1, bracket: 0, suggestion: { why: { code: "random" } } });
  });
});

describe("a suggestion", () => {
  test("is the sampler's where all that was ever seen ended in NaN", () => {
    const problem = problemOf(null);
    const study = new TestStudy(problem);
    for (let i = 0; i < 9; i++) {
      const trial = study.add({ config: { x: i / 9, y: 0.5 } });
      study.report(trial, 1, [1]);
      study.report(trial, 2, [Number.NaN]);
      study.finish(trial, { state: "stopped", losses: null });
    }
    const intent = drive()().next(problem, study.history, study.context());
    expect(intent).toMatchObject({ kind: "start", suggestion: { why: { code: "random" } } });
  });
});
