import { type History, trialStateCodes } from "@tunesmith/core";

/** A trial that has a loss already, but no result yet. */
export interface TrialAhead {
  readonly trial: number;
  /** First objective. */
  readonly loss: number;
  readonly fidelity: number;
}

/** Trials that a scheduler has paused on their way. */
export interface WaitingTrials {
  readonly count: number;
  /** The best of those that have come farthest; null if none has a loss. */
  readonly ahead: TrialAhead | null;
}

/** Cost: linear in the trials in view. */
export function waitingTrials(history: History): WaitingTrials {
  const { rows, states, losses, fidelities, numbers, objectiveCount } = history;
  let count = 0;
  let ahead: TrialAhead | null = null;
  for (const row of rows) {
    if (states[row] !== trialStateCodes.paused || history.pausedByPerson(row)) continue;
    count++;
    const each = { trial: numbers[row], loss: losses[row * objectiveCount], fidelity: fidelities[row] };
    if (!Number.isNaN(each.loss) && (ahead === null || isAhead(each, ahead))) ahead = each;
  }
  return { count, ahead };
}

function isAhead(a: TrialAhead, b: TrialAhead): boolean {
  return a.fidelity === b.fidelity ? a.loss < b.loss : a.fidelity > b.fidelity;
}
