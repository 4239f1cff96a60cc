import { describe, expect, test } from "vitest";
import { float, int } from "../parameters/build-parameter.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { compileProblem, type ProblemSpec, problemJson } from "./problem-json.ts";

const settings = { budget: { trials: 9 }, parallel: 2 };
const spec: ProblemSpec = { parameters: { x: float(0, 1) }, objectives: [{ name: "loss", goal: "minimize" }], seed: 7 };

function faultsOf(changed: object): readonly string[] {
  try {
    compileProblem({ ...spec, ...changed }, 1, settings);
  } catch (error) {
    if (error instanceof TunesmithError) return error.faults.map(({ path, message }) => `${path} ${message}`);
    throw error;
  }
  return [];
}

describe("compileProblem", () => {
  test("fills in what is left out", () => {
    expect(compileProblem({ ...spec, fidelity: { name: "epochs", min: 1, max: 9 } }, 3, settings)).toMatchObject({
      revision: 3,
      objectives: [{ name: "loss", goal: "minimize", take: "last" }],
      outcomeConstraints: [],
      fidelity: { name: "epochs", min: 1, max: 9, unit: "steps", resume: "auto" },
      replicates: { kind: "repeats", count: 1 },
      seed: 7,
      trialBudget: 9,
      parallel: 2,
    });
  });

  test("takes back its own JSON unchanged", () => {
    const problem = compileProblem(
      { ...spec, outcomeConstraints: ["cost <= 3"], replicates: { kind: "folds", count: 5 } },
      1,
      settings,
    );
    const json = JSON.parse(JSON.stringify(problemJson(problem)));
    expect(problemJson(compileProblem(json as ProblemSpec, 1, settings))).toEqual(problemJson(problem));
  });

  test("keeps on record that nobody chose the seed; whoever gives one without a word has chosen it", () => {
    const drawn = problemJson(compileProblem({ ...spec, seedDrawn: true }, 1, settings));
    expect(compileProblem(drawn as unknown as ProblemSpec, 1, settings).seedDrawn).toBe(true);
    const given = problemJson(compileProblem(spec, 1, settings));
    expect(given).not.toHaveProperty("seedDrawn");
    expect(compileProblem(given as unknown as ProblemSpec, 1, settings).seedDrawn).toBe(false);
  });

  test("tells all faults at once, those of the parameters too", () => {
    const parameters = { x: { type: "float", min: 2, max: 1 }, n: int(1, 2) };
    const faults = faultsOf({ parameters, objectives: [], seed: -1, replicates: { kind: "copies", count: 0 } });
    expect(faults).toEqual([
      expect.stringMatching(/^parameters\.x/),
      "objectives none given; at least one is needed",
      'replicates.kind is "copies"; allowed: repeats, folds',
      "replicates.count is 0; allowed: a whole number from 1 to 1000",
      expect.stringMatching(/^seed is -1/),
    ]);
  });

  test.each([
    [{ objectives: [{ name: " ", goal: "minimize" }] }, "objective.name is empty"],
    [{ objectives: [{ name: "a", goal: "minimise" }] }, 'objective.goal is "minimise"; allowed: minimize, maximize'],
    [{ objectives: [{ name: "a", goal: "minimize", stopAt: Number.NaN }] }, "objective.stopAt is NaN; allowed: a finite number"],
    [
      { objectives: [{ name: "a", goal: "minimize", take: "mean:0" }] },
      'objective.take is "mean:0"; allowed: last, best, mean:3',
    ],
    [{ fidelity: { name: "e", min: 0, max: 9 } }, "fidelity.min is 0; allowed: a positive whole number"],
    [{ fidelity: { name: "e", min: 1.5, max: 9 } }, "fidelity.min is 1.5; allowed: a positive whole number"],
    [{ fidelity: { name: "e", min: 5, max: 3 } }, "fidelity.min 5 lies above max 3"],
    [{ fidelity: { name: "e", min: 1, max: 3, unit: "days" } }, 'fidelity.unit is "days"; allowed: steps, time, value'],
    [{ fidelity: { name: "e", min: 1, max: 3, resume: true } }, "fidelity.resume is true; allowed: auto, yes, no"],
  ])("refuses %j", (changed, fault) => {
    expect(faultsOf(changed)).toEqual([fault]);
  });

  test("objectives of one name are one fault each, constraints that cannot be read too", () => {
    const objectives = [
      { name: "a", goal: "minimize" },
      { name: "a", goal: "maximize" },
    ];
    expect(faultsOf({ objectives })).toEqual(["objectives.1.name a stands twice"]);
    expect(faultsOf({ outcomeConstraints: ["a <= 1", "a <="] })).toEqual([expect.stringMatching(/^outcomeConstraints\.1 /)]);
  });

  test("fidelities that are no steps may be fractions", () => {
    expect(faultsOf({ fidelity: { name: "share", min: 0.1, max: 1, unit: "value" } })).toEqual([]);
  });
});
