import type { Dimension } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity } from "../../trial/problem.ts";
import { type Member, scoreAt } from "./members.ts";
import { intervalOf, nextTarget, type PopulationSettings } from "./population-options.ts";
import type { DriftingObservations } from "./time-varying-gp.ts";

/** What one trial gained in one interval. */
export interface Gain {
  /** When the interval began, in intervals. */
  readonly time: number;
  /** Loss at its beginning. */
  readonly before: number;
  /** How much the loss fell, per interval. */
  readonly gain: number;
  readonly row: number;
}

/** The gains of all trials of the population in all intervals they have trained to the end, by time, ties by trial; NaN left out. */
export function readGains(settings: PopulationSettings, fidelity: Fidelity, history: History): Gain[] {
  const interval = intervalOf(settings, fidelity);
  const gains: Gain[] = [];
  for (const row of history.rows) {
    if (history.bracket(row) < 1) continue;
    const { count, fidelities } = history.curve(row);
    if (count === 0) continue;
    // A trial that began by itself has no loss before its first report.
    let from = history.parent(row) < 0 ? fidelities[0] : history.startFidelity(row);
    for (let to = nextTarget(settings, fidelity, from); to <= fidelities[count - 1]; to = nextTarget(settings, fidelity, from)) {
      const before = scoreAt(history, row, from, settings.scoreCount) ?? Number.NaN;
      const after = scoreAt(history, row, to, settings.scoreCount) ?? Number.NaN;
      const gain = ((before - after) / (to - from)) * interval;
      if (Number.isFinite(gain)) gains.push({ time: from / interval, before, gain, row });
      from = to;
      if (to >= fidelity.max) break;
    }
  }
  return gains.sort((a, b) => a.time - b.time || history.numbers[a.row] - history.numbers[b.row]);
}

/** Observations as the model takes them: the loss before, scaled to [0, 1] by `scale`, then the tuned coordinates. */
export function observationsOf(
  history: History,
  columns: readonly number[],
  scale: (loss: number) => number,
  points: readonly Pick<Gain, "row" | "time" | "before">[],
): DriftingObservations {
  const dimensionCount = columns.length + 1;
  const inputs = new Float64Array(points.length * dimensionCount);
  points.forEach(({ row, before }, i) => {
    inputs[i * dimensionCount] = scale(before);
    columns.forEach((column, j) => {
      const u = history.points[row * history.dimensionCount + column];
      // Inactive: neither high nor low.
      inputs[i * dimensionCount + 1 + j] = Number.isNaN(u) ? 0.5 : u;
    });
  });
  return { count: points.length, dimensionCount, inputs, times: Float64Array.from(points, ({ time }) => time) };
}

/** Members that train now, as points of which no gain is known yet. */
export function pendingPoints(members: readonly Member[], interval: number): Pick<Gain, "row" | "time" | "before">[] {
  return members.flatMap(({ standing, row, reached, score }) =>
    standing === "under-way" && score !== null && Number.isFinite(score)
      ? [{ row, time: reached / interval, before: score }]
      : [],
  );
}

/** Columns of the tuned parameters whose values are ordered. */
export function numericColumns(dimensions: readonly Dimension[], isTuned: (name: string) => boolean): number[] {
  return dimensions.flatMap(({ name, kind }, j) => (kind === "numeric" && isTuned(name) ? [j] : []));
}

/** Mean 0 and variance 1, clipped to ±2; all 0 where they are all equal. */
export function standardized(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Float64Array.from(values, (value) =>
    variance > 0 ? Math.min(2, Math.max(-2, (value - mean) / Math.sqrt(variance))) : 0,
  );
}
