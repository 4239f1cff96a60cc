import { toWireNumber } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import type { Scheduler } from "../scheduler.ts";
import { inOwnSign, judgedCurves, judgedObjective, metricRefusal } from "./judged-curves.ts";
import { isFiniteNumber, metricFault, optionFault, warmupFault } from "./option-fault.ts";
import { onTheWayRefusal, stoppingRule } from "./stopping-rule.ts";

export interface ThresholdOptions {
  /** Stop a trial that reports less than this, in the metric's own sign; null for no bound. */
  readonly below?: number | null;
  /** Stop a trial that reports more than this, in the metric's own sign; null for no bound. */
  readonly above?: number | null;
  /** No trial is stopped before this fidelity; in the fidelity's unit. */
  readonly warmup?: number;
  /** Name of the objective to judge by; null for the only one. */
  readonly metric?: string | null;
}

type ThresholdSettings = Required<ThresholdOptions>;

export const thresholdDefaults: ThresholdSettings = Object.freeze({ below: null, above: null, warmup: 0, metric: null });

/**
 * Stops a trial whose newest report is outside fixed bounds, NaN or infinite, whatever the others do. Without bounds only the last
 * two; with several objectives and no metric named, if one of them is.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function threshold(options: ThresholdOptions = {}): Scheduler {
  const settings = { ...thresholdDefaults, ...options };
  throwFaults("threshold", optionFaults(settings));
  return stoppingRule({
    type: "threshold",
    options: { ...settings },
    refuse: (problem) => refusal(settings, problem),
    whyStop: (problem, history, row) => whyStop(settings, problem, history, row),
  });
}

function refusal({ below, above, metric }: ThresholdSettings, problem: Problem): string | null {
  const { objectives } = problem;
  if (metric === null && objectives.length > 1 && (below !== null || above !== null))
    return `threshold bounds one metric, but there are ${objectives.length} objectives: name one`;
  return onTheWayRefusal("threshold", problem) ?? metricRefusal("threshold", metric, objectives);
}

function whyStop(settings: ThresholdSettings, problem: Problem, history: History, row: number): Why | null {
  const { below, above, warmup, metric } = settings;
  const { curve, lossCount: m } = judgedCurves(problem, history, metric);
  const { count, fidelities, losses } = curve(row);
  const fidelity = fidelities[count - 1];
  if (fidelity < warmup) return null;
  const newest = losses.subarray((count - 1) * m, count * m);
  const at = Math.max(
    0,
    newest.findIndex((loss) => !Number.isFinite(loss)),
  );
  const objective = m > 1 ? problem.objectives[at] : judgedObjective(problem, metric);
  const value = inOwnSign(newest[at], objective.goal);
  const found = { metric: objective.name, fidelity, value: toWireNumber(value) };
  if (!Number.isFinite(value)) return { code: "threshold-not-finite", ...found };
  if (below !== null && value < below) return { code: "threshold-below", ...found, limit: below };
  if (above !== null && value > above) return { code: "threshold-above", ...found, limit: above };
  return null;
}

function optionFaults({ below, above, warmup, metric }: ThresholdSettings): Fault[] {
  const faults = [
    ...optionFault("below", below, below === null || isFiniteNumber(below), "a number, or null for no bound"),
    ...optionFault("above", above, above === null || isFiniteNumber(above), "a number, or null for no bound"),
    ...warmupFault(warmup),
    ...metricFault(metric),
  ];
  if (faults.length === 0 && below !== null && above !== null && below > above)
    faults.push({ path: "below", message: `is ${below}, greater than above, which is ${above}; allowed: at most that` });
  return faults;
}
