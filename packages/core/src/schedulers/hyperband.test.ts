import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import { compose } from "../policies/compose.ts";
import { random } from "../samplers/random.ts";
import { type AttemptStart, type SimulatedAttempt, type SimulatedTrial, simulateStudy } from "../simulation/simulated-study.ts";
import { testProblem } from "../testing/test-study.ts";
import { hyperband } from "./hyperband.ts";
import { successiveHalving } from "./successive-halving.ts";

const parameters = { x: float(0, 1) };
const fidelity = { min: 1, max: 81 };

function problemWith(trialBudget: number, seed = 1) {
  return { ...testProblem({ parameters, fidelity, seed }), trialBudget };
}

/** Reports once, at its target; takes log-normal time. */
function once(seed: number, change: (start: AttemptStart) => Partial<SimulatedAttempt> = () => ({})) {
  return (start: AttemptStart): SimulatedAttempt => {
    const rng = createRng(seed, start.trial, start.attempt);
    const afterMs = (start.target - start.reached) * Math.exp(rng.normal());
    const loss = createRng(seed, start.trial, "loss").uniform();
    const good = { reports: [{ afterMs, fidelity: start.target, loss }], lastMs: 0, end: "complete", hears: true } as const;
    return { ...good, ...change(start) };
  };
}

/** How many trials of each bracket were told to train to each level. */
function survivors(trials: readonly SimulatedTrial[]): Record<number, Record<number, number>> {
  const counts: Record<number, Record<number, number>> = {};
  for (const { bracket, targets } of trials)
    for (const target of targets) {
      counts[bracket] ??= {};
      counts[bracket][target] = (counts[bracket][target] ?? 0) + 1;
    }
  return counts;
}

const table = {
  1: { 1: 81, 3: 27, 9: 9, 27: 3, 81: 1 },
  2: { 3: 34, 9: 11, 27: 3, 81: 1 },
  3: { 9: 15, 27: 5, 81: 1 },
  4: { 27: 8, 81: 2 },
  5: { 81: 5 },
};
const roundSize = 81 + 34 + 15 + 8 + 5;

