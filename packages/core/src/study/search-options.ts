import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import type { AnyScheduler } from "../policies/driving-scheduler.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import type { Catalogue } from "./create-study.ts";

/** How a study is searched; what is left out has a default, or stays as it is when a study is continued. */
export interface SearchOptions {
  /** A sampler, its name, or `{ type, … }`; default `auto`. */
  readonly sampler?: Sampler | JsonObject | string;
  /** A scheduler, its name, or `{ type, … }`; default `auto` with a fidelity, `none` without. */
  readonly scheduler?: AnyScheduler | JsonObject | string;
  readonly budget?: StudySettings["budget"];
  readonly parallel?: number;
  readonly retries?: StudySettings["retries"];
  readonly confirm?: StudySettings["confirm"];
}

/** The settings that options name, with plain specs. */
export function givenSettings(catalogue: Catalogue, { sampler, scheduler, ...rest }: SearchOptions): Partial<StudySettings> {
  const { budget, parallel, retries, confirm } = rest;
  const given = {
    sampler: sampler && plainSpec(specOf(sampler), catalogue.createSampler),
    scheduler: scheduler && plainSpec(specOf(scheduler), catalogue.createScheduler),
    ...{ budget, parallel, retries, confirm },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** All settings of a new study, with plain specs. */
export function settingsOf(catalogue: Catalogue, options: SearchOptions, hasFidelity: boolean): StudySettings {
  const defaults = { ...studySettingsDefaults, sampler: specOf("auto"), scheduler: specOf(hasFidelity ? "auto" : "none") };
  return { ...defaults, ...givenSettings(catalogue, options) };
}

/** Stored settings, which may have been written in another form, with plain specs. */
export function withPlainSpecs({ createSampler, createScheduler }: Catalogue, settings: StudySettings): StudySettings {
  const { sampler, scheduler } = settings;
  return { ...settings, sampler: plainSpec(sampler, createSampler), scheduler: plainSpec(scheduler, createScheduler) };
}

/** The catalogue, with samplers and schedulers that the program made itself in place of those their settings name. */
export function withOwn(catalogue: Catalogue, { sampler, scheduler }: SearchOptions): Catalogue {
  return {
    ...catalogue,
    ...(isInstance(sampler) ? { createSampler: () => sampler } : {}),
    ...(isInstance(scheduler) ? { createScheduler: () => scheduler } : {}),
  };
}

function isInstance<T extends Sampler | AnyScheduler>(given: T | JsonObject | string | undefined): given is T {
  return typeof given === "object" && "refuse" in given && typeof given.refuse === "function";
}

/** `{ type, …options }` of whatever way a sampler or scheduler was given. */
function specOf(given: Sampler | AnyScheduler | JsonObject | string): JsonObject {
  if (typeof given === "string") return { type: given };
  return isInstance<Sampler | AnyScheduler>(given) ? { ...given.options, type: given.type } : (given as JsonObject);
}

/**
 * A spec without the options that have their defaults: equal samplers and schedulers get equal specs, in whatever way they were given.
 * Of a type that the catalogue does not know, one that the program made itself, all options stay.
 */
function plainSpec(spec: JsonObject, create: (spec: JsonObject) => Sampler | AnyScheduler): JsonObject {
  const defaults = defaultsOf(spec.type, create);
  return Object.fromEntries(Object.entries(spec).filter(([key, value]) => key === "type" || !isSame(value, defaults[key])));
}

function defaultsOf(type: Json, create: (spec: JsonObject) => Sampler | AnyScheduler): JsonObject {
  try {
    return create({ type }).options;
  } catch (error) {
    if (error instanceof TunesmithError && error.code === "invalid-input") return {};
    throw error;
  }
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && canonicalJson(a) === canonicalJson(b));
}
