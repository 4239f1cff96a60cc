import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { grid } from "../../samplers/grid.ts";
import { manual } from "../../samplers/manual.ts";
import { random } from "../../samplers/random.ts";
import type { Sampler } from "../../samplers/sampler.ts";
import { type DrillOptions, type DrillTrial, mishaps, PopulationDrill } from "../../testing/population-drill.ts";
import { testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import { isTerminal } from "../../trial/trial-state.ts";
import type { Intent, Policy } from "../policy.ts";
import { type PbtOptions, pbt } from "./pbt.ts";

const max = 60;
const interval = 10;

function problemOf(seed = 1, trialBudget: number | null = null): Problem {
  return { ...testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max }, seed }), trialBudget };
}

/** A model is the sum of what it was trained with; the least x is the best at every step. */
function grow(model: number | null, { x }: Config, step: number): { model: number; loss: number } {
  const sum = (model ?? 0) + (x as number);
  return { model: sum, loss: sum / step };
}

function drill(
  more: Partial<DrillOptions<number>> & { readonly options?: PbtOptions; readonly seed?: number } = {},
): PopulationDrill<number> {
  const { options = {}, seed = 1, ...rest } = more;
  const makePolicy = () => pbt({ population: 8, interval, ...options }).drive(random());
  return new PopulationDrill<number>({ problem: problemOf(seed), makePolicy, workerCount: 4, advance: grow, ...rest }).run();
}

/** A study that nothing has happened in. */
function lateStudy(problem: Problem, policy: Policy) {
  const study = new PopulationDrill<number>({ problem, makePolicy: () => policy, workerCount: 1, advance: grow });
  return { history: study.historyAt(0), context: (trial: number) => study.context(trial) };
}

function exploitsOf({ decisions }: PopulationDrill<number>): Extract<Intent, { kind: "exploit" }>[] {
  return decisions.flatMap(({ answer }) => (answer.kind === "exploit" ? [answer] : []));
}

/** Newest trial of each member. */
function newestOf({ trials }: PopulationDrill<number>): DrillTrial<number>[] {
  return [...new Map(trials.map((trial) => [trial.bracket, trial])).values()];
}

/** Whatever happened, this holds of a study that has ended. */
function checkEnded(study: PopulationDrill<number>, makePolicy: () => Policy, problem: Problem): void {
  expect(study.trials.filter(({ state }) => state === "queued" || state === "running")).toEqual([]);
  for (const { number, parent, bracket } of study.trials) {
    expect(parent ?? -1).toBeLessThan(number);
    expect(bracket).toBeGreaterThan(0);
  }
  // Every answer again, of a fresh policy with the history as it was then.
  study.decisions.forEach(({ eventCount, about, answer }, i) => {
    if (answer.kind === "continue" || i % 7 !== 0) return;
    const history = study.historyAt(eventCount);
    const policy = makePolicy();
    const again =
      about === null
        ? policy.next(problem, history, study.context(history.trialCount))
        : policy.onReport(problem, history, history.rowOf(about));
    expect(again).toEqual(answer);
  });
}

