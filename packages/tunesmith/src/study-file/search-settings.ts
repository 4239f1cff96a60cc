import {
  type AnyScheduler,
  confirmRefusal,
  createSampler,
  createScheduler,
  type JsonObject,
  type Problem,
  type Sampler,
  TunesmithError,
} from "@tunesmith/core";
import { withoutIs } from "./parameter-space.ts";
import { addFault, deepestField, type Field, fieldAt, type Reading } from "./reading.ts";
import type { OwnSampler, TrainingChecks } from "./training-checks.ts";
import { snakeCase } from "./value-readers.ts";

/** A scheduler, and the key that named it. */
interface Named<T> {
  readonly made: T;
  readonly field: Field;
}

/** What is stored of a sampler, and the key that named it. */
interface NamedSampler extends OwnSampler {
  readonly field: Field;
}

/** What is stored of a study's search. */
export interface Search {
  readonly sampler: JsonObject;
  readonly scheduler: JsonObject;
}

export interface SearchSource {
  readonly root: Field;
  /** Absolute; what a sampler's file is relative to. */
  readonly folder: string;
  /** As written, `{ type, … }`; a scheduler of type `auto` becomes none where the problem has no use for one. */
  readonly specs: Search;
}

/**
 * Sampler and scheduler checked against the problem, with all their options, so that other defaults in a later version change
 * nothing. Null after adding why one of them cannot be made or cannot serve.
 *
 * @param problem  Null if it is at fault itself; then only the specs are checked.
 */
export function readSearch(
  { root, folder, specs }: SearchSource,
  problem: Problem | null,
  checks: TrainingChecks,
  reading: Reading,
): Search | null {
  const sampler = readSampler(root, specs.sampler, folder, checks, reading);
  const made = makeScheduler(root, specs.scheduler, reading);
  if (sampler === null || made === null || problem === null) return null;
  const scheduler = specs.scheduler.type === "auto" ? automaticScheduler(root, made, problem, reading) : made;
  refuseUnfit(sampler, sampler.field, problem, reading);
  refuseUnfit(scheduler.made, scheduler.field, problem, reading);
  const confirm = fieldAt(root, "confirm");
  const unconfirmed = confirm && confirmRefusal(scheduler.made);
  if (confirm !== null && unconfirmed !== null) addFault(reading, confirm, unconfirmed);
  return { sampler: sampler.spec, scheduler: storedSpec(scheduler.made) };
}

/** The sampler that a study names, or null after adding why there is none. */
function readSampler(
  root: Field,
  spec: JsonObject,
  folder: string,
  checks: TrainingChecks,
  reading: Reading,
): NamedSampler | null {
  const method = fieldAt(root, "method");
  const field = fieldAt(root, "sampler") ?? method ?? root;
  const own = readOwn(spec, folder, field, checks, reading);
  if (own !== null) return own === "at-fault" ? null : { ...own, field };
  const made = make(createSampler, "sampler", spec, field, reading);
  if (made === null) return null;
  return { spec: storedSpec(made), refuse: (problem) => made.refuse(problem), field };
}

/** A sampler of the user's; null if it is one of ours. */
function readOwn(
  spec: JsonObject,
  folder: string,
  field: Field,
  checks: TrainingChecks,
  reading: Reading,
): OwnSampler | "at-fault" | null {
  try {
    return checks.readOwnSampler(spec, folder);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    const faults = error.faults.length > 0 ? error.faults : [{ path: "", message: error.message }];
    // Its words are code and files: they stay as they are.
    for (const { path, message } of faults) addFault(reading, deepestField(field, path.split(".").slice(1)), message);
    return "at-fault";
  }
}

/** The scheduler that a study names, or null after adding why there is none; `auto` is left open until the problem is known. */
function makeScheduler(root: Field, spec: JsonObject, reading: Reading): Named<AnyScheduler> | null {
  const field = fieldAt(root, "scheduler") ?? fieldAt(root, "early_terminate") ?? root;
  const made = make(createScheduler, "scheduler", spec, field, reading);
  if (made === null) return null;
  return { made, field };
}

/** What `scheduler: auto` is for a problem: the catalogue's choice where it can serve, else none. */
function automaticScheduler(
  root: Field,
  { made, field }: Named<AnyScheduler>,
  problem: Problem,
  reading: Reading,
): Named<AnyScheduler> {
  const refusal = made.refuse(problem);
  const notice = refusal === null ? `scheduler auto is ${made.type} for now` : `scheduler auto is none here: ${refusal}`;
  if (fieldAt(root, "scheduler") !== null) reading.notices.push(notice);
  return refusal === null ? { made, field } : { made: createScheduler("none"), field };
}

function refuseUnfit(made: Pick<Sampler | AnyScheduler, "refuse">, field: Field, problem: Problem, reading: Reading): void {
  const refusal = made.refuse(problem);
  if (refusal !== null) addFault(reading, field, refusal);
}

function storedSpec({ type, options }: Sampler | AnyScheduler): JsonObject {
  return { type, ...options };
}

function make<T>(create: (spec: JsonObject) => T, what: string, spec: JsonObject, field: Field, reading: Reading): T | null {
  if (typeof spec.type === "string" && /[/\\]|\.[cm]?[jt]s$/.test(spec.type)) {
    addFault(reading, field, `${JSON.stringify(spec.type)} is a file; allowed: a ${what} that comes with Tunesmith`);
    return null;
  }
  try {
    return create(spec);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    const faults = error.faults.length > 0 ? error.faults : [{ path: "", message: error.message }];
    for (const { path, message } of faults) placeFault(what, path, message, field, reading);
    return null;
  }
}

function placeFault(what: string, path: string, message: string, field: Field, reading: Reading): void {
  const keys = path
    .split(".")
    .filter((key) => key !== "" && key !== what)
    .map(snakeCase);
  const words = message.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, snakeCase);
  addFault(reading, deepestField(field, keys), withoutIs(words));
}
