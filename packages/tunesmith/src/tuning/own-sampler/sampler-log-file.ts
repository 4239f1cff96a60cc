import { join, resolve } from "node:path";

/** Where a study's sampler process writes what it prints on standard error. Study ids are ours, so they are safe as folders. */
export function samplerLogFile(home: string, studyId: string, purpose: "run" | "replay"): string {
  return join(resolve(home), "studies", studyId, purpose === "run" ? "sampler.log" : "sampler-replay.log");
}
