import type { Curve, History } from "../../trial/history.ts";
import type { Objective, Problem } from "../../trial/problem.ts";

/** The learning curves that a stopping rule judges, wherever they come from; every loss is minimised. */
export interface JudgedCurves {
  /** Rows whose trials may be compared. */
  readonly rows: Int32Array;
  /** Losses of one report (m). */
  readonly lossCount: number;
  /** Losses of a row, (≥ count, m). */
  curve(row: number): Curve;
  /** Whether the row's curve is surely empty: spares looking. */
  isEmpty(row: number): boolean;
}

/**
 * The curves of all objectives, or of the one whose metric is named.
 *
 * @param metric  An objective's name (see `metricRefusal`); null for all.
 */
export function judgedCurves({ objectives }: Problem, history: History, metric: string | null): JudgedCurves {
  const m = history.objectiveCount;
  const column = objectives.findIndex(({ name }) => name === metric);
  const isWhole = column < 0 || m === 1;
  return {
    rows: history.rows,
    lossCount: isWhole ? m : 1,
    curve: isWhole ? (row) => history.curve(row) : (row) => columnOf(history.curve(row), m, column),
    isEmpty: (row) => Number.isNaN(history.fidelities[row]),
  };
}

/** Why a rule cannot judge by this metric, one sentence; null if it can. */
export function metricRefusal(type: string, metric: string | null, objectives: readonly Objective[]): string | null {
  if (metric === null || objectives.some(({ name }) => name === metric)) return null;
  const allowed = objectives.map(({ name }) => name).join(", ");
  return `${type} judges trials by an objective, and ${metric} is none; allowed: ${allowed}`;
}

/** The objective that a rule for one number judges: the named one, else the first. */
export function judgedObjective({ objectives }: Problem, metric: string | null): Objective {
  return objectives.find(({ name }) => name === metric) ?? objectives[0];
}

/** A loss in the user's own sign. */
export function inOwnSign(loss: number, goal: Objective["goal"]): number {
  return goal === "minimize" ? loss : -loss;
}

/** A loss for comparisons in which NaN is worst. */
export function worstIfNaN(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

/** The last fidelity of a curve; NaN if it is empty. */
export function lastFidelity({ count, fidelities }: Curve): number {
  return count === 0 ? Number.NaN : fidelities[count - 1];
}

/** Least loss among the first `count` reports, NaN ones aside; infinity if there is none. */
export function bestLoss({ losses }: Curve, count: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) if (losses[i] < best) best = losses[i];
  return best;
}

function columnOf({ count, fidelities, losses }: Curve, m: number, column: number): Curve {
  return { count, fidelities, losses: Float64Array.from({ length: count }, (_, i) => losses[i * m + column]) };
}
