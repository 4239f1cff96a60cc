import { type JsonObject, type ReplayResult, replaySuggestions, type Storage, type StudyRecord } from "@tunesmith/core";
import { definitionFromJson } from "../study-file/definition-json.ts";
import { timeoutCode } from "./own-sampler/command-sampler.ts";
import { ownSpecOf } from "./own-sampler/own-sampler-spec.ts";
import { OwnSamplers } from "./own-sampler/own-samplers.ts";
import { samplerLogFile } from "./own-sampler/sampler-log-file.ts";

const pageSize = 1_000;

/**
 * `replaySuggestions` for studies whose sampler may be a module or a process of the user's: it is loaded or started again, and a
 * suggestion that had come too late is not waited for again.
 *
 * @throws {TunesmithError} `refused` if the sampler's file is not what it was.
 */
export async function replayStudy(storage: Storage, record: StudyRecord, home: string): Promise<ReplayResult> {
  const settings = record.settings as { readonly sampler?: JsonObject };
  const own = ownSpecOf(settings.sampler ?? {});
  const notes = own === null ? new Map<number, JsonObject>() : await readNotes(storage, record.id);
  const samplers = new OwnSamplers({
    logFile: samplerLogFile(home, record.id, "replay"),
    env: record.definition === null ? {} : definitionFromJson(record.definition as JsonObject).training.env,
    agent: null,
    recordedNote: (trialNumber) => notes.get(trialNumber) ?? null,
  });
  try {
    return await replaySuggestions(storage, record, samplers.makePolicy);
  } finally {
    await samplers.close();
  }
}

/** Notes of the trials that were drawn because their suggestion came too late. */
async function readNotes(storage: Storage, studyId: string): Promise<Map<number, JsonObject>> {
  const notes = new Map<number, JsonObject>();
  for (let after = -1; ; ) {
    const page = await storage.getTrials(studyId, { after, limit: pageSize });
    for (const { number, why, note } of page) if (note !== null && why?.code === timeoutCode) notes.set(number, note);
    if (page.length < pageSize) return notes;
    after = page[page.length - 1].number;
  }
}
