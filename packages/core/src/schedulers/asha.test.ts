import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../testing/test-study.ts";
import type { Decision } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { asha } from "./asha.ts";

const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 81 } });

function newTrial(study: TestStudy, bracket = 0): number {
  return study.add({ config: { x: 0.5 } }, bracket);
}

function report(study: TestStudy, trial: number, fidelity: number, loss: number, scheduler = asha()): Decision {
  return scheduler.onReport(problem, study.history, study.report(trial, fidelity, [loss]));
}

/** A new trial that reports once. */
function arrive(study: TestStudy, fidelity: number, loss: number): Decision {
  return report(study, newTrial(study), fidelity, loss);
}

describe("asha", () => {
  it("lets the first arrivals go on, then the best third of those that have passed the rung so far", () => {
    const study = new TestStudy(problem);
    const kinds = [5, 9, 4, 3, 6, 3.5, 2].map((loss) => arrive(study, 1, loss).kind);
    // Passed so far 1 … 7, places 1 1 1 1 1 2 2: 4, 3 and 2 are the best, 3.5 is second of six.
    expect(kinds).toEqual(["continue", "continue", "continue", "continue", "stop", "continue", "continue"]);
  });

  it("says which rule stopped a trial, with its numbers", () => {
    const study = new TestStudy(problem);
    for (const loss of [1, 2, 3]) report(study, newTrial(study), 3, loss);
    expect(arrive(study, 3, 2.5)).toEqual({
      kind: "stop",
      why: { code: "asha-rung", rung: 1, fidelity: 3, rank: 3, of: 4, kept: 1, loss: 2.5 },
    });
  });

  it("decides only where a rung is passed", () => {
    const study = new TestStudy(problem);
    for (const loss of [1, 1, 1]) arrive(study, 3, loss);
    const trial = newTrial(study);
    expect(report(study, trial, 1, 9).kind).toBe("stop");
    expect(report(study, trial, 2, 9).kind).toBe("continue");
    expect(report(study, trial, 3, 9).kind).toBe("stop");
    expect(report(study, trial, 4, 9).kind).toBe("continue");
  });

  it("compares a trial that oversteps rungs at the last one it passed, by its first loss there", () => {
    const study = new TestStudy(problem);
    for (const loss of [1, 2, 3]) {
      const trial = newTrial(study);
      for (const fidelity of [1, 3, 9]) report(study, trial, fidelity, loss);
    }
    expect(arrive(study, 12, 2.5)).toMatchObject({ kind: "stop", why: { rung: 2, fidelity: 9, rank: 3, of: 4 } });
    expect(arrive(study, 12, 0.5).kind).toBe("continue");
  });

  it("ranks NaN worst and stops it, also as the first to arrive", () => {
    const study = new TestStudy(problem);
    expect(arrive(study, 1, Number.NaN)).toEqual({
      kind: "stop",
      why: { code: "asha-rung", rung: 0, fidelity: 1, rank: 1, of: 1, kept: 1, loss: null },
    });
    expect(arrive(study, 1, 7).kind).toBe("continue");
    expect(arrive(study, 1, Infinity)).toMatchObject({ kind: "stop", why: { rank: 2, of: 3, kept: 1 } });
  });

  it("gives ties to the lower trial number", () => {
    const study = new TestStudy(problem);
    const first = newTrial(study);
    for (const loss of [3, 3]) arrive(study, 1, loss);
    expect(report(study, first, 1, 3).kind).toBe("continue");
    expect(arrive(study, 1, 3).kind).toBe("stop");
  });

  it("keeps counting trials that were stopped, failed or finished at later rungs", () => {
    const study = new TestStudy(problem);
    for (const state of ["stopped", "failed", "complete"] as const) {
      const trial = newTrial(study);
      study.report(trial, 1, [1]);
      study.finish(trial, { state, losses: state === "complete" ? [1] : null });
    }
    expect(arrive(study, 1, 2)).toMatchObject({ kind: "stop", why: { rank: 4, of: 4 } });
  });

  it("keeps brackets apart and gives later ones fewer rungs", () => {
    const scheduler = asha({ brackets: 3 });
    expect([0, 1, 2].map((bracket) => scheduler.decisionFidelities(problem, bracket))).toEqual([
      [1, 3, 9, 27],
      [3, 9, 27],
      [9, 27],
    ]);
    const study = new TestStudy(problem);
    for (const loss of [1, 1, 1]) report(study, newTrial(study, 0), 3, loss, scheduler);
    expect(report(study, newTrial(study, 1), 3, 9, scheduler).kind).toBe("continue");
    expect(report(study, newTrial(study, 0), 3, 9, scheduler).kind).toBe("stop");
  });

  it("draws brackets in Hyperband's proportions, by trial number", () => {
    const { history } = new TestStudy(problem);
    const scheduler = asha({ brackets: 9 });
    const counts = new Int32Array(5);
    for (let number = 0; number < 2_860; number++) {
      const { target, bracket } = scheduler.start(problem, history, number);
      expect(target).toBe(81);
      counts[bracket]++;
    }
    const expected = [81, 34, 15, 8, 5].map((size) => size * 20);
    const chiSquare = counts.reduce((sum, count, b) => sum + (count - expected[b]) ** 2 / expected[b], 0);
    // The 0.1 % point for 4 degrees of freedom; the seed is fixed.
    expect(chiSquare).toBeLessThan(18.47);
    expect(asha().start(problem, history, 7)).toEqual({ target: 81, bracket: 0 });
  });

  it("stops a share of 1 − 1/eta in the long run when ranks are random", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(2, 3, 4), (seed, eta) => {
        const study = new TestStudy(problem);
        const rng = createRng(seed, "asha");
        let passed = 0;
        for (let i = 0; i < 200; i++)
          if (report(study, newTrial(study), 1, rng.uniform(), asha({ eta })).kind === "continue") passed++;
        // Arrival i passes with chance ⌊i/eta⌋/i, so about 200/eta − (sum of what rounding loses) pass.
        const chances = Array.from({ length: 200 }, (_, i) => (i + 1 < eta ? 1 : Math.floor((i + 1) / eta) / (i + 1)));
        const mean = chances.reduce((a, b) => a + b, 0);
        const sd = Math.sqrt(chances.reduce((sum, p) => sum + p * (1 - p), 0));
        expect(Math.abs(passed - mean)).toBeLessThan(5 * sd);
      }),
      { numRuns: 10 },
    );
  });

  it("refuses problems it cannot judge", () => {
    const parameters = { x: float(0, 1) };
    const fidelity = { min: 1, max: 9 };
    expect(asha().refuse(testProblem({ parameters }))).toMatch(/needs a fidelity/);
    expect(asha().refuse(testProblem({ parameters, fidelity, objectiveCount: 2 }))).toMatch(/there are 2 objectives/);
    expect(asha().refuse(testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }))).toMatch(/only at the end/);
    expect(asha().refuse(problem)).toBeNull();
  });

  it("names wrong options", () => {
    expect(() => asha({ eta: 1 })).toThrow("asha: eta: is 1; allowed: a number from 2");
    expect(() => asha({ eta: 1 })).toThrow(TunesmithError);
    expect(() => asha({ brackets: 0 })).toThrow(/brackets: is 0; allowed: a whole number from 1/);
  });
});
