import type { StudyCause } from "../storage/storage.ts";
import type { Budget } from "../trial/study-settings.ts";

/** How much of a study is done. */
export interface Progress {
  /** Trials made, children left out. */
  readonly trialCount: number;
  readonly activeMs: number;
  /** Finished trials since the best one finished. */
  readonly sinceBestCount: number;
  readonly stepSum: number;
  /** Whether a complete trial has reached `stopAt`. */
  readonly goalReached: boolean;
}

/**
 * The limit that ends the study now, running trials included; null if none. The trial limit is not among them: the trials it
 * allows run to their end (`maySuggest`).
 */
export function budgetEnd(budget: Budget, progress: Progress): StudyCause | null {
  if (progress.goalReached) return "stop_at";
  if (budget.timeMs !== undefined && progress.activeMs >= budget.timeMs) return "time";
  if (budget.noImprovement !== undefined && progress.sinceBestCount >= budget.noImprovement) return "no_improvement";
  if (budget.steps !== undefined && progress.stepSum >= budget.steps) return "steps";
  return null;
}

/** Whether the budget allows one more trial. */
export function maySuggest(budget: Budget, progress: Progress): boolean {
  return budget.trials === undefined || progress.trialCount < budget.trials;
}
