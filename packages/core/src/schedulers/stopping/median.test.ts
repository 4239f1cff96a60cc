import { expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { median, medianDefaults } from "./median.ts";

const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 10 } });

it("stops the worse half", () => {
  const study = new TestStudy(problem);
  for (const loss of [1, 2, 3, 4, 5, 6]) {
    const trial = study.add({ config: { x: 0.5 } });
    for (let step = 1; step <= 10; step++) study.report(trial, step, [loss]);
    study.finish(trial, { losses: [loss] });
  }
  const decide = (loss: number) =>
    median().onReport(problem, study.history, study.report(study.add({ config: { x: 0.5 } }), 3, [loss]));
  expect(decide(3.4)).toEqual({ kind: "continue" });
  // The trial above came as far: the median of 1, 2, 3, 3.4, 4, 5 and 6.
  expect(decide(3.5)).toEqual({
    kind: "stop",
    why: { code: "percentile", percentile: 50, fidelity: 3, of: 7, best: 3.5, limit: 3.4 },
  });
});

it("has the percentile rule's options but for the percentile", () => {
  expect(median({ startup: 2 }).options).toEqual({ ...medianDefaults, startup: 2 });
  expect(Object.isFrozen(medianDefaults)).toBe(true);
  expect(median().type).toBe("median");
  expect(() => median({ keep: 0.5 })).toThrow("median: keep: is 0.5; allowed: a whole number from 0");
  expect(median().refuse(testProblem({ parameters: { x: float(0, 1) } }))).toMatch(/^median stops trials early/);
});
