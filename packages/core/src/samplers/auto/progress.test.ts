import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { contractProblems } from "../../testing/sampler-problems.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { TrialState } from "../../trial/trial-state.ts";
import { kernelLayout } from "../gp/kernel-layout.ts";
import { progressOf } from "./progress.ts";

const parameters = { x: float(0, 1) };

interface Ended {
  readonly loss: number | null;
  readonly state?: TrialState;
  readonly violation?: number;
}

function staleCountAfter(ends: readonly Ended[]): number {
  const study = new TestStudy(testProblem({ parameters }));
  ends.forEach(({ loss, ...end }, i) => {
    study.addFinished({ x: i / ends.length }, { losses: loss === null ? null : [loss], ...end });
  });
  return progressOf(study.problem, study.history, ends.length).staleCount;
}

describe("progressOf", () => {
  test.each<[string, number, number]>([
    ["no results", staleCountAfter([]), 0],
    ["the last result is the best", staleCountAfter([{ loss: 3 }, { loss: 2 }]), 0],
    ["two came after the best", staleCountAfter([{ loss: 1 }, { loss: 2 }, { loss: 3 }]), 2],
    ["a tie is no improvement", staleCountAfter([{ loss: 1 }, { loss: 1 }]), 1],
    ["a failure is none either", staleCountAfter([{ loss: 1 }, { loss: null, state: "failed" }]), 1],
    ["what breaks a constraint is not the best", staleCountAfter([{ loss: 1 }, { loss: 0, violation: 2 }]), 1],
    ["not a number is not the best", staleCountAfter([{ loss: Number.NaN }, { loss: 5 }]), 0],
  ])("stale: %s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test("reads the noise from the newest note of the Gaussian process, whoever came after it", () => {
    const study = new TestStudy(testProblem({ parameters }));
    const noted = (engine: string, logNoise: number): void => {
      // log ℓ, log s², log σ².
      const theta = [0, 1, logNoise];
      const note = { engine, failed: [], note: { gp: { revision: 1, models: { loss: { at: 5, theta } } } } };
      study.finish(study.add({ config: { x: 0.5 }, note }), { losses: [1] });
    };
    expect(progressOf(study.problem, study.history, 0).noiseShare).toBe(Infinity);
    noted("gp", -3);
    noted("gp", -9);
    noted("tpe", 5);
    expect(progressOf(study.problem, study.history, 3).noiseShare).toBeCloseTo(Math.exp(-10), 12);
  });

  test("finds the noise where the Gaussian process keeps it, also with conditions", () => {
    const problem = testProblem(contractProblems.conditional);
    const { noiseAt, signalAt, thetaLength } = kernelLayout(problem.space);
    const theta = Array.from({ length: thetaLength }, (_, at) => (at === noiseAt ? -7 : at === signalAt ? -2 : 1));
    const study = new TestStudy(problem);
    study.add({
      config: {},
      note: { engine: "gp", failed: [], note: { gp: { revision: 1, models: { loss: { at: 5, theta } } } } },
    });
    expect(progressOf(problem, study.history, 1).noiseShare).toBeCloseTo(Math.exp(-5), 12);
  });

  test("counts the trials that have not ended", () => {
    const study = new TestStudy(testProblem({ parameters }));
    const [first] = [
      study.add({ config: { x: 0.1 } }),
      study.add({ config: { x: 0.2 } }),
      study.add({ config: {} }, 0, "queued"),
    ];
    study.finish(first, { state: "failed", losses: null });
    expect(progressOf(study.problem, study.history, 3).pendingCount).toBe(2);
  });

  test.each<[string, (number | undefined)[], number]>([
    ["the median", [1, 50, 3, 2, 100], 3],
    ["unknown where only four are known", [1, 2, 3, 4, undefined], Number.NaN],
    ["the newest twenty-five", [...new Array(40).fill(1), ...new Array(25).fill(9)], 9],
  ])("durations: %s", (_, durations, expected) => {
    const study = new TestStudy(testProblem({ parameters }));
    for (const durationMs of durations)
      study.addFinished({ x: 0.5 }, { losses: [1], ...(durationMs === undefined ? {} : { durationMs }) });
    study.addFinished({ x: 0.5 }, { state: "failed", losses: null, durationMs: 7_000 });
    study.add({ config: { x: 0.5 } });
    expect(progressOf(study.problem, study.history, 99).durationMs).toBe(expected);
  });

  test("a note of another shape tells nothing", () => {
    const study = new TestStudy(testProblem({ parameters }));
    study.add({ config: { x: 0.5 }, note: { engine: "gp", failed: [], note: { gp: { models: [] } } } });
    expect(progressOf(study.problem, study.history, 1)).toEqual({
      ...{ trialNumber: 1, completeCount: 0, noiseShare: Infinity, staleCount: 0, pendingCount: 1, durationMs: Number.NaN },
    });
  });
});
