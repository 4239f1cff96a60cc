import { describe, expect, test } from "vitest";
import { float } from "../parameters/build-parameter.ts";
import { testProblem } from "../testing/test-study.ts";
import type { Decision, Outcome, Replicate, StoredReport, Trial, Why } from "../trial/trial.ts";
import { acceptedReports, resultOfEnd, settledOutcome } from "./attempt-end.ts";
import type { Job } from "./engine.ts";

const problem = testProblem({ parameters: { x: float(0, 1) } });
const why: Why = { code: "rung" };
const stop: Decision = { kind: "stop", why };
const pause: Decision = { kind: "pause", why };
const done: Outcome = { kind: "complete", metrics: { loss0: 1 } };
const failed: Outcome = { kind: "failed", reason: "error", message: "no" };

function job(target: number | null = null, maxFidelity: number | null = null): Job {
  const ref = { studyId: "s", trial: 0, replicate: 0, attempt: 2 };
  return {
    ref,
    config: { x: 0 },
    seed: 1,
    fold: null,
    target,
    maxFidelity,
    checkpoint: null,
    suggested: {},
    decisionFidelities: [],
    confirm: false,
  };
}

function report(step: number, loss0: number, attempt = 2, replicate = 0): StoredReport {
  return { seq: step, replicate, attempt, step, fidelity: step, metrics: { loss0 } };
}

describe("settledOutcome", () => {
  const settled = (
    said: Outcome,
    decision: Decision | null = null,
    of = job(),
    reports: StoredReport[] = [report(1, 5), report(2, 4)],
  ) => settledOutcome(problem, of, said, decision, reports);

  test("a stop stands whatever the training said since, with the value of the reports", () => {
    for (const said of [done, failed, { kind: "released", reason: "preempted" } as const])
      expect(settled(said, stop)).toEqual({ kind: "stopped", why, metrics: { loss0: 4 } });
    expect(settled(done, stop, job(), [])).toEqual({ kind: "stopped", why, metrics: null });
  });

  test("a pause stands but for a failure on the way to it", () => {
    expect(settled(done, pause)).toEqual({ kind: "paused" });
    expect(settled({ kind: "released", reason: "preempted" }, pause)).toEqual({ kind: "paused" });
    expect(settled(failed, pause)).toBe(failed);
  });

  test("an end below the greatest fidelity is a pause", () => {
    expect(settled(done, null, job(3, 9))).toEqual({ kind: "paused" });
    expect(settled(done, null, job(9, 9))).toEqual(done);
  });

  test("without finite values nothing is complete", () => {
    expect(settled({ kind: "complete", metrics: {} }, null, job(), [])).toEqual({
      kind: "failed",
      reason: "no_result",
      message: "no loss0; seen: nothing",
    });
    expect(settled({ kind: "complete", metrics: { loss0: Number.NaN } })).toEqual({
      kind: "failed",
      reason: "non_finite",
      message: "loss0 is NaN",
    });
    expect(settled({ kind: "complete", metrics: {} })).toEqual({ kind: "complete", metrics: { loss0: 4 } });
  });

  test("a final number does not lose the other metrics of the last report", () => {
    const last = { ...report(3, 9), metrics: { loss0: 9, latency: 7 } };
    expect(settled(done, null, job(), [last])).toEqual({ kind: "complete", metrics: { loss0: 1, latency: 7 } });
  });
});

describe("acceptedReports", () => {
  test("a newer attempt's reports replace the older ones' from its first step on; other replicates do not matter", () => {
    const reports = [
      report(1, 1, 1),
      report(2, 2, 1),
      report(5, 5, 1),
      report(3, 30, 2),
      report(2, 20, 2),
      report(1, 9, 9, 1),
      report(4, 40, 3),
    ];
    expect(acceptedReports(reports, 0).map(({ step, metrics }) => [step, metrics.loss0])).toEqual([
      [1, 1],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
  });
});

describe("resultOfEnd", () => {
  const replicate = (index: number, state: Replicate["state"], loss0?: number, confirm = false): Replicate =>
    ({ index, state, confirm, metrics: loss0 === undefined ? null : { loss0 } }) as Replicate;
  const result = (replicates: Replicate[], outcome: Outcome) =>
    resultOfEnd(problem, job(), { replicates } as unknown as Trial, outcome);

  test("is the mean over all replicates when the last one completes, confirmations left out", () => {
    const others = [replicate(0, "running"), replicate(1, "complete", 3), replicate(2, "complete", 9, true)];
    expect(result(others, done)).toEqual({ values: [2], standardErrors: [1], metrics: { loss0: 2 } });
    expect(result([replicate(0, "running"), replicate(1, "queued")], done)).toBeNull();
  });

  test("of a stopped trial it is over what there is, without values where one is not known", () => {
    const others = [replicate(0, "running"), replicate(1, "complete", 3), replicate(2, "running")];
    expect(result(others, { kind: "stopped", why, metrics: { loss0: 1 } })).toMatchObject({ values: [2] });
    expect(result(others, { kind: "stopped", why, metrics: { other: 1 } })).toEqual({
      values: null,
      standardErrors: null,
      metrics: {},
    });
    expect(result(others, { kind: "stopped", why, metrics: null })).toBeNull();
    expect(result(others, failed)).toBeNull();
  });
});
