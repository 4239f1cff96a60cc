import { type JsonObject, toWireNumber } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import type { Scheduler } from "../scheduler.ts";
import { inOwnSign, judgedCurves, judgedObjective, lastFidelity, metricRefusal } from "./judged-curves.ts";
import { countFault, isFiniteNumber, metricFault, optionFault, warmupFault } from "./option-fault.ts";
import { type Standings, standingsAtLast } from "./standings.ts";
import { onTheWayRefusal, stoppingRule } from "./stopping-rule.ts";

export interface PercentileOptions {
  /** A trial goes on while it stands no worse than this percentile of the others: 25 lets about the best quarter go on. 0 to 100. */
  readonly percentile?: number;
  /** Complete trials there must be before one is stopped. */
  readonly startup?: number;
  /** No trial is stopped before this fidelity; in the fidelity's unit. */
  readonly warmup?: number;
  /** Shares of the greatest fidelity between which trials are stopped, both included. */
  readonly window?: readonly [from: number, to: number];
  /** The best so many at a fidelity go on whatever the percentile. */
  readonly keep?: number;
  /** Name of the objective to judge by; null for all of them. */
  readonly metric?: string | null;
}

export type PercentileSettings = Required<PercentileOptions>;

export const percentileDefaults: PercentileSettings = Object.freeze({
  percentile: 25,
  startup: 5,
  warmup: 0,
  window: Object.freeze([0.2, 0.9] as const),
  keep: 3,
  metric: null,
});

/** Fewer other curves than these give no percentile. Source: Ax, as the rule's other safety features. */
const fewestCurves = 3;

/**
 * Stops a trial whose best loss so far is worse than a percentile of the other trials' losses at the same fidelity. With several
 * objectives the non-domination ranks of their newest losses are compared: the front always goes on.
 *
 * All trials that came as far are compared with, however they ended. A trial whose newest loss is NaN stands worst; equals are not
 * stopped. Between two of the others' losses the percentile is interpolated linearly.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Cost: O(all reports) time per report.
 * Source: the median rule is that of D. Golovin et al. (2017), "Google Vizier: a service for black-box optimization", Sec. 3.2.2,
 * https://doi.org/10.1145/3097983.3098043; the safety features (fewest curves, window of progress, the best that are kept) are those
 * of the Ax platform, https://ax.dev
 * Departs: compares with the others' newest losses, where the paper takes the mean of their losses so far, which early losses dominate.
 */
export function percentile(options: PercentileOptions = {}): Scheduler {
  const settings = { ...percentileDefaults, ...options };
  return percentileRule("percentile", { ...settings }, settings);
}

/** The rule under another name. @param shown  The options as its user knows them. */
export function percentileRule(type: string, shown: JsonObject, settings: PercentileSettings): Scheduler {
  throwFaults(type, optionFaults(settings));
  return stoppingRule({
    type,
    options: shown,
    refuse: (problem) => refusal(type, settings, problem),
    whyStop: (problem, history, row) => whyStop(settings, problem, history, row),
  });
}

function refusal(type: string, { metric }: PercentileSettings, problem: Problem): string | null {
  if (problem.fidelity === null) return `${type} stops trials early and needs a fidelity to measure how far they are`;
  return onTheWayRefusal(type, problem) ?? metricRefusal(type, metric, problem.objectives);
}

function whyStop(settings: PercentileSettings, problem: Problem, history: History, row: number): Why | null {
  const { percentile, startup, warmup, window, keep, metric } = settings;
  const fidelity = lastFidelity(history.curve(row));
  const progress = fidelity / (problem.fidelity?.max ?? fidelity);
  if (!(progress >= window[0] && progress <= window[1]) || fidelity < warmup || history.completeCount < startup) return null;
  const curves = judgedCurves(problem, history, metric);
  const standings = standingsAtLast(curves, row);
  const limit = limitOf(standings, percentile, keep);
  if (limit === null) return null;
  const numbers = { percentile, fidelity, of: standings.others.length };
  if (curves.lossCount > 1) return { code: "percentile-front", ...numbers, front: standings.own + 1, limit: limit + 1 };
  const { goal } = judgedObjective(problem, metric);
  const wire = (loss: number) => toWireNumber(inOwnSign(loss, goal));
  return { code: "percentile", ...numbers, best: wire(standings.own), limit: wire(limit) };
}

/** The percentile that a standing is beyond; null if it is not, or is safe from being stopped. */
function limitOf({ own, others }: Standings, percentile: number, keep: number): number | null {
  if (others.length < fewestCurves) return null;
  const sorted = others.toSorted();
  if (keep > 0 && !(sorted[keep - 1] < own)) return null;
  const limit = percentileOf(sorted, percentile);
  return own > limit ? limit : null;
}

/**
 * A percentile of some numbers, linear between neighbours.
 *
 * @param sorted      (n,) Ascending, n ≥ 1; infinities are allowed, NaN is not.
 * @param percentage  0 to 100.
 */
export function percentileOf(sorted: Float64Array, percentage: number): number {
  const place = (percentage / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  const share = place - Math.floor(place);
  // Nothing lies between a number and an infinity: the worse of the two stands for what would.
  return share === 0 || !Number.isFinite(low) ? high : low * (1 - share) + high * share;
}

function optionFaults({ percentile, startup, warmup, window, keep, metric }: PercentileSettings): Fault[] {
  const isPercentage = isFiniteNumber(percentile) && percentile >= 0 && percentile <= 100;
  return [
    ...optionFault("percentile", percentile, isPercentage, "a number from 0 to 100"),
    ...countFault("startup", startup, 0),
    ...warmupFault(warmup),
    ...optionFault("window", window, isWindow(window), "two numbers from 0 to 1, the first no greater than the second"),
    ...countFault("keep", keep, 0),
    ...metricFault(metric),
  ];
}

function isWindow(window: unknown): boolean {
  if (!Array.isArray(window) || window.length !== 2) return false;
  const [from, to] = window as readonly unknown[];
  return isFiniteNumber(from) && isFiniteNumber(to) && from >= 0 && from <= to && to <= 1;
}
