import { expect, test } from "vitest";
import { float } from "../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "./test-study.ts";

test("a fork of a test study knows how long its trials took, as far as that was said", () => {
  const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) } }));
  study.addFinished({ x: 0.5 }, { losses: [1], durationMs: 12.5 });
  study.addFinished({ x: 0.6 }, { losses: [2] });
  study.add({ config: { x: 0.7 } });
  expect([...study.fork().history.durationsMs.subarray(0, 3)]).toEqual([12.5, Number.NaN, Number.NaN]);
});