describe("hyperband", () => {
  it.each([1, 2, 8, 64])("with %d workers lets as many trials pass each rung as the paper's table says", (workerCount) => {
    const { trials, idleMs } = simulateStudy({
      problem: problemWith(roundSize),
      makePolicy: () => compose(random(), hyperband()),
      workerCount,
      attemptOf: once(7),
    });
    expect(survivors(trials)).toEqual(table);
    expect(idleMs).toBe(0);
  });

  it("begins the next round with its first bracket again", () => {
    const { trials } = simulateStudy({
      problem: problemWith(2 * roundSize),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 8,
      attemptOf: once(7),
    });
    const second = Object.fromEntries(Object.entries(table).map(([bracket, sizes]) => [Number(bracket) + 5, sizes]));
    expect(survivors(trials)).toEqual({ ...table, ...second });
  });

  it("brings back no trial that lost when the history lets go of those that won", () => {
    const roundCount = 190;
    const { trials, decisions } = simulateStudy({
      problem: problemWith(roundCount * roundSize),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 16,
      attemptOf: once(7),
    });
    // Beyond 10,000 finished trials it narrows; those that wait in vain do not finish before the study.
    const stoppedCount = decisions.filter(({ answer }) => answer.kind === "stop").length;
    expect(stoppedCount + trials.filter(({ state }) => state === "complete").length).toBeGreaterThan(12_000);
    const counts = survivors(trials);
    for (let bracket = 1; bracket <= 5 * roundCount; bracket++)
      expect(counts[bracket]).toEqual(table[(((bracket - 1) % 5) + 1) as keyof typeof table]);
  });

  it("lets the same trials pass however many workers there are and however long trainings take", () => {
    const passed = [1, 5, 64].map((workerCount) => {
      const { trials } = simulateStudy({
        problem: problemWith(roundSize),
        makePolicy: () => compose(random(), hyperband()),
        workerCount,
        attemptOf: (start) => ({ ...once(7)(start), lastMs: workerCount * (start.trial % 5) }),
      });
      return trials.filter(({ targets, bracket }) => targets.includes(81) && bracket < 5).map(({ number }) => number);
    });
    expect(passed[1]).toEqual(passed[0]);
    expect(passed[2]).toEqual(passed[0]);
  });

  it("passes exactly the best of each rung", () => {
    const { trials } = simulateStudy({
      problem: problemWith(roundSize),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 16,
      attemptOf: once(3),
    });
    for (const [bracket, sizes] of Object.entries(table)) {
      let field = trials.filter((trial) => trial.bracket === Number(bracket));
      for (const [level, count] of Object.entries(sizes)) {
        const there = field.filter(({ targets }) => targets.includes(Number(level)));
        expect(there.map(({ loss }) => loss).sort()).toEqual(
          field
            .map(({ loss }) => loss)
            .sort()
            .slice(0, count),
        );
        field = there;
      }
    }
  });

  it("gives the places of trials that failed, were lost to NaN or never reported to the next best", () => {
    const notANumber = { reports: [{ afterMs: 1, fidelity: 1, loss: Number.NaN }] };
    for (const bad of [{ reports: [], end: "failed" }, { reports: [] }, { end: "failed" }, notANumber] as const) {
      const { trials } = simulateStudy({
        problem: problemWith(81),
        makePolicy: () => compose(random(), hyperband()),
        workerCount: 4,
        attemptOf: once(5, ({ trial, target }) => (target === 1 && trial % 2 === 0 ? bad : {})),
      });
      expect(survivors(trials)).toEqual({ 1: { 1: 81, 3: 27, 9: 9, 27: 3, 81: 1 } });
      expect(trials.filter(({ targets }) => targets.length > 1).every(({ number }) => number % 2 === 1)).toBe(true);
    }
  });

  it("fills the places also when the best of all fail some time after they have reported", () => {
    const { trials } = simulateStudy({
      problem: problemWith(81),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 16,
      attemptOf: once(5, ({ trial }) =>
        trial % 3 === 0 ? { reports: [{ afterMs: 1, fidelity: 1, loss: -1 }], lastMs: 10, end: "failed" } : {},
      ),
    });
    expect(survivors(trials)).toEqual({ 1: { 1: 81, 3: 27, 9: 9, 27: 3, 81: 1 } });
  });

  it("does not wait for a straggler: the next bracket starts, and the rung closes when the straggler has ended", () => {
    const { trials, decisions, idleMs } = simulateStudy({
      problem: problemWith(roundSize),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 8,
      attemptOf: once(7, ({ trial }) => (trial === 40 ? { reports: [], lastMs: 300, end: "failed" } : {})),
    });
    expect(idleMs).toBe(0);
    expect(survivors(trials)).toEqual(table);
    const firstResume = decisions.find(({ answer }) => answer.kind === "resume" && answer.trial < 81);
    expect(firstResume?.atMs).toBeGreaterThanOrEqual(300);
    const startedBefore = decisions.filter(({ answer, atMs }) => answer.kind === "start" && atMs < 300).length;
    expect(startedBefore).toBeGreaterThan(81);
  });

  it("stops what can not be among the best any more as soon as it reports, with the numbers", () => {
    const { trials, decisions } = simulateStudy({
      problem: problemWith(81),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 1,
      // Each trial is worse than the one before.
      attemptOf: (start) => ({ ...once(1)(start), reports: [{ afterMs: 1, fidelity: start.target, loss: start.trial }] }),
    });
    expect(trials.filter(({ state }) => state === "stopped")).toHaveLength(80);
    expect(decisions.filter(({ answer }) => answer.kind === "stop").map(({ about }) => about)).toEqual(
      // The first 27 wait in the first rung, then 9 of them in the next, 3 and 1.
      [...Array.from({ length: 54 }, (_, i) => 27 + i), ...range(9, 27), ...range(3, 9), 1, 2],
    );
    expect(decisions.find(({ about }) => about === 30 && true)?.answer).toEqual({
      kind: "stop",
      why: { code: "halving-rung", bracket: 1, rung: 0, fidelity: 1, rank: 28, of: 31, kept: 27, loss: 30 },
    });
  });

  it("keeps the best third of a bracket that the budget cuts short", () => {
    const { trials } = simulateStudy({
      problem: problemWith(20),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 4,
      attemptOf: once(9),
    });
    expect(survivors(trials)).toEqual({ 1: { 1: 20, 3: 6, 9: 2, 27: 1, 81: 1 } });
  });

  it.each([
    ["on its way", 2],
    ["where it was told to train to", 1],
  ])("neither waits for what a person paused %s nor resumes it", (_, part) => {
    const { trials } = simulateStudy({
      problem: problemWith(81),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 4,
      attemptOf: once(2, ({ trial, target }) =>
        trial % 9 === 0 ? { reports: [{ afterMs: 1, fidelity: target / part, loss: -1 }], end: "held" } : {},
      ),
    });
    expect(survivors(trials)[1]).toEqual({ 1: 81, 3: 27, 9: 9, 27: 3, 81: 1 });
    expect(trials.filter(({ number }) => number % 9 === 0).every(({ attemptCount }) => attemptCount === 1)).toBe(true);
  });

  it("tells a training that oversteps its target to leave at its next report", () => {
    const { decisions } = simulateStudy({
      problem: problemWith(3),
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 1,
      attemptOf: (start) => ({
        reports: [1, 2, 3, 4].map((step) => ({ afterMs: 1, fidelity: step, loss: start.trial })),
        ...{ lastMs: 1, end: "complete", hears: true },
      }),
    });
    const first = decisions.filter(({ about }) => about === 0).map(({ answer }) => answer);
    expect(first.slice(0, 2)).toEqual([
      { kind: "continue" },
      { kind: "pause", why: { code: "rung-overstepped", rung: 0, fidelity: 1 } },
    ]);
  });

  it("with fidelity unit value compares what each trial reported last, and decides nothing while it trains", () => {
    const valued = testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } });
    const { trials, decisions } = simulateStudy({
      problem: { ...valued, trialBudget: 9 },
      makePolicy: () => compose(random(), hyperband()),
      workerCount: 3,
      // On the way it looks best for the trials that end worst.
      attemptOf: ({ trial, target }) => ({
        reports: [-trial, trial].map((loss) => ({ afterMs: 1, fidelity: target, loss })),
        ...{ lastMs: trial, end: "complete", hears: true },
      }),
    });
    expect(decisions.filter(({ about, answer }) => about !== null && answer.kind !== "continue")).toEqual([]);
    expect(survivors(trials)).toEqual({ 1: { 1: 9, 3: 3, 9: 1, 27: 1, 81: 1 } });
    expect(trials.filter(({ targets }) => targets.length > 1).map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(hyperband().decisionFidelities(valued, 1)).toEqual([]);
  });

  it("names the fidelities of a bracket at which it decides", () => {
    const problem = testProblem({ parameters, fidelity });
    const levels = [0, 1, 2, 3, 4, 5, 6].map((bracket) => hyperband().decisionFidelities(problem, bracket));
    expect(levels).toEqual([[], [1, 3, 9, 27], [3, 9, 27], [9, 27], [27], [], [1, 3, 9, 27]]);
  });

  it("refuses problems it cannot judge and names wrong options", () => {
    expect(hyperband().refuse(testProblem({ parameters }))).toMatch(/^hyperband .*needs a fidelity/);
    expect(hyperband().refuse(testProblem({ parameters, fidelity, objectiveCount: 2 }))).toMatch(/there are 2 objectives/);
    expect(hyperband().refuse({ ...testProblem({ parameters, fidelity }), defineByRun: true })).toMatch(/declared/);
    expect(hyperband().refuse(testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }))).toBeNull();
    expect(() => hyperband({ eta: 1.5 })).toThrow("hyperband: eta: is 1.5; allowed: a number from 2");
  });
});

