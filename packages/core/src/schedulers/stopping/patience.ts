import { toWireNumber } from "../../json.ts";
import type { Curve, History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import type { Scheduler } from "../scheduler.ts";
import { bestLoss, inOwnSign, judgedCurves, judgedObjective, lastFidelity, metricRefusal, worstIfNaN } from "./judged-curves.ts";
import { countFault, isFiniteNumber, metricFault, optionFault, warmupFault } from "./option-fault.ts";
import { onTheWayRefusal, stoppingRule } from "./stopping-rule.ts";

export interface PatienceOptions {
  /** How many reports in a row may bring no improvement. At least 1. */
  readonly reports?: number;
  /** By how much more than nothing they must improve to count; in the objective's unit, at least 0. */
  readonly minChange?: number;
  /** No trial is stopped before this fidelity; in the fidelity's unit. */
  readonly warmup?: number;
  /** A trial that fewer complete trials than these beat goes on. */
  readonly keep?: number;
  /** Name of the objective to judge by; null for all of them. */
  readonly metric?: string | null;
}

type PatienceSettings = Required<PatienceOptions>;

export const patienceDefaults: PatienceSettings = Object.freeze({ reports: 5, minChange: 0, warmup: 0, keep: 3, metric: null });

/**
 * Stops a training that no longer improves on itself: the best of its last reports is not better, by more than `minChange`, than the
 * best before them. With several objectives: each of the last reports is matched, but for `minChange`, by one before them in all.
 *
 * Only a complete trial can be a study's result, so one that could still be it goes on: see `keep`. NaN never improves.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Cost: O(trials + own reports) time per report; with several objectives O(own reports · `reports`).
 * Source: L. Prechelt (1998), "Early stopping – but when?", https://doi.org/10.1007/3-540-49430-8_3, its third class of criteria.
 * Departs: counts reports, not strips of them, and compares with the best before, not with the report before.
 */
export function patience(options: PatienceOptions = {}): Scheduler {
  const settings = { ...patienceDefaults, ...options };
  throwFaults("patience", optionFaults(settings));
  const { metric } = settings;
  return stoppingRule({
    type: "patience",
    options: { ...settings },
    refuse: (problem) => onTheWayRefusal("patience", problem) ?? metricRefusal("patience", metric, problem.objectives),
    whyStop: (problem, history, row) => whyStop(settings, problem, history, row),
  });
}

function whyStop(settings: PatienceSettings, problem: Problem, history: History, row: number): Why | null {
  const { reports, minChange, warmup, keep, metric } = settings;
  const curves = judgedCurves(problem, history, metric);
  const curve = curves.curve(row);
  const fidelity = lastFidelity(curve);
  if (fidelity < warmup || !hasStalled(curve, curves.lossCount, reports, minChange)) return null;
  if (betterCompleteCount(history, row) < keep) return null;
  const numbers = { reports, minChange, fidelity };
  if (curves.lossCount > 1) return { code: "patience-front", ...numbers };
  const { goal } = judgedObjective(problem, metric);
  return { code: "patience", ...numbers, best: toWireNumber(inOwnSign(bestLoss(curve, curve.count), goal)) };
}

/**
 * Whether none of the last `reports` reports improves on the ones before.
 *
 * @param m  Losses of one report.
 */
export function hasStalled({ count, losses }: Curve, m: number, reports: number, minChange: number): boolean {
  const before = count - reports;
  if (before < 1) return false;
  const isMatchedBy = (i: number, j: number): boolean => {
    for (let k = 0; k < m; k++) if (losses[i * m + k] < worstIfNaN(losses[j * m + k]) - minChange) return false;
    return true;
  };
  for (let i = before; i < count; i++) {
    let j = before - 1;
    while (j >= 0 && !isMatchedBy(i, j)) j--;
    if (j < 0) return false;
  }
  return true;
}

/**
 * Complete, feasible trials whose result beats what the row's trial has shown: its best loss so far, or with several objectives its
 * newest ones, which they must dominate. Always by the objectives, for they decide which trial is best.
 */
function betterCompleteCount(history: History, row: number): number {
  const { objectiveCount: m, rows, states, violations, losses } = history;
  const curve = history.curve(row);
  const shown = m === 1 ? [bestLoss(curve, curve.count)] : [...curve.losses.subarray((curve.count - 1) * m, curve.count * m)];
  let count = 0;
  for (const other of rows) {
    if (states[other] !== trialStateCodes.complete || violations[other] !== 0) continue;
    if (beats(losses.subarray(other * m, (other + 1) * m), shown)) count++;
  }
  return count;
}

/** No worse in every loss and better in one; NaN is worst. */
function beats(losses: Float64Array, shown: readonly number[]): boolean {
  let isBetter = false;
  for (let k = 0; k < shown.length; k++) {
    const least = worstIfNaN(shown[k]);
    if (!(losses[k] <= least)) return false;
    if (losses[k] < least) isBetter = true;
  }
  return isBetter;
}

function optionFaults({ reports, minChange, warmup, keep, metric }: PatienceSettings): Fault[] {
  return [
    ...countFault("reports", reports, 1),
    ...optionFault("minChange", minChange, isFiniteNumber(minChange) && minChange >= 0, "a number from 0"),
    ...warmupFault(warmup),
    ...countFault("keep", keep, 0),
    ...metricFault(metric),
  ];
}
