import type { JsonObject } from "../json.ts";
import type { Sampler } from "../samplers/sampler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import type { Catalogue } from "./create-study.ts";

/** How a study is searched; what is left out has a default, or stays as it is when a study is continued. */
export interface SearchOptions {
  /** A sampler, its name, or `{ type, … }`; default `auto`. */
  readonly sampler?: Sampler | JsonObject | string;
  /** A scheduler, its name, or `{ type, … }`; default `auto` with a fidelity, `none` without. */
  readonly scheduler?: Scheduler | JsonObject | string;
  readonly budget?: StudySettings["budget"];
  readonly parallel?: number;
  readonly retries?: StudySettings["retries"];
  readonly confirm?: StudySettings["confirm"];
}

/** The settings that options name. */
export function givenSettings({ sampler, scheduler, ...rest }: SearchOptions): Partial<StudySettings> {
  const { budget, parallel, retries, confirm } = rest;
  const given = {
    sampler: sampler && specOf(sampler),
    scheduler: scheduler && specOf(scheduler),
    ...{ budget, parallel, retries, confirm },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** All settings of a new study. */
export function settingsOf(options: SearchOptions, hasFidelity: boolean): StudySettings {
  const defaults = { ...studySettingsDefaults, sampler: specOf("auto"), scheduler: specOf(hasFidelity ? "auto" : "none") };
  return { ...defaults, ...givenSettings(options) };
}

/** The catalogue, with samplers and schedulers that the program made itself in place of those their settings name. */
export function withOwn(catalogue: Catalogue, { sampler, scheduler }: SearchOptions): Catalogue {
  return {
    ...catalogue,
    ...(isInstance(sampler) ? { createSampler: () => sampler } : {}),
    ...(isInstance(scheduler) ? { createScheduler: () => scheduler } : {}),
  };
}

function isInstance<T extends Sampler | Scheduler>(given: T | JsonObject | string | undefined): given is T {
  return typeof given === "object" && "refuse" in given && typeof given.refuse === "function";
}

/** `{ type, …options }` of whatever way a sampler or scheduler was given. */
function specOf(given: Sampler | Scheduler | JsonObject | string): JsonObject {
  if (typeof given === "string") return { type: given };
  return isInstance<Sampler | Scheduler>(given) ? { ...given.options, type: given.type } : (given as JsonObject);
}
