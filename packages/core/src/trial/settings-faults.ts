import type { Fault } from "../tunesmith-error.ts";
import type { StudySettings } from "./study-settings.ts";

/** What is wrong with the numbers among a study's settings. */
export function settingsFaults({ budget, parallel, retries, confirm }: StudySettings): Fault[] {
  return [
    ...limitFaults("budget.trials", budget.trials, isCount, "a whole number from 1"),
    ...limitFaults("budget.timeMs", budget.timeMs, isAmount, "a number above 0"),
    ...limitFaults("budget.noImprovement", budget.noImprovement, isCount, "a whole number from 1"),
    ...limitFaults("budget.steps", budget.steps, isAmount, "a number above 0"),
    ...limitFaults("parallel", parallel, isCount, "a whole number from 1"),
    ...limitFaults("retries.infra", retries.infra, isCountOrNone, "a whole number from 0"),
    ...limitFaults("retries.error", retries.error, isCountOrNone, "a whole number from 0"),
    ...limitFaults("confirm.top", confirm?.top, isCount, "a whole number from 1"),
    ...limitFaults("confirm.seeds", confirm?.seeds, isCount, "a whole number from 1"),
  ];
}

function limitFaults(path: string, value: number | undefined, holds: (value: number) => boolean, allowed: string): Fault[] {
  return value === undefined || holds(value) ? [] : [{ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` }];
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function isCountOrNone(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
