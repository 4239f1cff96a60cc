import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Decision } from "../../trial/trial.ts";
import { type ThresholdOptions, threshold } from "./threshold.ts";

const parameters = { x: float(0, 1) };
const fidelity = { min: 1, max: 10 };
const problem = testProblem({ parameters, fidelity });
const twoObjectives = testProblem({ parameters, fidelity, objectiveCount: 2 });

function judge(options: ThresholdOptions, losses: readonly number[], at = 3, on: Problem = problem): Decision {
  const study = new TestStudy(on);
  return threshold(options).onReport(on, study.history, study.report(study.add({ config: { x: 0.5 } }), at, losses));
}

describe("threshold", () => {
  it("stops a report outside its bounds; the bounds themselves are inside", () => {
    const bounds = { below: 1, above: 5 };
    expect([1, 3, 5].map((loss) => judge(bounds, [loss]).kind)).toEqual(["continue", "continue", "continue"]);
    expect(judge(bounds, [5.1])).toEqual({
      kind: "stop",
      why: { code: "threshold-above", metric: "loss0", fidelity: 3, value: 5.1, limit: 5 },
    });
    expect(judge(bounds, [0.5])).toMatchObject({ kind: "stop", why: { code: "threshold-below", value: 0.5, limit: 1 } });
  });

  it("means the user's own sign", () => {
    const accuracy: Problem = { ...problem, objectives: [{ name: "accuracy", goal: "maximize", take: "last" }] };
    expect(judge({ below: 0.5 }, [-0.4], 3, accuracy)).toMatchObject({ why: { metric: "accuracy", value: 0.4, limit: 0.5 } });
    expect(judge({ below: 0.5 }, [-0.6], 3, accuracy).kind).toBe("continue");
  });

  it("stops what is no number or infinite, without bounds too, in any objective", () => {
    expect(judge({}, [1e300]).kind).toBe("continue");
    expect(judge({}, [Number.NaN])).toEqual({
      kind: "stop",
      why: { code: "threshold-not-finite", metric: "loss0", fidelity: 3, value: "NaN" },
    });
    expect(judge({}, [-Infinity])).toMatchObject({ why: { value: "-Infinity" } });
    expect(judge({}, [1, Infinity], 3, twoObjectives)).toMatchObject({ why: { metric: "loss1", value: "Infinity" } });
    expect(judge({}, [1, 2], 3, twoObjectives).kind).toBe("continue");
  });

  it("judges the objective that is named", () => {
    expect(judge({ above: 5, metric: "loss1" }, [9, 4], 3, twoObjectives).kind).toBe("continue");
    expect(judge({ above: 5, metric: "loss1" }, [Number.NaN, 6], 3, twoObjectives)).toMatchObject({ why: { value: 6 } });
  });

  it("keeps still before the warm-up and judges the newest report only", () => {
    expect(judge({ above: 5, warmup: 4 }, [9], 3).kind).toBe("continue");
    expect(judge({ above: 5, warmup: 3 }, [9], 3).kind).toBe("stop");
    const study = new TestStudy(problem);
    const trial = study.add({ config: { x: 0.5 } });
    study.report(trial, 1, [9]);
    expect(threshold({ above: 5 }).onReport(problem, study.history, study.report(trial, 2, [1])).kind).toBe("continue");
  });

  it("needs no fidelity, and refuses what it cannot judge", () => {
    expect(threshold().refuse(testProblem({ parameters }))).toBeNull();
    expect(threshold().refuse(twoObjectives)).toBeNull();
    expect(threshold({ above: 1 }).refuse(twoObjectives)).toBe(
      "threshold bounds one metric, but there are 2 objectives: name one",
    );
    expect(threshold({ above: 1, metric: "loss2" }).refuse(twoObjectives)).toMatch(/loss2 is none; allowed: loss0, loss1/);
    expect(threshold().refuse(testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }))).toMatch(/only at the end/);
  });

  it("names wrong options", () => {
    expect(() => threshold({ below: 2, above: 1 })).toThrow(
      "threshold: below: is 2, greater than above, which is 1; allowed: at most that",
    );
    expect(() => threshold({ above: Infinity })).toThrow(/above: is Infinity; allowed: a number, or null for no bound/);
  });
});
