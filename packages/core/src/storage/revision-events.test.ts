import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { revisionEvents } from "./revision-events.ts";

function changesOf(before: JsonObject, after: JsonObject): readonly string[] {
  const [revised, ...changes] = revisionEvents(before, after, 3);
  expect(revised).toEqual({ kind: "study-revised", ref: 3 });
  return changes.map(({ kind, ref }) => `${kind} ${ref}`);
}

describe("the events of a revision", () => {
  test.each([
    ["nothing where nothing changed", { budget: { trials: 9 }, parallel: 2 }, { parallel: 2, budget: { trials: 9 } }, []],
    ["what the trial budget was", { budget: { trials: 9 } }, { budget: { trials: 10 } }, ["trial-budget-changed 9"]],
    ["null where there was no trial budget", { budget: {} }, { budget: { trials: 10 } }, ["trial-budget-changed null"]],
    ["a trial budget that was taken away", { budget: { trials: 9 } }, { budget: { steps: 9 } }, ["trial-budget-changed 9"]],
    ["what the parallel count was", { parallel: 2 }, { parallel: 3 }, ["parallel-changed 2"]],
    [
      "both, the budget first",
      { budget: { trials: 9 }, parallel: 2 },
      { budget: { trials: 1 }, parallel: 1 },
      ["trial-budget-changed 9", "parallel-changed 2"],
    ],
    ["nothing about other limits", { budget: { timeMs: 1 } }, { budget: { timeMs: 2 } }, []],
    ["nothing where the settings hold no such numbers", { budget: "all", parallel: [1] }, { budget: [1], parallel: 0.5 }, []],
  ])("tell %s", (_, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});
