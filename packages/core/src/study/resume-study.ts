import { canonicalJson, type JsonObject } from "../json.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { settingsFaults } from "../trial/settings-faults.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";

/**
 * Refuses to continue a study as another one.
 * @param seed  What the program asked for, undefined if it left it open.
 * @throws {TunesmithError} `study-exists`.
 */
export function requireSameProblem({ name, problem }: StudyRecord, wanted: JsonObject, seed: number | undefined): void {
  const { seed: storedSeed, ...stored } = problem;
  const { seed: _, ...given } = wanted;
  const isSame = canonicalJson(stored) === canonicalJson(given) && (seed === undefined || seed === storedSeed);
  if (isSame) return;
  const what = canonicalJson(stored) === canonicalJson(given) ? `seed ${storedSeed}` : "another problem";
  throw new TunesmithError("study-exists", `${name} is there already with ${what}; choose another name or open it as it is`);
}

/** Gives a study that is continued the settings its program names now: a change of the search makes a new revision, others do not. */
export async function reviseSettings(storage: Storage, record: StudyRecord, given: Partial<StudySettings>): Promise<StudyRecord> {
  const before = record.settings as unknown as StudySettings;
  const settings = { ...before, ...given };
  throwFaults("study", settingsFaults(settings));
  if (canonicalJson(settings) === canonicalJson(before)) return record;
  const searchOf = ({ sampler, scheduler }: StudySettings): string => canonicalJson([sampler, scheduler]);
  return storage.reviseStudy(record.id, {
    problem: record.problem,
    settings: settings as unknown as JsonObject,
    definition: record.definition,
    silent: searchOf(settings) === searchOf(before),
    reason: "settings",
  });
}
