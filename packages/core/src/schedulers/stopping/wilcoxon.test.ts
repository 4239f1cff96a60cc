import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Decision } from "../../trial/trial.ts";
import { type WilcoxonOptions, wilcoxon } from "./wilcoxon.ts";

const parameters = { x: float(0, 1) };
const folds = { min: 1, max: 10 };
const problem = testProblem({ parameters, fidelity: folds });

interface Told {
  readonly [fold: number]: number;
}

/** A complete trial with these losses by fold, and their mean as its result. */
function complete(study: TestStudy, losses: Told, violation = 0): number {
  const trial = study.add({ config: { x: 0.5 } });
  const entries = Object.entries(losses).map(([fold, loss]) => [Number(fold), Number(loss)]);
  for (const [fold, loss] of entries) study.report(trial, fold, [loss]);
  study.finish(trial, { losses: [entries.reduce((sum, [, loss]) => sum + loss, 0) / entries.length], violation });
  return trial;
}

function judge(study: TestStudy, losses: Told, options: WilcoxonOptions = {}): Decision {
  const trial = study.add({ config: { x: 0.5 } });
  let row = -1;
  for (const [fold, loss] of Object.entries(losses)) row = study.report(trial, Number(fold), [Number(loss)]);
  return wilcoxon(options).onReport(problem, study.history, row);
}

const even = { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1 };

describe("wilcoxon", () => {
  it("stops a trial that is worse than the best on the folds they share, and says how sure it is", () => {
    const study = new TestStudy(problem);
    complete(study, { 1: 7, 2: 7 });
    const best = complete(study, even);
    const worse = { 1: 1.1, 2: 1.3, 3: 0.8, 4: 1.5, 5: 1.4, 6: 1.25, 7: 1.6, 8: 0.95 };
    expect(judge(study, worse)).toEqual({
      kind: "stop",
      why: { code: "wilcoxon", p: 0.02734375, limit: 0.1, rankSum: 32, folds: 8, best },
    });
    expect(judge(study, worse, { p: 0.027 }).kind).toBe("continue");
  });

  it("needs four folds for a chance below 0.1, and as many as it is told", () => {
    const study = new TestStudy(problem);
    complete(study, even);
    expect(judge(study, { 1: 2, 2: 2, 3: 2 }).kind).toBe("continue");
    expect(judge(study, { 1: 2, 2: 2, 3: 2, 4: 2 })).toMatchObject({ kind: "stop", why: { p: 0.0625, folds: 4 } });
    expect(judge(study, { 1: 2, 2: 2, 3: 2, 4: 2 }, { startup: 5 }).kind).toBe("continue");
    expect(judge(study, { 1: 2, 2: 2 }, { p: 0.3, startup: 2 }).kind).toBe("stop");
  });

  it("compares only folds that both have seen", () => {
    const study = new TestStudy(problem);
    complete(study, { 2: 1, 4: 1, 6: 1, 8: 1, 10: 1 });
    expect(judge(study, { 1: 9, 2: 2, 3: 9, 4: 2, 5: 9, 6: 2 }).kind).toBe("continue");
    expect(judge(study, { 2: 2, 3: 0, 4: 2, 6: 2, 8: 2 })).toMatchObject({ kind: "stop", why: { folds: 4 } });
  });

  it("lets a trial go on whose mean is better, however often it is worse", () => {
    const study = new TestStudy(problem);
    complete(study, even);
    const often = { 1: 1.1, 2: 1.1, 3: 1.1, 4: 1.1, 5: 1.1, 6: 1.1, 7: 1.1, 8: -9 };
    expect(judge(study, often, { p: 0.9 }).kind).toBe("continue");
  });

  it("compares with the best complete and feasible trial, the first of equals", () => {
    const study = new TestStudy(problem);
    complete(study, { 1: 0, 2: 0, 3: 0, 4: 0 }, 1);
    expect(judge(study, { 1: 9, 2: 9, 3: 9, 4: 9 }).kind).toBe("continue");
    const first = complete(study, even);
    complete(study, even);
    expect(judge(study, { 1: 9, 2: 9, 3: 9, 4: 9 })).toMatchObject({ why: { best: first } });
  });

  it("takes NaN for the worst; equal folds and two NaNs do not differ", () => {
    const study = new TestStudy(problem);
    complete(study, even);
    const { NaN: nan } = Number;
    expect(judge(study, { 1: nan, 2: nan, 3: nan, 4: nan })).toMatchObject({ kind: "stop", why: { p: 0.0625 } });
    expect(judge(study, even).kind).toBe("continue");
    const broken = new TestStudy(problem);
    const trial = broken.add({ config: { x: 0.5 } });
    for (const fold of [1, 2, 3, 4]) broken.report(trial, fold, [nan]);
    broken.finish(trial, { losses: [1] });
    expect(judge(broken, { 1: nan, 2: nan, 3: nan, 4: nan }).kind).toBe("continue");
  });

  it("refuses what it cannot pair", () => {
    const seconds = testProblem({ parameters, fidelity: { ...folds, unit: "time" } });
    const both = testProblem({ parameters, fidelity: folds, objectiveCount: 2 });
    expect(wilcoxon().refuse(problem)).toBeNull();
    expect(wilcoxon().refuse(seconds)).toMatch(/with fidelity unit time no two are at the same one/);
    expect(wilcoxon().refuse(both)).toBe("wilcoxon compares trials by one loss, but there are 2 objectives: name one");
    expect(wilcoxon({ metric: "loss1" }).refuse(both)).toBeNull();
  });

  it("names wrong options", () => {
    expect(() => wilcoxon({ p: 1 })).toThrow("wilcoxon: p: is 1; allowed: a number between 0 and 1");
    expect(() => wilcoxon({ startup: 0 })).toThrow(/startup: is 0/);
  });
});
