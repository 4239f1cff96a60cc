import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/**
 * What a trial is doing. `under-way`: queued or running; `waiting`: paused where it was told to train to, with a finite loss; `frozen`:
 * paused by a person, or without a report from there; `lost`: failed, or its newest loss is not finite; `over`: ended otherwise.
 */
export type CurveStanding = "under-way" | "waiting" | "frozen" | "lost" | "over";

/** What is known of one trial's learning curve. */
export interface LearningCurve {
  readonly row: number;
  readonly trial: number;
  readonly standing: CurveStanding;
  /** Greatest fidelity reported; 0 before the first report. */
  readonly reached: number;
  /** Fidelity it was last told to train to; 0 if it has not begun. */
  readonly target: number;
  /** Newest loss; NaN before the first. */
  readonly loss: number;
}

/** @returns The curves in view, by number. */
export function readCurves(history: History): LearningCurve[] {
  return Array.from(history.rows, (row) => {
    const { count, losses } = history.curve(row);
    const loss = count === 0 ? Number.NaN : losses[count - 1];
    const reached = count === 0 ? 0 : history.fidelities[row];
    const target = history.targets[row] || 0;
    return { row, trial: history.numbers[row], standing: standingOf(history, row, loss), reached, target, loss };
  });
}

function standingOf(history: History, row: number, loss: number): CurveStanding {
  switch (history.states[row]) {
    case trialStateCodes.queued:
    case trialStateCodes.running:
      return "under-way";
    case trialStateCodes.failed:
      return "lost";
    case trialStateCodes.paused: {
      const hasArrived = history.fidelities[row] >= history.targets[row];
      if (hasArrived && !Number.isFinite(loss)) return "lost";
      return hasArrived && !history.pausedByPerson(row) ? "waiting" : "frozen";
    }
    default:
      return "over";
  }
}

/** How losses are measured: the best is 0, the median curve's newest is 1. */
export interface LossScale {
  readonly best: number;
  /** Positive. */
  readonly spread: number;
}

/** Null before the first finite loss. */
export function lossScale(history: History, curves: readonly LearningCurve[]): LossScale | null {
  let best = Number.POSITIVE_INFINITY;
  for (const { row } of curves) {
    const { count, losses } = history.curve(row);
    for (let i = 0; i < count; i++) if (losses[i] < best) best = losses[i];
  }
  if (!Number.isFinite(best)) return null;
  const newest = Float64Array.from(curves.filter(({ loss }) => Number.isFinite(loss)).map(({ loss }) => loss)).sort();
  const median = newest[newest.length >> 1] - best;
  const spread = median > 0 ? median : newest[newest.length - 1] - best;
  return { best, spread: spread > 0 && spread < Infinity ? spread : Math.abs(best) || 1 };
}

/** A loss on the scale; beyond the median curve by its logarithm, so that a few enormous ones do not flatten the others. */
export function scaledLoss({ best, spread }: LossScale, loss: number): number {
  const scaled = (loss - best) / spread;
  return scaled > 1 ? 1 + Math.log(scaled) : scaled;
}
