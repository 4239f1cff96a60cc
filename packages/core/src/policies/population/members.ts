import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/**
 * What a member is doing. `under-way`: queued or running; `waiting`: paused where it was told to train to, with a checkpoint; `held`:
 * paused by a person; `short`: paused without a report from there or without a checkpoint; `failed`; `over`: complete, cancelled, or
 * stopped for good.
 */
export type Standing = "under-way" | "waiting" | "held" | "short" | "failed" | "over";

/** One line of a population: a chain of trials that take each other's place. The newest one speaks for it. */
export interface Member {
  /** From 1 on; on record as the bracket of its trials. Bracket 0 are trials that belong to no member, or do not yet. */
  readonly number: number;
  /** Row and number of its newest trial. */
  readonly row: number;
  readonly trial: number;
  readonly standing: Standing;
  /** How far it has come; before the first report where it began. */
  readonly reached: number;
  /** The fidelity it was last told to train to. */
  readonly target: number;
  /** Loss it is compared by, see `scoreAt`. */
  readonly score: number | null;
  readonly hasCheckpoint: boolean;
  /** How many of its trials, the newest included, have failed or come up short in a row. */
  readonly faultCount: number;
}

/** @returns The members that have begun, by number, with their newest scores: means over `scoreCount` reports. */
export function readMembers(history: History, scoreCount: number): Member[] {
  const newest = new Map<number, { row: number; faultCount: number }>();
  for (const row of history.rows) {
    const number = history.bracket(row);
    if (number < 1) continue;
    const faultCount = isFaulty(history, row) ? (newest.get(number)?.faultCount ?? 0) + 1 : 0;
    newest.set(number, { row, faultCount });
  }
  const members = [...newest].map(([number, { row, faultCount }]) => ({
    number,
    row,
    trial: history.numbers[row],
    standing: standingOf(history, row),
    reached: history.curve(row).count === 0 ? history.startFidelity(row) : history.fidelities[row],
    target: history.targets[row],
    score: scoreAt(history, row, Infinity, scoreCount),
    hasCheckpoint: history.hasCheckpoint(row),
    faultCount,
  }));
  return members.sort((a, b) => a.number - b.number);
}

/** Whether a member trains, or may yet. */
export function isLive({ standing }: Member): boolean {
  return standing === "under-way" || standing === "waiting" || standing === "held";
}

/**
 * How good a model was when it had come to a fidelity: the mean loss of its newest `count` reports up to there, or of as many as there
 * are, of one trial; of its first report if that lies beyond. NaN if one of them is. Before its first report a child has the score of
 * the model it is a copy of; null if that never reported, or is out of view.
 */
export function scoreAt(history: History, row: number, fidelity: number, count: number): number | null {
  let first: number | null = null;
  let upTo = fidelity;
  for (let at = row; at >= 0; at = history.rowOf(history.parent(at))) {
    const { count: reportCount, fidelities, losses } = history.curve(at);
    let end = reportCount;
    while (end > 0 && fidelities[end - 1] > upTo) end--;
    if (end > 0) return meanOf(losses, Math.max(0, end - count), end);
    if (reportCount > 0) first = losses[0];
    // What the parent trained beyond the checkpoint that was copied is not this model's.
    upTo = Math.min(upTo, history.startFidelity(at));
  }
  return first;
}

function meanOf(losses: Float64Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i++) sum += losses[i];
  return sum / (end - from);
}

function standingOf(history: History, row: number): Standing {
  switch (history.states[row]) {
    case trialStateCodes.queued:
    case trialStateCodes.running:
      return "under-way";
    case trialStateCodes.failed:
      return "failed";
    case trialStateCodes.paused:
      if (history.pausedByPerson(row)) return "held";
      return isShort(history, row) ? "short" : "waiting";
    default:
      return "over";
  }
}

function isFaulty(history: History, row: number): boolean {
  const standing = standingOf(history, row);
  if (standing === "failed" || standing === "short") return true;
  // Another trial has taken its place.
  return history.states[row] === trialStateCodes.stopped && isShort(history, row);
}

/** Whether a trial that does not train could not go on from where it was told to train to. */
function isShort(history: History, row: number): boolean {
  const target = history.targets[row];
  // A child that began there had nothing to train or save: it goes on from its parent's checkpoint.
  const isSaved = history.hasCheckpoint(row) || history.startFidelity(row) >= target;
  return !(history.fidelities[row] >= target && isSaved);
}
