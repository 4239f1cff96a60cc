import { describe, expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Problem } from "../trial/problem.ts";
import type { TrialState } from "../trial/trial-state.ts";
import { importance } from "./importance.ts";
import { studyImportance } from "./study-importance.ts";

const space = createSpace({ a: float(0, 1), b: float(0, 1) });
const objectives: Problem["objectives"] = [
  { name: "loss", goal: "minimize", take: "last" },
  { name: "accuracy", goal: "maximize", take: "last" },
];
const problem = { space, objectives, seed: 9 };

function trials(n: number, state: TrialState = "complete") {
  const rng = createRng(2);
  return Array.from({ length: n }, () => {
    const config = { a: rng.uniform(), b: rng.uniform() };
    return { state, config, values: [config.a, -(config.b ** 2)] };
  });
}

describe("studyImportance", () => {
  it("gives one result per objective, each from its own values", () => {
    const [loss, accuracy] = studyImportance(trials(60), problem);
    expect([loss.objective, loss.parameters[0].name]).toEqual(["loss", "a"]);
    expect([accuracy.objective, accuracy.parameters[0].name]).toEqual(["accuracy", "b"]);
  });

  it("takes the study's seed, and minimises what is to be maximised", () => {
    const [, accuracy] = studyImportance(trials(60), problem);
    const { objective, ...rest } = accuracy;
    const losses = trials(60).map(({ config, values }) => ({ config, loss: -values[1] }));
    expect(rest).toEqual(importance(losses, space, { seed: 9 }));
    expect(studyImportance(trials(60), problem, { seed: 3 })[1].parameters).not.toEqual(accuracy.parameters);
    expect(objective).toBe("accuracy");
  });

  it("counts complete trials only, and stopped ones if told so", () => {
    const stopped = trials(50, "stopped");
    const unfinished = [...trials(5, "failed"), ...trials(5, "running"), ...trials(5, "cancelled")].map((trial) => ({
      ...trial,
      values: null,
    }));
    const all = [...trials(10), ...stopped, ...unfinished];
    expect(studyImportance(all, problem)[0].withheld).toEqual({ code: "importance-few-trials", trialCount: 10, required: 30 });
    const [including] = studyImportance(all, problem, { includeStopped: true });
    expect([including.trialCount, including.withheld]).toEqual([60, null]);
  });

  it("leaves a trial out of the objective that it has no number for", () => {
    const half = trials(60).map((trial, i) => (i < 20 ? { ...trial, values: [trial.values[0], Number.NaN] } : trial));
    expect(studyImportance(half, problem).map(({ trialCount }) => trialCount)).toEqual([60, 40]);
  });
});