describe("a population", () => {
  test.each([1, 4, 8, 64])("on %i slots trains every member to the end and ends", (workerCount) => {
    const study = drill({ workerCount });
    expect(newestOf(study).map(({ bracket, state }) => [bracket, state])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i + 1, "complete"]),
    );
    expect(exploitsOf(study).length).toBeGreaterThan(0);
    expect(study.trials.length).toBe(8 + exploitsOf(study).length);
    expect(study.decisions.at(-1)?.answer).toEqual({ kind: "finish" });
    for (const { state } of study.trials) expect(state === "complete" || state === "stopped").toBe(true);
  });

  test("stops and resumes members at multiples of the interval only", () => {
    const targets = drill().decisions.flatMap(({ answer }) => ("target" in answer ? [answer.target] : []));
    expect([...new Set(targets)].sort((a, b) => Number(a) - Number(b))).toEqual([10, 20, 30, 40, 50, 60]);
  });

  test("lets nobody run ahead of a member that waits: on fewer slots than members of one speed all are within one interval", () => {
    const study = drill({ workerCount: 3 });
    for (const { answer, eventCount } of study.decisions) {
      if (answer.kind !== "resume") continue;
      const history = study.historyAt(eventCount);
      const reached = new Map<number, number>();
      for (const row of history.rows) reached.set(history.bracket(row), history.fidelities[row] || 0);
      expect(history.fidelities[history.rowOf(answer.trial)] - Math.min(...reached.values())).toBeLessThanOrEqual(interval);
    }
  });

  test("leaves no slot idle for the sake of a slow member", () => {
    const study = drill({ workerCount: 8, stepMs: (trial) => (trial === 0 ? 100 : 1), options: { quantile: 0 } });
    const lastOf = (trial: number): number => study.decisions.findLastIndex(({ about }) => about === trial);
    const firstEndOfSlow = study.decisions.findIndex(
      ({ about, answer }) => about === null && answer.kind === "resume" && answer.trial === 0,
    );
    for (let trial = 1; trial < 8; trial++) expect(lastOf(trial)).toBeLessThan(firstEndOfSlow);
  });

  test("copies only from a better member that has trained at least half as far, has a checkpoint and farther to go", () => {
    for (let seed = 0; seed < 10; seed++) {
      const study = drill({ seed, workerCount: 5, stepMs: (trial) => 1 + (trial % 4) });
      for (const { answer, eventCount } of study.decisions) {
        if (answer.kind !== "exploit") continue;
        const history = study.historyAt(eventCount);
        const [member, parent] = [history.rowOf(answer.trial as number), history.rowOf(answer.parent)];
        expect(history.fidelities[parent]).toBeGreaterThanOrEqual(history.fidelities[member] / 2);
        expect(history.fidelities[parent]).toBeLessThan(max);
        expect(history.hasCheckpoint(parent)).toBe(true);
        expect(answer.target).toBeGreaterThan(history.fidelities[parent]);
        expect(answer.bracket).toBe(history.bracket(member));
        const { loss, parentLoss, rank, of } = answer.suggestion.why;
        expect(parentLoss).toBeLessThan(loss as number);
        expect(rank).toBeGreaterThan((of as number) - Math.ceil((of as number) / 4));
      }
    }
  });

  test("is full at its size or at the budget of trials, in which children do not count", () => {
    for (const [budget, size] of [
      [3, 3],
      [8, 8],
      [100, 8],
    ]) {
      const study = drill({ problem: problemOf(1, budget) });
      expect(study.trials.filter(({ parent }) => parent === null).length).toBe(size);
      expect(newestOf(study).every(({ state }) => state === "complete")).toBe(true);
    }
  });

  test("takes in what was enqueued as members, also beyond its size, and is content with these where nothing is drawn", () => {
    const enqueued = Array.from({ length: 10 }, (_, i) => ({ x: i / 10 }));
    const study = drill({ enqueued });
    expect(study.trials.slice(0, 10).map(({ config, bracket }) => [config, bracket])).toEqual(
      enqueued.map((config, i) => [config, i + 1]),
    );
    expect(newestOf(study).length).toBe(10);
    const byHand = drill({ enqueued: enqueued.slice(0, 4), makePolicy: () => pbt({ population: 8, interval }).drive(manual()) });
    expect(newestOf(byHand).map(({ state }) => state)).toEqual(Array(4).fill("complete"));
    expect(byHand.decisions.at(-1)?.answer.kind).toBe("wait");
  });

  test("scores the mean of the newest reports where told to: a lucky last report does not make a member the best", () => {
    const lucky = (model: number | null, config: Config, step: number): { model: number; loss: number } => {
      const { model: sum, loss } = grow(model, config, step);
      return { model: sum, loss: (config.x as number) > 0.9 && step % interval === 0 ? -1 : loss };
    };
    const enqueued = [0.95, 0.5, 0.4, 0.3, 0.2, 0.1, 0.6, 0.7].map((x) => ({ x }));
    const parentsFor = (score: "last" | "mean:5"): number[] => {
      const study = drill({ enqueued, advance: lucky, workerCount: 8, options: { score, perturb: [1], resample: 0 } });
      return exploitsOf(study)
        .slice(0, 2)
        .map(({ parent }) => parent);
    };
    expect(parentsFor("last")).toContain(0);
    expect(parentsFor("mean:5")).not.toContain(0);
  });

  test("draws its first members by a sampler that answers later, and goes on with those it has when that has none left", async () => {
    const late: Sampler = {
      ...random(),
      suggest: async (...question) => (question[1].trialCount < 2 ? random().suggest(...question) : null),
    };
    const policy = pbt({ population: 4, interval }).drive(late);
    const problem = problemOf();
    const { history, context } = lateStudy(problem, policy);
    expect(await policy.next(problem, history, context(0))).toMatchObject({ kind: "start", target: interval, bracket: 1 });
    history.add({ number: 0, config: { x: 0.5 }, note: null, bracket: 1, state: "running", target: interval });
    history.add({ number: 1, config: { x: 0.5 }, note: null, bracket: 2, state: "running", target: interval });
    expect(await policy.next(problem, history, context(2))).toEqual({ kind: "wait" });
    for (const number of [0, 1]) {
      history.report(number, { replicate: 0, attempt: 1, step: interval, fidelity: interval, losses: [number] });
      history.addCheckpoint(number, 0);
    }
    history.setState(0, "paused");
    const asked = policy.next(problem, history, context(2));
    history.setState(0, "queued");
    expect(await asked).toEqual({ kind: "resume", trial: 0, target: 20 });
  });

  test("ends with an error that says so when the first member to come to its target has saved no checkpoint", () => {
    const problem = problemOf();
    const policy = pbt({ population: 4, interval }).drive(random());
    const { history, context } = lateStudy(problem, policy);
    history.add({ number: 0, config: { x: 0.5 }, note: null, bracket: 1, state: "running" });
    history.aim(0, interval, "running");
    history.report(0, { replicate: 0, attempt: 1, step: interval, fidelity: interval, losses: [1] });
    history.setState(0, "paused");
    expect(() => policy.next(problem, history, context(1))).toThrow(
      "pbt copies checkpoints, but trial 0 trained to epochs 10 and ended without having saved one",
    );
    history.addCheckpoint(0, 0);
    expect(policy.next(problem, history, context(1))).toMatchObject({ kind: "start", bracket: 2 });
    const full = pbt({ population: 2, interval }).drive(random());
    history.add({ number: 1, config: { x: 0.2 }, note: null, bracket: 2, state: "queued", target: interval });
    expect(full.next(problem, history, context(2))).toEqual({ kind: "resume", trial: 0, target: 20 });
  });
});

