import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { asha } from "../asha.ts";
import { firstToStop } from "./first-to-stop.ts";
import { patience, patienceDefaults } from "./patience.ts";
import { threshold } from "./threshold.ts";

const parameters = { x: float(0, 1) };
const problem = testProblem({ parameters, fidelity: { min: 1, max: 9 } });

describe("firstToStop", () => {
  it("does what the first rule says that does not let a trial go on", () => {
    const study = new TestStudy(problem);
    const rule = firstToStop([patience({ reports: 1, keep: 0 }), threshold({ above: 5 })]);
    const trial = study.add({ config: { x: 0.5 } });
    const decide = (at: number, loss: number) => rule.onReport(problem, study.history, study.report(trial, at, [loss]));
    expect(decide(1, 4).kind).toBe("continue");
    expect(decide(2, 9)).toMatchObject({ kind: "stop", why: { code: "patience" } });
    expect(rule.onReport(problem, study.history, study.report(study.add({ config: { x: 0.5 } }), 1, [9]))).toMatchObject({
      why: { code: "threshold-above" },
    });
  });

  it("starts trials as the first rule does", () => {
    const { history } = new TestStudy(problem);
    const scheduler = asha({ brackets: 2 });
    const joined = firstToStop([scheduler, threshold()]);
    const starts = Array.from({ length: 20 }, (_, number) => joined.start(problem, history, number));
    expect(starts).toEqual(starts.map((_, number) => scheduler.start(problem, history, number)));
    expect(new Set(starts.map(({ bracket }) => bracket))).toEqual(new Set([0, 1]));
    expect(joined.resume(problem, history)).toBeNull();
  });

  it("decides where any of them may", () => {
    expect(firstToStop([asha({ eta: 2 }), asha()]).decisionFidelities(problem, 0)).toEqual([1, 2, 3, 4, 8]);
    expect(firstToStop([asha(), threshold()]).decisionFidelities(problem, 0)).toBeNull();
  });

  it("has its rules as options and refuses for each of them", () => {
    const rule = firstToStop([asha(), patience({ reports: 3 })]);
    expect(rule.options).toEqual({
      rules: [
        { type: "asha", eta: 3, brackets: 1 },
        { type: "patience", ...patienceDefaults, reports: 3 },
      ],
    });
    expect(rule.refuse(problem)).toBeNull();
    expect(rule.refuse(testProblem({ parameters, fidelity: { min: 1, max: 9, unit: "value" } }))).toBe(
      "asha judges trials on their way, but with fidelity unit value they report only at the end; patience judges trials on their way, but with fidelity unit value they report only at the end",
    );
  });

  it("needs a rule", () => {
    expect(() => firstToStop([])).toThrow("first-to-stop: rules: is an empty list; allowed: one rule or more");
  });
});
