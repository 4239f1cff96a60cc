import { canonicalJson, type JsonObject } from "../json.ts";
import type { StudyRecord, StudyRevision } from "../storage/storage.ts";
import { settingsFaults } from "../trial/settings-faults.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import type { Catalogue } from "./create-study.ts";
import { givenSettings, type SearchOptions, withPlainSpecs } from "./search-options.ts";

/**
 * Refuses to continue a study as another one.
 * @param seed  What the program asked for, undefined if it left it open.
 * @throws {TunesmithError} `study-exists`.
 */
export function requireSameProblem({ name, problem }: StudyRecord, wanted: JsonObject, seed: number | undefined): void {
  const { seed: storedSeed, seedDrawn: _stored, ...stored } = problem;
  const { seed: _seed, seedDrawn: _given, ...given } = wanted;
  const isSame = canonicalJson(stored) === canonicalJson(given) && (seed === undefined || seed === storedSeed);
  if (isSame) return;
  const what = canonicalJson(stored) === canonicalJson(given) ? `seed ${storedSeed}` : "another problem";
  throw new TunesmithError("study-exists", `${name} is there already with ${what}; choose another name or open it as it is`);
}

/**
 * The settings that a program names now for a study it continues, and what makes them the study's: a change of the search makes a new
 * revision, others do not.
 * @param options  A sampler or scheduler that is given in another way than it is stored is no change.
 * @returns        Null if nothing changes.
 */
export function revisedSettings(
  catalogue: Catalogue,
  record: StudyRecord,
  options: SearchOptions,
): { readonly settings: StudySettings; readonly revision: StudyRevision } | null {
  const before = withPlainSpecs(catalogue, record.settings as unknown as StudySettings);
  const settings = { ...before, ...givenSettings(catalogue, options) };
  throwFaults("study", settingsFaults(settings));
  if (canonicalJson(settings) === canonicalJson(before)) return null;
  const searchOf = ({ sampler, scheduler }: StudySettings): string => canonicalJson([sampler, scheduler]);
  const revision = {
    problem: record.problem,
    settings: settings as unknown as JsonObject,
    definition: record.definition,
    silent: searchOf(settings) === searchOf(before),
    reason: "settings",
  };
  return { settings, revision };
}
