import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Decision } from "../../trial/trial.ts";
import { type PatienceOptions, patience } from "./patience.ts";

const parameters = { x: float(0, 1) };
const fidelity = { min: 1, max: 10 };
const problem = testProblem({ parameters, fidelity });

/** Decisions about one training, a letter a report; by default whether it could still be the best does not matter. */
function kinds(losses: readonly number[], options: PatienceOptions): string {
  const study = new TestStudy(problem);
  const trial = study.add({ config: { x: 0.5 } });
  const rule = patience({ keep: 0, ...options });
  return losses.map((loss, i) => rule.onReport(problem, study.history, study.report(trial, i + 1, [loss])).kind[0]).join("");
}

/** Decision about a training that stays at `shown`, after complete trials with these results. */
function beside(results: readonly number[], shown: number, options: PatienceOptions = {}, violation = 0): Decision {
  const study = new TestStudy(problem);
  for (const result of results) study.finish(study.add({ config: { x: 0.5 } }), { losses: [result], violation });
  const trial = study.add({ config: { x: 0.5 } });
  for (let step = 1; step < 6; step++) study.report(trial, step, [shown]);
  return patience(options).onReport(problem, study.history, study.report(trial, 6, [shown]));
}

describe("patience", () => {
  it("stops a training after so many reports without improvement on its best before", () => {
    expect(kinds([5, 4, 4, 5, 4, 3], { reports: 3 })).toBe("ccccsc");
    expect(kinds([5, 4, 3, 2, 1], { reports: 1 })).toBe("ccccc");
    expect(kinds([5, 6], { reports: 1 })).toBe("cs");
  });

  it("asks for more than the smallest change, over all of the reports together", () => {
    expect(kinds([5, 4.9, 4.8, 4.7], { reports: 2, minChange: 0.25 })).toBe("ccss");
    expect(kinds([5, 4.8, 4.6, 4.4], { reports: 2, minChange: 0.25 })).toBe("cccc");
  });

  it("says which rule stopped a trial, with its numbers", () => {
    expect(beside([1, 1, 1], 2)).toEqual({
      kind: "stop",
      why: { code: "patience", reports: 5, minChange: 0, fidelity: 6, best: 2 },
    });
  });

  it("lets NaN never improve, and numbers improve on it", () => {
    const { NaN: nan } = Number;
    expect(kinds([nan, nan, nan], { reports: 2 })).toBe("ccs");
    expect(kinds([nan, nan, 7, nan, nan], { reports: 2 })).toBe("ccccs");
  });

  it("keeps still before the warm-up", () => {
    expect(kinds([5, 5, 5, 5], { reports: 1, warmup: 4 })).toBe("cccs");
  });

  it("lets a trial go on that could still be one of the best results", () => {
    expect(beside([], 2).kind).toBe("continue");
    expect(beside([1, 1, 3], 2).kind).toBe("continue");
    expect(beside([1, 1, 2], 2).kind).toBe("continue");
    expect(beside([1, 1, 1], 2).kind).toBe("stop");
    expect(beside([1], 2, { keep: 1 }).kind).toBe("stop");
    expect(beside([1, 1, 1], 2, {}, 0.1).kind).toBe("continue");
  });

  it("counts only complete trials as results", () => {
    const study = new TestStudy(problem);
    for (const state of ["stopped", "failed", "cancelled"] as const) {
      const other = study.add({ config: { x: 0.5 } });
      study.report(other, 1, [1]);
      study.finish(other, { state, losses: null });
    }
    study.report(study.add({ config: { x: 0.5 } }), 1, [1]);
    const trial = study.add({ config: { x: 0.5 } });
    study.report(trial, 1, [2]);
    const row = study.report(trial, 2, [2]);
    expect(patience({ reports: 1, keep: 1 }).onReport(problem, study.history, row).kind).toBe("continue");
  });

  it("with several objectives counts every report that nothing before matches", () => {
    const both = testProblem({ parameters, fidelity, objectiveCount: 2 });
    const run = (losses: readonly (readonly number[])[], options: PatienceOptions) => {
      const study = new TestStudy(both);
      const trial = study.add({ config: { x: 0.5 } });
      const rule = patience({ keep: 0, ...options });
      return losses.map((pair, i) => rule.onReport(both, study.history, study.report(trial, i + 1, pair)));
    };
    const first = run(
      [
        [1, 9],
        [2, 8],
        [3, 8],
        [2, 9],
      ],
      { reports: 2 },
    );
    expect(first.map(({ kind }) => kind[0]).join("")).toBe("cccs");
    expect(first[3]).toEqual({ kind: "stop", why: { code: "patience-front", reports: 2, minChange: 0, fidelity: 4 } });
    expect(
      run(
        [
          [1, 9],
          [2, 8],
          [2, 7],
        ],
        { reports: 1, metric: "loss0" },
      )
        .map(({ kind }) => kind[0])
        .join(""),
    ).toBe("css");
    const study = new TestStudy(both);
    study.finish(study.add({ config: { x: 0.5 } }), { losses: [0, 5] });
    const trial = study.add({ config: { x: 0.5 } });
    const decide = (at: number, losses: readonly number[]) =>
      patience({ reports: 1, keep: 1 }).onReport(both, study.history, study.report(trial, at, losses)).kind;
    expect([decide(1, [1, 4]), decide(2, [1, 4]), decide(3, [1, 5])]).toEqual(["continue", "continue", "stop"]);
  });

  it("needs no fidelity and refuses trials that report only at the end", () => {
    expect(patience().refuse(testProblem({ parameters }))).toBeNull();
    expect(patience().refuse(testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }))).toMatch(/only at the end/);
    expect(patience({ metric: "acc" }).refuse(problem)).toMatch(/acc is none/);
  });

  it("names wrong options", () => {
    expect(() => patience({ reports: 0 })).toThrow("patience: reports: is 0; allowed: a whole number from 1");
    expect(() => patience({ minChange: -1 })).toThrow(/minChange: is -1; allowed: a number from 0/);
  });
});
