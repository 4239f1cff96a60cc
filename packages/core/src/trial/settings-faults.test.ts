import { expect, test } from "vitest";
import { settingsFaults } from "./settings-faults.ts";
import { type StudySettings, studySettingsDefaults } from "./study-settings.ts";

const settings: StudySettings = { ...studySettingsDefaults, sampler: { type: "random" }, scheduler: { type: "none" } };

test("the defaults have no fault, and neither has the least of everything", () => {
  expect(settingsFaults(settings)).toEqual([]);
  const least = {
    budget: { trials: 1, timeMs: 0.5, noImprovement: 1, steps: 0.1 },
    parallel: 1,
    retries: { infra: 0, error: 0 },
  };
  expect(settingsFaults({ ...settings, ...least, confirm: { top: 1, seeds: 1 } })).toEqual([]);
});

test("each number out of its range is named", () => {
  const budget = { trials: 0, timeMs: Number.POSITIVE_INFINITY, noImprovement: 1.5, steps: -1 };
  const wrong = { budget, parallel: 0, retries: { infra: -1, error: 0.5 }, confirm: { top: 0, seeds: Number.NaN } };
  expect(settingsFaults({ ...settings, ...wrong }).map(({ path }) => path)).toEqual([
    "budget.trials",
    "budget.timeMs",
    "budget.noImprovement",
    "budget.steps",
    "parallel",
    "retries.infra",
    "retries.error",
    "confirm.top",
    "confirm.seeds",
  ]);
});
