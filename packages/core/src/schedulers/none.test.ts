import { expect, it } from "vitest";
import { int } from "../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../testing/test-study.ts";
import { none } from "./none.ts";

it("trains every trial to the greatest fidelity and never stops one", () => {
  const problem = testProblem({ parameters: { a: int(1, 9) }, fidelity: { min: 1, max: 81 } });
  const study = new TestStudy(problem);
  const trial = study.add({ config: { a: 1 } });
  const row = study.report(trial, 1, [Number.NaN]);
  expect(none().start(problem, study.history, 0)).toEqual({ target: 81, bracket: 0 });
  expect(none().onReport(problem, study.history, row)).toEqual({ kind: "continue" });
  expect(none().resume(problem, study.history)).toBeNull();
  expect(none().decisionFidelities(problem, 0)).toEqual([]);
});

it("has no target without a fidelity", () => {
  const problem = testProblem({ parameters: { a: int(1, 9) } });
  expect(none().start(problem, new TestStudy(problem).history, 0)).toEqual({ target: null, bracket: 0 });
});
