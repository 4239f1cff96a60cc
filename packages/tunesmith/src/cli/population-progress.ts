import type { History } from "@tunesmith/core";
import type { TrialAhead } from "./waiting-trials.ts";

/** How far a population has trained. */
export interface PopulationProgress {
  readonly memberCount: number;
  /** Children so far. */
  readonly copyCount: number;
  /** Sum over its members of how far each has come, and of how far they go, in the fidelity's unit. */
  readonly reached: number;
  readonly total: number;
  /** The member with the best newest loss; null before the first report. */
  readonly ahead: TrialAhead | null;
}

/**
 * @param population  How many members there will be.
 *
 * Cost: linear in the trials in view.
 */
export function populationProgress(history: History, population: number, maxFidelity: number): PopulationProgress {
  const newest = new Map<number, number>();
  let copyCount = 0;
  for (const row of history.rows) {
    if (history.parent(row) >= 0) copyCount++;
    if (history.bracket(row) > 0) newest.set(history.bracket(row), row);
  }
  let reached = 0;
  let ahead: TrialAhead | null = null;
  for (const row of newest.values()) {
    const fidelity = history.fidelities[row];
    if (!Number.isNaN(fidelity)) reached += Math.min(fidelity, maxFidelity);
    const each = { trial: history.numbers[row], loss: history.losses[row * history.objectiveCount], fidelity };
    if (!Number.isNaN(each.loss) && (ahead === null || each.loss < ahead.loss)) ahead = each;
  }
  const memberCount = Math.max(population, newest.size);
  return { memberCount, copyCount, reached, total: memberCount * maxFidelity, ahead };
}