describe("a population in which trainings go wrong", () => {
  const fate = (seed: number, trial: number): number => createRng(seed, trial, "fate").uniform();

  test.each(mishaps)(
    "%s: ends for any share and number of slots, and every decision follows from the history alone",
    (mishap) => {
      for (const share of [0.2, 0.5, 1])
        for (const workerCount of [1, 4, 16, 64]) {
          const makePolicy = () => pbt({ population: 8, interval }).drive(random());
          const mishapOf = (trial: number) => (fate(7, trial) < share ? mishap : null);
          const study = drill({ makePolicy, workerCount, mishapOf });
          checkEnded(study, makePolicy, problemOf());
          if (share < 0.5) expect(study.trials.some(({ state }) => state === "complete")).toBe(true);
        }
    },
  );

  test("replaces a member that failed by a copy of one among the best, without ending anybody", () => {
    const study = drill({ mishapOf: (trial) => (trial === 2 ? "fails after it has reported its target" : null) });
    const replaced = exploitsOf(study).filter(({ suggestion }) => suggestion.why.code === "pbt-replace");
    expect(
      replaced.map(({ trial, bracket, suggestion }) => [trial, bracket, suggestion.why.replaced, suggestion.why.rank]),
    ).toEqual([[null, 3, 2, null]]);
    expect(newestOf(study).map(({ state }) => state)).toEqual(Array(8).fill("complete"));
  });

  test("gives a member up after three trials in a row that failed", () => {
    const isBad = (trial: number): boolean => trial === 0 || trial > 7;
    const study = drill({ mishapOf: (trial) => (isBad(trial) ? "fails at once" : null), options: { quantile: 0 } });
    expect(study.trials.filter(({ bracket }) => bracket === 1).map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
    expect(newestOf(study).filter(({ state }) => state === "complete").length).toBe(7);
  });

  test("ranks NaN worst: such a member gives way, and is never copied", () => {
    const study = drill({ mishapOf: (trial) => (trial < 2 ? "reports NaN" : null) });
    expect(study.trials.slice(0, 2).map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    expect(study.trials.filter(({ parent }) => parent === 0 || parent === 1)).toEqual([]);
    expect(newestOf(study).every(({ state }) => state === "complete")).toBe(true);
  });

  test("lets a paused member that never reported give way, and ends when nobody ever reports", () => {
    const one = drill({ mishapOf: (trial) => (trial === 1 ? "never reports" : null) });
    expect(one.trials[1].state).toBe("stopped");
    expect(newestOf(one).every(({ state }) => state === "complete")).toBe(true);
    const all = drill({ mishapOf: () => "never reports" });
    expect(all.trials.map(({ state }) => state)).toEqual(Array(8).fill("paused"));
    expect(all.decisions.at(-1)?.answer).toEqual({ kind: "finish" });
  });

  test("neither resumes nor ends what a person paused, and waits for it", () => {
    const study = drill({ mishapOf: (trial) => (trial === 3 ? "is paused by a person on its way" : null) });
    expect(study.trials[3].state).toBe("paused");
    expect(study.trials[3].attemptCount).toBe(1);
    expect(newestOf(study).filter(({ state }) => state === "complete").length).toBe(7);
    expect(study.decisions.at(-1)?.answer).toEqual({ kind: "wait" });
  });

  test("tells a training that goes on beyond its target to leave at its next report, with the numbers", () => {
    const study = drill({ mishapOf: () => "oversteps its target", options: { quantile: 0 } });
    const pauses = study.decisions.flatMap(({ answer }) => (answer.kind === "pause" ? [answer.why] : []));
    expect(pauses.slice(0, 1)).toEqual([{ code: "pbt-interval", target: 10, fidelity: 11 }]);
    expect(pauses.at(-1)).toEqual({ code: "pbt-interval", target: 50, fidelity: 51 });
    expect(study.trials.every(({ state }) => state === "complete")).toBe(true);
  });

  test("ends, whatever mixture of mishaps, sizes and speeds", () => {
    const setting = fc.record({
      seed: fc.nat(1_000),
      population: fc.integer({ min: 2, max: 12 }),
      workerCount: fc.integer({ min: 1, max: 20 }),
      quantile: fc.constantFrom(0, 0.25, 0.5),
      share: fc.constantFrom(0, 0.3, 0.9),
    });
    fc.assert(
      fc.property(setting, ({ seed, population, workerCount, quantile, share }) => {
        const makePolicy = () => pbt({ population, interval, quantile }).drive(random());
        const mishapOf = (trial: number) =>
          fate(seed, trial) < share ? mishaps[createRng(seed, trial, "mishap").int(mishaps.length)] : null;
        const stepMs = (trial: number): number => 1 + createRng(seed, trial, "speed").uniform();
        const study = drill({ seed, makePolicy, workerCount, mishapOf, stepMs });
        checkEnded(study, makePolicy, problemOf(seed));
        const isHeld = study.trials.some(({ state }) => state === "paused");
        if (!isHeld) expect(study.trials.every(({ state }) => isTerminal(state))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a population is refused at creation", () => {
  const refusal = (problem: Partial<Problem>, options: PbtOptions = {}, sampler = random()): string | null =>
    pbt(options)
      .drive(sampler)
      .refuse({ ...problemOf(), ...problem });
  const fidelity = { name: "epochs", min: 1, max, unit: "steps", resume: "auto" } as const;

  test("in one sentence each, where it cannot work", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ fidelity: null })).toBe("pbt copies members on their way and needs a fidelity to measure how far they are");
    expect(refusal({ fidelity: { ...fidelity, resume: "no" } })).toBe("pbt copies checkpoints, but the fidelity says resume: no");
    expect(refusal({ fidelity: { ...fidelity, unit: "time" } })).toBe(
      "pbt copies checkpoints, which are told apart by step; the fidelity's unit is time",
    );
    const two = testProblem({ parameters: { x: float(0, 1) }, objectiveCount: 2 }).objectives;
    expect(refusal({ objectives: two })).toBe("pbt compares members by one loss, but there are 2 objectives");
    expect(refusal({ defineByRun: true })).toContain("every parameter declared");
    expect(refusal({}, {}, grid())).toContain("the first points of a grid are no sample");
    expect(refusal({}, { interval: 60 })).toBe(
      "pbt compares members every 60 epochs, but they train for 60 only: none would be compared",
    );
    expect(refusal({}, { tune: ["lr"] })).toBe('pbt is told to tune "lr", which is no parameter with more than one value');
  });

  test("or by its sampler", () => {
    expect(refusal({}, {}, random({ withoutReplacement: true }))).toContain("finite space");
  });
});