describe("successiveHalving", () => {
  it.each([
    [undefined, { 1: 81, 3: 27, 9: 9, 27: 3, 81: 1 }],
    [30, { 1: 30, 3: 10, 9: 3, 27: 1, 81: 1 }],
    [200, { 1: 200, 3: 66, 9: 22, 27: 7, 81: 2 }],
  ])("with count %s: brackets of that size, one after the other", (count, sizes) => {
    const { trials } = simulateStudy({
      problem: problemWith(2 * (count ?? 81)),
      makePolicy: () => compose(random(), successiveHalving(count === undefined ? {} : { count })),
      workerCount: 8,
      attemptOf: once(7),
    });
    expect(survivors(trials)).toEqual({ 1: sizes, 2: sizes });
  });

  it("lets every trial pass a rung with the same chance, however early it came", () => {
    // 200 studies of 27 trials: each trial should be among the 9 best in 200/3 of them; 8 workers, random ranks.
    const problem = { ...testProblem({ parameters, fidelity: { min: 1, max: 27 } }), trialBudget: 27 };
    const passed = new Int32Array(27);
    for (let seed = 0; seed < 200; seed++) {
      const { trials } = simulateStudy({
        ...{ problem, workerCount: 8, attemptOf: once(seed) },
        makePolicy: () => compose(random(), successiveHalving()),
      });
      for (const { number, targets } of trials) if (targets.length > 1) passed[number]++;
    }
    const expected = 200 / 3;
    const chiSquare = passed.reduce((sum, count) => sum + (count - expected) ** 2 / (expected * (2 / 3)), 0);
    // The 0.1 % point for 26 degrees of freedom; the seeds are fixed.
    expect(chiSquare).toBeLessThan(54.05);
    expect(passed.reduce((a, b) => a + b)).toBe(1_800);
  });

  it("names wrong options", () => {
    expect(() => successiveHalving({ count: 0 })).toThrow(
      "successive-halving: count: is 0; allowed: a whole number from 1, or null",
    );
    expect(successiveHalving({ count: 9 }).options).toEqual({ eta: 3, count: 9 });
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
