import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { TrialState } from "../../trial/trial-state.ts";
import { candidatesOf, drawParent, possibleParents } from "./mating-pool.ts";

const parameters = { x: float(0, 1) };
const config = { x: 0.5 };

/** A study that trains to 9, one trial per entry. */
function studyOf(trials: readonly (readonly [TrialState, number, number])[]): TestStudy {
  const study = new TestStudy(testProblem({ parameters, fidelity: { min: 1, max: 9 } }));
  for (const [state, fidelity, loss] of trials) {
    const trial = study.add({ config });
    if (fidelity > 0) study.report(trial, fidelity, [loss]);
    study.finish(trial, { state, losses: state === "complete" ? [loss] : null });
  }
  return study;
}

const parentsOf = ({ problem, history }: TestStudy): number[] => [
  ...possibleParents(problem, history, [...history.rows].reverse()),
];

describe("possibleParents", () => {
  it("are the complete ones and what was stopped at the full fidelity, by trial number", () => {
    const study = studyOf([
      ["complete", 9, 1],
      ["stopped", 3, 0],
      ["failed", 9, 0],
      ["stopped", 9, 2],
      ["cancelled", 9, 0],
      ["complete", 9, Number.NaN],
      ["complete", 9, 5],
    ]);
    expect(parentsOf(study)).toEqual([0, 3, 6]);
  });

  it("are the other stopped ones when nothing else is there, never those without a loss", () => {
    const study = studyOf([
      ["stopped", 3, 1],
      ["failed", 9, 0],
      ["stopped", 0, 0],
      ["stopped", 1, 2],
    ]);
    expect(parentsOf(study)).toEqual([0, 3]);
  });
});

describe("candidatesOf", () => {
  const violations = (constrained: boolean): number[] => {
    const study = new TestStudy(testProblem({ parameters, constrained }));
    for (const violation of [0, 0.3, Number.NaN, -1]) study.addFinished(config, { losses: [1], violation });
    return [...candidatesOf(study.problem, study.history, study.history.rows).violations];
  };

  it("take an unknown violation for the worst, and none at all without constraints", () => {
    expect(violations(true)).toEqual([0, 0.3, Infinity, 0]);
    expect(violations(false)).toEqual([0, 0, 0, 0]);
  });
});

describe("drawParent", () => {
  it("draws the winner of two by rank, then crowding", () => {
    const pool = {
      numbers: Int32Array.of(0, 1, 2),
      points: new Float64Array(3),
      fitness: { ranks: Int32Array.of(1, 0, 0), crowding: Float64Array.of(Infinity, 0.5, 2) },
      frontCount: 2,
    };
    const rng = createRng(1, "tournament");
    const counts = [0, 0, 0];
    const n = 9_000;
    for (let i = 0; i < n; i++) counts[drawParent(pool, rng)]++;
    // Of nine equally likely pairs 0 wins one, 1 three and 2 five.
    [1, 3, 5].forEach((pairs, i) => {
      expect(Math.abs(counts[i] / n - pairs / 9)).toBeLessThan(4 * Math.sqrt((pairs / 9) * (1 - pairs / 9) * (1 / n)));
    });
  });
});
