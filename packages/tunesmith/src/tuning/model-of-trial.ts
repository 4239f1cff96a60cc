import type { Checkpoint, Objective, Replicate, Storage, Trial } from "@tunesmith/core";
import { usableCheckpoint } from "../training/checkpoint-keeper.ts";

/** The trained model that stands for a trial. */
export interface TrialModel {
  readonly replicate: Replicate;
  readonly checkpoint: Checkpoint;
}

/**
 * The newest intact checkpoint of the replicate that did best by the objective, confirmation runs included; null if none kept one.
 * Ties by replicate number.
 */
export async function modelOfTrial(
  storage: Storage,
  studyId: string,
  trial: Trial,
  objective: Objective,
): Promise<TrialModel | null> {
  const sign = objective.goal === "minimize" ? 1 : -1;
  const lossOf = ({ metrics }: Replicate): number => sign * (metrics?.[objective.name] ?? Number.NaN);
  const ordered = trial.replicates
    .filter(({ state }) => state === "complete")
    .sort((a, b) => lossOf(a) - lossOf(b) || 0 || a.index - b.index);
  for (const replicate of ordered) {
    for (const checkpoint of await storage.getCheckpoints(studyId, trial.number, replicate.index)) {
      const usable = await usableCheckpoint(checkpoint);
      if (usable !== null) return { replicate, checkpoint };
    }
  }
  return null;
}
