import { expect, test } from "vitest";
import { budgetEnd, maySuggest, type Progress } from "./budget.ts";

const progress: Progress = { trialCount: 10, activeMs: 500, sinceBestCount: 4, stepSum: 90, goalReached: false };

test.each([
  [{}, null],
  [{ trials: 10 }, null],
  [{ timeMs: 501 }, null],
  [{ timeMs: 500 }, "time"],
  [{ noImprovement: 5 }, null],
  [{ noImprovement: 4 }, "no_improvement"],
  [{ steps: 90.5 }, null],
  [{ steps: 90 }, "steps"],
] as const)("budget %j is ended by %s", (budget, cause) => {
  expect(budgetEnd(budget, progress)).toBe(cause);
});

test("a goal that is reached ends every study", () => {
  expect(budgetEnd({}, { ...progress, goalReached: true })).toBe("stop_at");
});

test("one more trial is allowed below the limit, or without one", () => {
  expect([{ trials: 10 }, { trials: 11 }, {}].map((budget) => maySuggest(budget, progress))).toEqual([false, true, true]);
});
