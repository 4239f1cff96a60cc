import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { compareVerdicts, type Individual, rankPopulation, verdictOf } from "./population.ts";

function individual(trial: number, loss: number, foreign = false): Individual {
  return { genotype: Float64Array.of(loss), foreign, verdict: { rank: 0, first: loss, second: 0, trial } };
}

describe("the ranking of trials", () => {
  it("is complete and feasible by loss, stopped by how far, infeasible by violation, without a value last", () => {
    const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) }, constrained: true }));
    const add = (
      losses: number[] | null,
      violation: number,
      state: "complete" | "stopped" | "failed" = "complete",
      fidelity = 0,
    ): void => {
      const trial = study.add({ config: { x: 0.5 } });
      if (fidelity > 0) study.report(trial, fidelity, [7]);
      study.finish(trial, { state, losses, violation });
    };
    add([Number.NaN], 0);
    add(null, Number.NaN, "failed");
    add([1], 3);
    add([9], 1);
    add([1], Number.NaN);
    add(null, Number.NaN, "stopped", 2);
    add(null, Number.NaN, "stopped", 5);
    add([Infinity], 0);
    add([4], 0);
    add([-Infinity], 0);
    add([4], 0);
    const { rows } = study.history;
    const verdicts = [...rows].map((row) => verdictOf(study.history, row, true));
    expect(verdicts.sort(compareVerdicts).map(({ trial }) => trial)).toEqual([9, 8, 10, 7, 6, 5, 3, 2, 4, 0, 1]);
  });

  it("takes in from elsewhere what is better than the better half, and keeps its size", () => {
    const own = [5, 1, 4, 2, 3, 6].map((loss, i) => individual(i, loss));
    const late = [0, 2.5, 3.5, 9].map((loss, i) => individual(10 + i, loss, true));
    expect(rankPopulation(own, late, 3).map(({ verdict }) => verdict.first)).toEqual([0, 1, 2, 2.5, 3, 4]);
    expect(rankPopulation(own, [], 3).map(({ verdict }) => verdict.first)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("lets newcomers take at most the better half", () => {
    const own = [11, 12, 13, 14].map((loss, i) => individual(i, loss));
    const late = [1, 2, 3, 4].map((loss, i) => individual(10 + i, loss, true));
    expect(rankPopulation(own, late, 2).map(({ verdict }) => verdict.first)).toEqual([1, 2, 11, 12]);
  });
});
