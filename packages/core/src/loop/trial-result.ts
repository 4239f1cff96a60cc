import type { TrialResult } from "../storage/storage.ts";
import type { Objective } from "../trial/problem.ts";
import type { Metrics, Report } from "../trial/trial.ts";

/** The losses of some metrics: signs flipped so that smaller is better; NaN where the metric is missing. */
export function lossesOf(metrics: Metrics, objectives: readonly Objective[]): number[] {
  return objectives.map(({ name, goal }) => lossOf(metrics[name] ?? Number.NaN, goal));
}

export function lossOf(value: number, goal: Objective["goal"]): number {
  return goal === "minimize" ? value : -value;
}

/**
 * The metrics that count as an attempt's result: those of its last report, the objectives replaced by what `take` says.
 *
 * `best` ignores NaN; `mean:k` is the mean of the last k reports that carry the objective, of fewer if there are fewer.
 * @param final  What the training named as its result; wins over the reports unless `take` asks for more than the last.
 * @returns Null if there is no report and no final result.
 */
export function resultMetrics(
  reports: readonly Report[],
  final: Metrics | null,
  objectives: readonly Objective[],
): Metrics | null {
  const last = reports.at(-1);
  if (last === undefined && final === null) return null;
  const metrics: Record<string, number> = { ...last?.metrics, ...final };
  for (const { name, goal, take } of objectives) {
    const values = reports.map((report) => report.metrics[name]).filter((value) => value !== undefined);
    if (values.length === 0 || take === "last") {
      if (metrics[name] === undefined && values.length > 0) metrics[name] = values[values.length - 1];
      continue;
    }
    metrics[name] = take === "best" ? bestOf(values, goal) : meanOf(values.slice(-Number(take.slice("mean:".length))));
  }
  return metrics;
}

function bestOf(values: readonly number[], goal: Objective["goal"]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return Number.NaN;
  return known.reduce((best, value) => (goal === "minimize" ? Math.min(best, value) : Math.max(best, value)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What is wrong with a result, or null: a missing objective, NaN, or an infinity on the good side (R41). */
export function resultFault(
  metrics: Metrics | null,
  objectives: readonly Objective[],
): { readonly reason: "no_result" | "non_finite"; readonly message: string } | null {
  for (const { name, goal } of objectives) {
    const value = metrics?.[name];
    if (value === undefined) {
      const seen = Object.keys(metrics ?? {}).slice(0, 12);
      return { reason: "no_result", message: `no ${name}; seen: ${seen.length > 0 ? seen.join(", ") : "nothing"}` };
    }
    if (Number.isNaN(value) || lossOf(value, goal) === Number.NEGATIVE_INFINITY)
      return { reason: "non_finite", message: `${name} is ${value}` };
  }
  return null;
}

/** A trial's values from its replicates' results: mean and standard error (sample deviation ÷ √n). */
export function trialResult(results: readonly Metrics[], objectives: readonly Objective[]): TrialResult {
  const columns = objectives.map(({ name }) => results.map((metrics) => metrics[name]));
  const metrics: Record<string, number> = {};
  for (const name of Object.keys(results[0])) {
    const values = results.map((result) => result[name]).filter((value) => value !== undefined);
    if (values.length === results.length) metrics[name] = meanOf(values);
  }
  return {
    values: columns.map(meanOf),
    standardErrors: results.length < 2 ? null : columns.map(standardError),
    metrics,
  };
}

/** Sample standard deviation over √n; NaN below two values. */
export function standardError(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
