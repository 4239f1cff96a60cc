import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Decision } from "../../trial/trial.ts";
import { TunesmithError } from "../../tunesmith-error.ts";
import { type PercentileOptions, percentile, percentileOf } from "./percentile.ts";

const parameters = { x: float(0, 1) };
const fidelity = { min: 1, max: 10 };
const problem = testProblem({ parameters, fidelity });
const twoObjectives = testProblem({ parameters, fidelity, objectiveCount: 2 });

type Losses = readonly (number | readonly number[])[];

/** A trial that reports these losses at 1, 2, … and, if it is whole, ends with the last. */
function train(study: TestStudy, losses: Losses, isComplete = true): number {
  const trial = study.add({ config: { x: 0.5 } });
  const rows = losses.map((loss) => (typeof loss === "number" ? [loss] : loss));
  for (const [i, row] of rows.entries()) study.report(trial, i + 1, row);
  if (isComplete) study.finish(trial, { losses: rows[rows.length - 1] });
  return trial;
}

/** What the rule says about a newcomer with these losses, after complete trials with constant ones. */
function judge(others: Losses, losses: Losses, options: PercentileOptions = {}, on: Problem = problem): Decision {
  const study = new TestStudy(on);
  for (const other of others) train(study, new Array(10).fill(other));
  const trial = train(study, losses, false);
  return percentile({ percentile: 50, keep: 0, ...options }).onReport(on, study.history, study.history.rowOf(trial));
}

