import type { Storage } from "../storage/storage.ts";
import type { Trial } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";

/** A trial as it is on record. @throws {TunesmithError} `trial-not-found`. */
export async function readTrial(storage: Storage, studyId: string, number: number): Promise<Trial> {
  const trial = await storage.getTrial(studyId, number);
  if (trial === null) throw new TunesmithError("trial-not-found", `the study has no trial ${number}`);
  return trial;
}
