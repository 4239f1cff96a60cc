import { describe, expect, test } from "vitest";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Parameters } from "../../parameters/parameter.ts";
import { testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import { engineOrder } from "./engine-order.ts";

const floats = (d: number): Parameters => Object.fromEntries(Array.from({ length: d }, (_, j) => [`x${j}`, float(0, 1)]));
const choices = (d: number, k: number): Parameters =>
  Object.fromEntries(Array.from({ length: d }, (_, j) => [`c${j}`, categorical(Array.from({ length: k }, (_, i) => i))]));

function first(parameters: Parameters, n: number, changes: Partial<Problem> & { objectiveCount?: number } = {}): string {
  const { objectiveCount = 1, ...problem } = changes;
  const { reason, engines } = engineOrder(
    { ...testProblem({ parameters, objectiveCount }), ...problem },
    { trialNumber: n - (n % 5), completeCount: n },
  );
  return `${reason} ${engines[0]}`;
}

describe("engineOrder", () => {
  test.each<[string, string, string]>([
    ["a handful of configs", first({ a: boolean(), b: int(1, 3) }, 0), "tiny grid"],
    ["more configs than the budget", first({ a: boolean(), b: int(1, 3) }, 0, { trialBudget: 5 }), "design qmc"],
    ["nothing known yet", first(floats(3), 0), "design qmc"],
    ["the last trial of the design", first(floats(3), 4), "design qmc"],
    ["a few results", first(floats(3), 5), "model gp"],
    ["fifty-one parameters, 19 results", first(floats(51), 19), "design qmc"],
    ["a budget of 20: a design of 3", first(floats(9), 3, { trialBudget: 20 }), "model gp"],
    ["100 results in two dimensions", first(floats(2), 100), "many-results cma-es"],
    ["100 results of 150", first(floats(2), 100, { trialBudget: 150 }), "model gp"],
    ["240 results in ten dimensions", first(floats(10), 240), "model gp"],
    ["250 results in ten dimensions", first(floats(10), 250), "many-results cma-es"],
    ["a budget of 10,000", first(floats(5), 10, { trialBudget: 10_000 }), "large-budget cma-es"],
    ["a budget of 10,000 in thirty dimensions", first(floats(30), 20, { trialBudget: 10_000 }), "model gp"],
    ["200 parameters", first(floats(200), 20), "model tpe"],
    ["200 parameters and 300 results", first(floats(200), 300), "model cma-es"],
    ["eleven choices", first(choices(11, 2), 20), "many-choices tpe"],
    ["four choices of 500", first(choices(4, 500), 20), "many-choices tpe"],
    ["a condition", first({ a: boolean(), b: float(0, 1, { when: { a: true } }) }, 20), "conditional gp"],
    ["a condition and 200 results", first({ a: boolean(), b: float(0, 1, { when: { a: true } }) }, 200), "conditional tpe"],
    ["two objectives", first(floats(3), 20, { objectiveCount: 2 }), "several-objectives gp"],
    ["two objectives, 300 results", first(floats(3), 300, { objectiveCount: 2 }), "several-objectives nsga2"],
    ["five objectives, 300 results", first(floats(3), 300, { objectiveCount: 5 }), "several-objectives nsga3"],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test("every fifth trial from the twentieth result on is the second best's", () => {
    const problem = testProblem({ parameters: floats(3) });
    const asked = Array.from({ length: 10 }, (_, i) => engineOrder(problem, { trialNumber: 20 + i, completeCount: 20 + i }));
    expect(asked.map(({ engines }) => engines[0])).toEqual(["gp", "gp", "gp", "gp", "tpe", "gp", "gp", "gp", "gp", "tpe"]);
    expect(asked[4]).toEqual({ reason: "hedge", engines: ["tpe", "gp", "cma-es"] });
  });
});
