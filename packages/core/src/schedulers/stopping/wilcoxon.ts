import type { Curve, History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import type { Scheduler } from "../scheduler.ts";
import { judgedCurves, metricRefusal, worstIfNaN } from "./judged-curves.ts";
import { countFault, isFiniteNumber, metricFault, optionFault } from "./option-fault.ts";
import { signedRankTest } from "./signed-rank.ts";
import { onTheWayRefusal, stoppingRule } from "./stopping-rule.ts";

export interface WilcoxonOptions {
  /** Stop below this chance of so bad a result by luck. Between 0 and 1. */
  readonly p?: number;
  /** Folds to share with the best trial before one is stopped. At least 1; below 4 no chance is under 0.1. */
  readonly startup?: number;
  /** Name of the objective to judge by; null for the only one. */
  readonly metric?: string | null;
}

type WilcoxonSettings = Required<WilcoxonOptions>;

export const wilcoxonDefaults: WilcoxonSettings = Object.freeze({ p: 0.1, startup: 2, metric: null });

/**
 * For trials whose steps are folds, or other instances, with a loss each: stops a trial that is worse than the best complete one on
 * the folds both have seen, by the one-sided signed-rank test of their differences and in the mean. The order of folds may differ.
 *
 * The best trial is the feasible one of least loss, the lower number of equals. NaN is worst.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Departs: the test is made at each report, so that the chance to stop an equal trial at some fold is greater than `p`.
 */
export function wilcoxon(options: WilcoxonOptions = {}): Scheduler {
  const settings = { ...wilcoxonDefaults, ...options };
  throwFaults("wilcoxon", optionFaults(settings));
  return stoppingRule({
    type: "wilcoxon",
    options: { ...settings },
    refuse: (problem) => refusal(settings, problem),
    whyStop: (problem, history, row) => whyStop(settings, problem, history, row),
  });
}

function refusal({ metric }: WilcoxonSettings, problem: Problem): string | null {
  const { fidelity, objectives } = problem;
  if (fidelity?.unit === "time") return "wilcoxon pairs reports by step, but with fidelity unit time no two are at the same one";
  if (metric === null && objectives.length > 1)
    return `wilcoxon compares trials by one loss, but there are ${objectives.length} objectives: name one`;
  return onTheWayRefusal("wilcoxon", problem) ?? metricRefusal("wilcoxon", metric, objectives);
}

function whyStop({ p: limit, startup, metric }: WilcoxonSettings, problem: Problem, history: History, row: number): Why | null {
  const column = metric === null ? 0 : problem.objectives.findIndex(({ name }) => name === metric);
  const best = bestComplete(history, column);
  if (best < 0) return null;
  const { curve } = judgedCurves(problem, history, metric);
  const differences = pairedDifferences(curve(row), curve(best));
  if (differences.length < startup || !(differences.reduce((a, b) => a + b, 0) > 0)) return null;
  const { p, positiveRankSum } = signedRankTest(differences);
  if (!(p < limit)) return null;
  return { code: "wilcoxon", p, limit, rankSum: positiveRankSum, folds: differences.length, best: history.numbers[best] };
}

/** Row of the complete and feasible trial of least loss; −1 without one. */
function bestComplete({ rows, states, violations, losses, objectiveCount: m }: History, column: number): number {
  let best = -1;
  for (const row of rows) {
    if (states[row] !== trialStateCodes.complete || violations[row] !== 0 || Number.isNaN(losses[row * m + column])) continue;
    if (best < 0 || losses[row * m + column] < losses[best * m + column]) best = row;
  }
  return best;
}

/**
 * Losses of one trial less those of another on the folds that both report; positive where the first is worse.
 *
 * @param of, from  One loss a report; NaN is as bad as infinity, and two of these do not differ.
 */
export function pairedDifferences(of: Curve, from: Curve): number[] {
  const differences: number[] = [];
  for (let i = 0, j = 0; i < of.count && j < from.count; ) {
    if (of.fidelities[i] < from.fidelities[j]) i++;
    else if (of.fidelities[i] > from.fidelities[j]) j++;
    else {
      const [a, b] = [worstIfNaN(of.losses[i++]), worstIfNaN(from.losses[j++])];
      differences.push(a === b ? 0 : a - b);
    }
  }
  return differences;
}

function optionFaults({ p, startup, metric }: WilcoxonSettings): Fault[] {
  return [
    ...optionFault("p", p, isFiniteNumber(p) && p > 0 && p < 1, "a number between 0 and 1"),
    ...countFault("startup", startup, 1),
    ...metricFault(metric),
  ];
}
