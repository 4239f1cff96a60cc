import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import { compose } from "../policies/compose.ts";
import { random } from "../samplers/random.ts";
import { type AttemptStart, type SimulatedAttempt, simulateStudy } from "../simulation/simulated-study.ts";
import { testProblem } from "../testing/test-study.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import { ashaPromotion } from "./asha-promotion.ts";

const parameters = { x: float(0, 1) };
const problem = testProblem({ parameters, fidelity: { min: 1, max: 27 } });

/** A history of paused trials: each with its loss at every level up to the one it was told to train to. */
function paused(...trials: readonly (readonly [loss: number, target: number])[]): HistoryRecorder {
  const history = new HistoryRecorder(problem.space, 1, 1);
  trials.forEach(([loss, target], number) => {
    history.add({ number, config: { x: 0.5 }, note: null, bracket: 0, state: "running" });
    history.aim(number, target, "running");
    for (const at of [1, 3, 9, 27].filter((level) => level <= target))
      history.report(number, { replicate: 0, attempt: 1, step: at, fidelity: at, losses: [loss] });
    history.setState(number, "paused");
  });
  return history;
}

function resumed(history: HistoryRecorder, trialBudget: number | null = null): unknown {
  return ashaPromotion().resume({ ...problem, trialBudget }, history);
}

describe("ashaPromotion", () => {
  it("starts every trial towards the first rung", () => {
    expect(ashaPromotion().start(problem, paused(), 0)).toEqual({ target: 1, bracket: 0 });
    expect(ashaPromotion().decisionFidelities(problem, 0)).toEqual([1, 3, 9]);
  });

  it("resumes the best of a rung once three have reported there, then the second best once six have", () => {
    expect(resumed(paused([5, 1], [4, 1]))).toBeNull();
    expect(resumed(paused([5, 1], [4, 1], [6, 1]))).toEqual({ trial: 1, target: 3 });
    expect(resumed(paused([5, 1], [4, 3], [6, 1], [7, 1], [8, 1]))).toBeNull();
    expect(resumed(paused([5, 1], [4, 3], [6, 1], [7, 1], [8, 1], [9, 1]))).toEqual({ trial: 0, target: 3 });
  });

  it("looks from the top rung down", () => {
    const lower = [1, 2, 3, 4, 5, 6].map((loss) => [10 + loss, 1] as const);
    expect(resumed(paused([3, 3], [1, 3], [2, 3], ...lower))).toEqual({ trial: 1, target: 9 });
    expect(resumed(paused([3, 3], [1, 9], [2, 3], [0.5, 1], ...lower))).toEqual({ trial: 3, target: 3 });
  });

  it("gives ties to the lower trial number", () => {
    expect(resumed(paused([1, 1], [1, 1], [1, 1]))).toEqual({ trial: 0, target: 3 });
  });

  it("counts what failed after it had reported, but never resumes it or what still runs", () => {
    const history = paused([1, 1], [2, 1], [3, 1]);
    history.setState(0, "running");
    expect(resumed(history)).toBeNull();
    history.finish(0, { state: "failed", losses: null, violation: 0 }, 99);
    expect(resumed(history)).toBeNull();
    expect(resumed(paused([1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 3]))).toEqual({ trial: 0, target: 3 });
  });

  it("does not resume what was paused before it came to the rung", () => {
    const history = paused([2, 1], [3, 1], [4, 1]);
    history.aim(0, 3, "running");
    history.report(0, { replicate: 0, attempt: 2, step: 2, fidelity: 2, losses: [0] });
    history.setState(0, "paused");
    expect(resumed(history)).toBeNull();
  });

  it("stops a trial whose loss at the rung is not a number", () => {
    const history = paused([1, 1], [Number.NaN, 1]);
    expect(ashaPromotion().onReport(problem, history, 1)).toEqual({
      kind: "stop",
      why: { code: "asha-rung", rung: 0, fidelity: 1, rank: 2, of: 2, kept: 0, loss: null },
    });
    expect(ashaPromotion().onReport(problem, history, 0)).toEqual({ kind: "continue" });
  });

  it("trains the best of a small study to the end once its budget of trials is spent and nothing else can come", () => {
    const history = paused([5, 1], [4, 1]);
    expect(resumed(history, 3)).toBeNull();
    expect(resumed(history, 2)).toEqual({ trial: 1, target: 3 });
    history.setState(0, "running");
    expect(resumed(history, 2)).toBeNull();
    expect(resumed(paused([5, 1], [4, 9]), 2)).toEqual({ trial: 1, target: 27 });
  });

  it("lets about one in eta pass each rung, and none before it has the ranks for it", () => {
    const attemptOf = (start: AttemptStart): SimulatedAttempt => {
      const loss = createRng(1, start.trial).uniform();
      const afterMs = createRng(2, start.trial, start.attempt).uniform() * (start.target - start.reached);
      return { reports: [{ afterMs, fidelity: start.target, loss }], lastMs: 0, end: "complete", hears: true };
    };
    const { trials, idleMs } = simulateStudy({
      ...{ problem: { ...problem, trialBudget: 900 }, workerCount: 16, attemptOf },
      makePolicy: () => compose(random(), ashaPromotion()),
    });
    const reached = [1, 3, 9, 27].map((level) => trials.filter(({ targets }) => targets.includes(level)).length);
    // The bound is exact: at most a third of those that came to a rung were ever among its best third at once, plus those that were
    // pushed out of it after they had gone on: at most a share that falls with 1/√n (Li et al. 2020, Sec. 3.2).
    expect(reached[0]).toBe(900);
    reached.slice(1).forEach((count, k) => {
      expect(count).toBeGreaterThanOrEqual(Math.floor(reached[k] / 3));
      expect(count).toBeLessThan(reached[k] / 3 + 3 * Math.sqrt(reached[k]));
    });
    expect(idleMs).toBe(0);
  });

  it("refuses problems it cannot judge and names wrong options", () => {
    expect(ashaPromotion().refuse(testProblem({ parameters }))).toMatch(/needs a fidelity/);
    expect(() => ashaPromotion({ eta: 1 })).toThrow("asha-promotion: eta: is 1; allowed: a number from 2");
  });
});
