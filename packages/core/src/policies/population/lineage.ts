import type { Config } from "../../parameters/parameter.ts";
import type { History } from "../../trial/history.ts";

/** A stretch of a model's training under one config. */
export interface ScheduleStretch {
  readonly trial: number;
  /** Fidelity at its beginning and end, in the fidelity's unit. */
  readonly fromStep: number;
  readonly toStep: number;
  readonly config: Config;
}

/**
 * The trials that a model went through: from one that began by itself, each from a checkpoint of the one before, to the given one.
 *
 * @throws {RangeError} If one of them is not in the history's view.
 */
export function lineageOf(history: History, trial: number): number[] {
  const lineage: number[] = [];
  for (let number = trial; number >= 0; number = history.parent(history.rowOf(number))) {
    if (history.rowOf(number) < 0) throw new RangeError(`trial ${number} is not in the view of the history`);
    lineage.unshift(number);
  }
  return lineage;
}

/**
 * How the model of a trial was trained: which config held from where to where, without gaps, to train one model with the same
 * schedule. What an ancestor trained beyond the checkpoint that was copied is not part of it.
 *
 * @throws {RangeError} If the trial or an ancestor of it is not in the history's view.
 */
export function scheduleOf(history: History, trial: number): ScheduleStretch[] {
  const rows = lineageOf(history, trial).map((number) => history.rowOf(number));
  return rows.map((row, i) => {
    const fromStep = history.startFidelity(row);
    const reached = history.fidelities[row];
    // NaN before the first report of a trial that began by itself.
    const toStep = i + 1 < rows.length ? history.startFidelity(rows[i + 1]) : Number.isNaN(reached) ? fromStep : reached;
    return { trial: history.numbers[row], fromStep, toStep, config: history.config(row) };
  });
}
