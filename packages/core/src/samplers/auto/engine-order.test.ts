import { describe, expect, test } from "vitest";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Parameters } from "../../parameters/parameter.ts";
import { testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import { engineOrder } from "./engine-order.ts";
import type { Progress } from "./progress.ts";

const floats = (d: number): Parameters => Object.fromEntries(Array.from({ length: d }, (_, j) => [`x${j}`, float(0, 1)]));
const choices = (d: number, k: number): Parameters =>
  Object.fromEntries(Array.from({ length: d }, (_, j) => [`c${j}`, categorical(Array.from({ length: k }, (_, i) => i))]));

/** Nobody's turn but the best sampler's. */
const improving: Progress = {
  ...{ trialNumber: 0, completeCount: 0, noiseShare: 0.5, staleCount: 0, pendingCount: 0 },
  durationMs: Number.NaN,
};

function first(parameters: Parameters, n: number, changes: Partial<Problem> & { objectiveCount?: number } = {}): string {
  const { objectiveCount = 1, ...problem } = changes;
  const progress = { ...improving, trialNumber: n, completeCount: n };
  const [{ reason, engine }] = engineOrder({ ...testProblem({ parameters, objectiveCount }), ...problem }, progress);
  return `${reason} ${engine}`;
}

function shortly(
  parameters: Parameters,
  durationMs: number,
  completeCount = 40,
  objectiveCount = 1,
  trialBudget: number | null = null,
): string {
  const problem = { ...testProblem({ parameters, objectiveCount }), trialBudget };
  const [{ reason, engine }] = engineOrder(problem, { ...improving, trialNumber: completeCount, completeCount, durationMs });
  return `${reason} ${engine}`;
}

/** Who is asked first for trials 40 to 47. */
function eight(progress: Partial<Progress>, parameters = floats(3), objectiveCount = 1): string {
  const problem = testProblem({ parameters, objectiveCount });
  const asked = Array.from({ length: 8 }, (_, i) => {
    const [{ reason, engine }] = engineOrder(problem, { ...improving, completeCount: 40, ...progress, trialNumber: 40 + i });
    return reason === "turn" || reason === "smooth" ? `${reason}:${engine}` : engine;
  });
  return asked.join(" ");
}

describe("engineOrder", () => {
  test.each<[string, string, string]>([
    ["a handful of configs", first({ a: boolean(), b: int(1, 3) }, 0), "tiny grid"],
    ["more configs than the budget", first({ a: boolean(), b: int(1, 3) }, 0, { trialBudget: 5 }), "design gp"],
    ["nothing known yet", first(floats(3), 0), "design gp"],
    ["the last trial of the design", first(floats(3), 4), "design gp"],
    ["nothing known yet of many choices", first(choices(11, 2), 0), "design qmc"],
    ["a few results", first(floats(3), 5), "model gp"],
    ["fifty-one parameters, 19 results", first(floats(51), 19), "design gp"],
    ["a budget of 20: a design of 3", first(floats(9), 3, { trialBudget: 20 }), "model gp"],
    ["199 results in two dimensions", first(floats(2), 199), "model gp"],
    ["200 results in two dimensions", first(floats(2), 200), "many-results cma-es"],
    ["200 results of 300", first(floats(2), 200, { trialBudget: 300 }), "model gp"],
    ["240 results in ten dimensions", first(floats(10), 240), "model gp"],
    ["250 results in ten dimensions", first(floats(10), 250), "many-results cma-es"],
    ["a budget of 10,000", first(floats(5), 10, { trialBudget: 10_000 }), "large-budget cma-es"],
    ["a budget of 10,000 in thirty dimensions", first(floats(30), 20, { trialBudget: 10_000 }), "model gp"],
    ["200 parameters", first(floats(200), 20), "model tpe"],
    ["200 parameters and 300 results", first(floats(200), 300), "model cma-es"],
    ["eleven choices", first(choices(11, 2), 20), "many-choices tpe"],
    ["four choices of 500", first(choices(4, 500), 20), "many-choices tpe"],
    ["a condition", first({ a: boolean(), b: float(0, 1, { when: { a: true } }) }, 20), "conditional gp"],
    ["a condition and 199 results", first({ a: boolean(), b: float(0, 1, { when: { a: true } }) }, 199), "conditional gp"],
    ["a condition and 200 results", first({ a: boolean(), b: float(0, 1, { when: { a: true } }) }, 200), "conditional tpe"],
    ["two objectives", first(floats(3), 20, { objectiveCount: 2 }), "several-objectives gp"],
    ["two objectives, 300 results", first(floats(3), 300, { objectiveCount: 2 }), "several-objectives nsga2"],
    ["five objectives, 300 results", first(floats(3), 300, { objectiveCount: 5 }), "several-objectives nsga3"],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  const conditional = { a: boolean(), b: float(0, 1, { when: { a: true } }) };
  test.each<[string, string, string]>([
    ["numbers", shortly(floats(3), 2), "short-trainings cma-es"],
    ["longer ones than the model thinks", shortly(floats(3), 50), "model gp"],
    ["of 8 ms after 40 results", shortly(floats(3), 8), "model gp"],
    ["of 8 ms after 150 results", shortly(floats(3), 8, 150), "short-trainings cma-es"],
    ["choices", shortly({ x: float(0, 1), c: categorical(["p", "q"]) }, 2), "short-trainings tpe"],
    ["conditions", shortly(conditional, 2), "short-trainings tpe"],
    ["two objectives", shortly(floats(3), 2, 40, 2), "short-trainings nsga2"],
    ["five objectives", shortly(floats(3), 2, 40, 5), "short-trainings nsga3"],
    ["no results yet", shortly(floats(3), 2, 0), "design gp"],
    ["too many results for the model", shortly(floats(3), 2, 400), "many-results cma-es"],
    ["a budget of 100 trials", shortly(floats(3), 2, 40, 1, 100), "model gp"],
  ])("short trainings, %s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test.each<[string, string, string]>([
    ["while the best sampler improves it has every turn", eight({}), "gp gp gp gp gp gp gp gp"],
    [
      "eight results without an improvement: every other turn is the second's",
      eight({ staleCount: 8 }),
      "gp turn:tpe gp turn:tpe gp turn:tpe gp turn:tpe",
    ],
    [
      "smooth losses: every fourth turn is a step downhill",
      eight({ noiseShare: 1e-5 }),
      "gp gp gp smooth:refine gp gp gp smooth:refine",
    ],
    [
      "smooth and no improvement: both",
      eight({ noiseShare: 1e-5, staleCount: 8 }),
      "gp turn:tpe gp smooth:refine gp turn:tpe gp smooth:refine",
    ],
    [
      "fewer than forty results: steps downhill, but no turns of the second",
      eight({ completeCount: 39, noiseShare: 0, staleCount: 8 }),
      "gp gp gp smooth:refine gp gp gp smooth:refine",
    ],
    [
      "fewer than twenty results: no turns",
      eight({ completeCount: 19, noiseShare: 0, staleCount: 8 }),
      "gp gp gp gp gp gp gp gp",
    ],
    [
      "many results: the evolution strategy has the gp's turns",
      eight({ completeCount: 400, noiseShare: 0, staleCount: 8 }),
      "cma-es turn:tpe cma-es smooth:refine cma-es turn:tpe cma-es smooth:refine",
    ],
    ["several objectives: no turns", eight({ noiseShare: 0, staleCount: 8 }, floats(3), 2), "gp gp gp gp gp gp gp gp"],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test("a large budget: the evolution strategy has every turn", () => {
    const problem = { ...testProblem({ parameters: floats(3) }), trialBudget: 10_000 };
    const asked = [40, 41, 42, 43].map(
      (trialNumber) =>
        engineOrder(problem, { ...improving, trialNumber, completeCount: 40, noiseShare: 0, staleCount: 9 })[0].engine,
    );
    expect(asked).toEqual(["cma-es", "cma-es", "cma-es", "cma-es"]);
  });

  test("with sixteen trials under way: sixteen results without an improvement", () => {
    const firstAt = (staleCount: number): string => eight({ staleCount, pendingCount: 16 }).split(" ")[1];
    expect([firstAt(15), firstAt(16)]).toEqual(["gp", "turn:tpe"]);
  });

  test("behind the one whose turn it is come the others", () => {
    const progress = { ...improving, trialNumber: 41, completeCount: 40, staleCount: 9 };
    expect(engineOrder(testProblem({ parameters: floats(3) }), progress)).toEqual([
      { engine: "tpe", reason: "turn" },
      { engine: "gp", reason: "model" },
      { engine: "cma-es", reason: "model" },
    ]);
  });
});
