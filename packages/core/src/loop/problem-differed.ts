import { canonicalJson, type JsonObject } from "../json.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";

/** Whether an earlier revision of a study searched another problem; one that only changed how it is searched did not. */
export async function problemDiffered(storage: Storage, { id, revision, problem }: StudyRecord): Promise<boolean> {
  const searchedNow = whatIsSearched(problem);
  for (let earlier = 1; earlier < revision; earlier++)
    if (whatIsSearched(await storage.getRevision(id, earlier)) !== searchedNow) return true;
  return false;
}

/** The part of a problem that decides which trials fit it and how they compare. */
function whatIsSearched({ parameters, parameterConstraints, objectives, outcomeConstraints }: JsonObject): string {
  return canonicalJson([parameters, parameterConstraints, objectives, outcomeConstraints]);
}
