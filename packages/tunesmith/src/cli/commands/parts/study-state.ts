import type { Storage, StudyRecord } from "@tunesmith/core";
import type { ShownStudyState } from "@tunesmith/protocol";

/** How a study stands: an active one runs while somebody holds it, else it waits. */
export async function studyState(storage: Storage, { id, state }: StudyRecord): Promise<ShownStudyState> {
  if (state !== "active") return state;
  return (await storage.hasRunner(id)) ? "running" : "waiting";
}

/** Trials that ended, however they did. */
export function finishedCount({ stateCounts: { complete, stopped, failed, cancelled } }: StudyRecord): number {
  return complete + stopped + failed + cancelled;
}