describe("percentile", () => {
  it("stops a trial that stands worse than the percentile of the others, and says what it found", () => {
    expect(judge([1, 2, 3, 4, 5], [9, 7, 3.5])).toEqual({
      kind: "stop",
      why: { code: "percentile", percentile: 50, fidelity: 3, of: 5, best: 3.5, limit: 3 },
    });
    expect(judge([1, 2, 3, 4, 5], [9, 7, 2.9]).kind).toBe("continue");
    expect(judge([1, 2, 3, 4, 5], [2.5, 2.5, 2.5], { percentile: 25 }).kind).toBe("stop");
  });

  it("lets equals go on", () => {
    expect(judge([3, 3, 3, 3, 3], [3, 3, 3]).kind).toBe("continue");
  });

  it("holds a trial's best loss so far to its credit", () => {
    expect(judge([1, 2, 3, 4, 5], [9, 2, 9]).kind).toBe("continue");
  });

  it("compares at the same fidelity, with trials that came as far, in whatever way they ended", () => {
    const study = new TestStudy(problem);
    for (let i = 0; i < 5; i++) train(study, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const [failed, stopped] = [train(study, [1, 1, 1, 1], false), train(study, [1, 1], false)];
    study.finish(failed, { state: "failed", losses: null });
    study.finish(stopped, { state: "stopped", losses: null });
    const trial = train(study, [8, 8, 8, 7], false);
    const rule = percentile({ percentile: 50, keep: 0 });
    expect(rule.onReport(problem, study.history, study.history.rowOf(trial))).toEqual({
      kind: "stop",
      why: { code: "percentile", percentile: 50, fidelity: 4, of: 6, best: 7, limit: 6 },
    });
  });

  it("compares with the last report before, where others skipped the fidelity", () => {
    const study = new TestStudy(problem);
    for (const loss of [1, 2, 3, 4, 5]) {
      const trial = study.add({ config: { x: 0.5 } });
      for (const [at, value] of [
        [2, loss],
        [10, 0],
      ])
        study.report(trial, at, [value]);
      study.finish(trial, { losses: [0] });
    }
    const late = study.add({ config: { x: 0.5 } });
    study.report(late, 9, [0]);
    const trial = train(study, [9, 9, 9], false);
    const decision = percentile({ percentile: 50 }).onReport(problem, study.history, study.history.rowOf(trial));
    expect(decision).toMatchObject({ kind: "stop", why: { fidelity: 3, of: 5, limit: 3 } });
  });

  it("stops nobody before enough trials are complete, or when fewer than three others came as far", () => {
    expect(judge([1, 1, 1, 1], [9, 9, 9]).kind).toBe("continue");
    expect(judge([1, 1, 1, 1], [9, 9, 9], { startup: 4 }).kind).toBe("stop");
    expect(judge([1, 1], [9, 9, 9], { startup: 0 }).kind).toBe("continue");
    expect(judge([1, 1, 1], [9, 9, 9], { startup: 0 }).kind).toBe("stop");
  });

  it("stops nobody outside its window of progress, nor before the warm-up", () => {
    const kinds = (options: PercentileOptions) =>
      Array.from({ length: 10 }, (_, i) => judge([1, 1, 1, 1, 1], new Array(i + 1).fill(9), options).kind[0]).join("");
    expect(kinds({})).toBe("cssssssssc");
    expect(kinds({ window: [0.5, 0.6] })).toBe("ccccsscccc");
    expect(kinds({ warmup: 4 })).toBe("cccssssssc");
  });

  it("keeps the best few at a fidelity whatever the percentile", () => {
    expect(judge([1, 2, 3, 4, 5], [2.5, 2.5, 2.5], { percentile: 0, keep: 2 }).kind).toBe("stop");
    expect(judge([1, 2, 3, 4, 5], [2.5, 2.5, 2.5], { percentile: 0, keep: 3 }).kind).toBe("continue");
    expect(judge([1, 2, 3, 4, 5], [9, 9, 9], { percentile: 0, keep: 6 }).kind).toBe("continue");
  });

  it("takes NaN for the worst, of a trial and of those it is compared with", () => {
    const { NaN: nan } = Number;
    expect(judge([1, 2, 3, 4, 5], [1, 1, nan])).toMatchObject({ kind: "stop", why: { best: "Infinity", limit: 3 } });
    expect(judge([1, 2, nan, nan, nan], [9, 9, 9]).kind).toBe("continue");
    expect(judge([nan, nan, nan, nan, nan], [nan, nan, nan]).kind).toBe("continue");
  });

  it("shows values in the user's own sign", () => {
    const maximized: Problem = { ...problem, objectives: [{ name: "accuracy", goal: "maximize", take: "last" }] };
    expect(judge([-0.9, -0.8, -0.7, -0.6, -0.5], [-0.1, -0.2, -0.3], {}, maximized)).toMatchObject({
      why: { best: 0.3, limit: 0.7 },
    });
  });

  it("compares the fronts of several objectives, and never stops the first", () => {
    const others = [0, 1, 2, 3, 4].map((i) => [i, 4 - i]);
    const at = (losses: readonly number[], all: Losses = others) => judge(all, [losses, losses, losses], {}, twoObjectives);
    expect(at([2.5, 1.4]).kind).toBe("continue");
    expect(at([3, 3])).toEqual({
      kind: "stop",
      why: { code: "percentile-front", percentile: 50, fidelity: 3, of: 5, front: 2, limit: 1 },
    });
    expect(at([Number.NaN, 0]).kind).toBe("stop");
    expect(at([Number.NaN, -1]).kind).toBe("continue");
  });

  it("judges by one of several objectives", () => {
    const others = [1, 2, 3, 4, 5].map((loss) => [9, loss]);
    expect(
      judge(
        others,
        [
          [0, 9],
          [0, 9],
          [0, 9],
        ],
        { metric: "loss1" },
        twoObjectives,
      ),
    ).toMatchObject({
      kind: "stop",
      why: { code: "percentile", best: 9, limit: 3 },
    });
    expect(
      judge(
        others,
        [
          [0, 9],
          [0, 9],
          [0, 9],
        ],
        { metric: "loss0" },
        twoObjectives,
      ).kind,
    ).toBe("continue");
  });

  it("refuses problems it cannot judge", () => {
    const rule = percentile();
    expect(rule.refuse(testProblem({ parameters }))).toMatch(/percentile stops trials early and needs a fidelity/);
    expect(rule.refuse(testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }))).toMatch(/only at the end/);
    expect(percentile({ metric: "acc" }).refuse(problem)).toBe(
      "percentile judges trials by an objective, and acc is none; allowed: loss0",
    );
    for (const served of [problem, twoObjectives, { ...problem, defineByRun: true }]) expect(rule.refuse(served)).toBeNull();
  });

  it("names wrong options", () => {
    expect(() => percentile({ percentile: 101 })).toThrow("percentile: percentile: is 101; allowed: a number from 0 to 100");
    expect(() => percentile({ percentile: Number.NaN })).toThrow(TunesmithError);
    expect(() => percentile({ startup: 1.5 })).toThrow(/startup: is 1.5; allowed: a whole number from 0/);
    expect(() => percentile({ warmup: -1 })).toThrow(/warmup: is -1/);
    expect(() => percentile({ window: [0.9, 0.2] })).toThrow(/window: is a list of 2; allowed: two numbers from 0 to 1/);
    expect(() => percentile({ keep: -1, metric: "" })).toThrow(/keep: is -1.*metric: is ""/);
  });
});

describe("percentileOf", () => {
  it("is linear between neighbours and exact at them", () => {
    const sorted = Float64Array.of(1, 2, 4, 8);
    expect([0, 25, 50, 100].map((share) => percentileOf(sorted, share))).toEqual([1, 1.75, 3, 8]);
  });

  it("never is NaN, and grows with the percentage", () => {
    const losses = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity)), { minLength: 1 });
    fc.assert(
      fc.property(
        losses,
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (list, a, b) => {
          const sorted = Float64Array.from(list).sort();
          const [low, high] = [percentileOf(sorted, Math.min(a, b)), percentileOf(sorted, Math.max(a, b))];
          expect(low).not.toBeNaN();
          expect(low - high === 0 || low <= high || Math.abs(low - high) <= 1e-12 * Math.abs(high)).toBe(true);
          expect(low >= sorted[0] || Math.abs(low - sorted[0]) <= 1e-12 * Math.abs(low)).toBe(true);
        },
      ),
    );
  });
});
