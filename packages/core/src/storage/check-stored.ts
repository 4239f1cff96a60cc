/**
 * The edge of every storage: what comes in is checked and copied, so that all storages take and refuse the same and keep nothing
 * that a caller can still change.
 *
 * Each function gives a frozen copy in which −0 is 0, or throws `invalid-input` naming the place. Text must be well-formed Unicode
 * without NUL: databases would silently change a lone surrogate or refuse NUL. Only metrics and values may be NaN or infinite.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Checkpoint } from "../loop/engine.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Decision, Metrics, Outcome, Report, Why } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import type { AttemptEnd, ChildDraft, NewStudy, StudyRevision, TrialDraft, TrialResult } from "./storage.ts";

/** Deeper JSON is refused: a reader might recurse. */
export const maxJsonDepth = 64;
/** Most trials or events that one call gives. */
export const maxPageSize = 10_000;

// With the u flag a surrogate matches only where it is alone.
const unstorable = /[\0\uD800-\uDFFF]/u;

/** @throws {TunesmithError} `invalid-input`, always. */
export function refuse(path: string, message: string): never {
  throw new TunesmithError("invalid-input", path === "" ? message : `${path}: ${message}`, [{ path, message }]);
}

export function storedText(text: string, path: string): string {
  if (typeof text !== "string") refuse(path, `${typeof text} found; allowed: text`);
  if (unstorable.test(text))
    refuse(path, `${JSON.stringify(text)} contains NUL or a lone surrogate; allowed: well-formed text without NUL`);
  return text;
}

function storedNullableText(text: string | null, path: string): string | null {
  return text === null ? null : storedText(text, path);
}

/** Any number. */
function storedNumber(value: number, path: string): number {
  if (typeof value !== "number") refuse(path, `${typeof value} found; allowed: a number`);
  return value === 0 ? 0 : value;
}

export function storedFinite(value: number, path: string): number {
  if (!Number.isFinite(value)) refuse(path, `${String(value)} found; allowed: a finite number`);
  return value === 0 ? 0 : value;
}

export function storedInteger(value: number, path: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    refuse(path, `${String(value)} found; allowed: an integer in [${min}, ${max}]`);
  return value === 0 ? 0 : value;
}

/** A page size. */
export function storedLimit(limit: number): number {
  return storedInteger(limit, "limit", 0, maxPageSize);
}

export function storedJson(value: Json, path: string, depth = 0): Json {
  if (depth > maxJsonDepth) refuse(path, `nested deeper than ${maxJsonDepth}`);
  if (typeof value === "string") return storedText(value, path);
  if (typeof value === "number") return storedFinite(value, path);
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item: Json, i) => storedJson(item, `${path}.${i}`, depth + 1)));
  if (typeof value === "object") return storedJsonObject(value as JsonObject, path, depth);
  return refuse(path, `${typeof value} found; allowed: what JSON can carry`);
}

export function storedJsonObject(value: JsonObject, path: string, depth = 0): JsonObject {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isPlain)
    refuse(path, `${value === null ? "null" : Array.isArray(value) ? "a list" : typeof value} found; allowed: an object`);
  const members: [string, Json][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members.push([storedText(key, path), storedJson(member, `${path}.${key}`, depth + 1)]);
  }
  // fromEntries defines members, so that one named __proto__ is a member like the others.
  return Object.freeze(Object.fromEntries(members));
}

function storedNullableJson(value: JsonObject | null, path: string): JsonObject | null {
  return value === null ? null : storedJsonObject(value, path);
}

export function storedWhy(why: Why, path: string): Why {
  storedText(why.code, `${path}.code`);
  return storedJsonObject(why, path) as Why;
}

export function storedMetrics(metrics: Metrics, path: string): Metrics {
  for (const name of Object.keys(metrics)) {
    storedText(name, path);
    storedNumber(metrics[name], `${path}.${name}`);
  }
  return Object.freeze(hasNegativeZero(metrics) ? withoutNegativeZeros(metrics) : { ...metrics });
}

function hasNegativeZero(metrics: Metrics): boolean {
  for (const name of Object.keys(metrics)) if (Object.is(metrics[name], -0)) return true;
  return false;
}

function withoutNegativeZeros(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value === 0 ? 0 : value]));
}

export function storedConfig(config: Config, path: string): Config {
  for (const name of Object.keys(config)) {
    storedText(name, path);
    const value = config[name];
    if (typeof value === "string") storedText(value, `${path}.${name}`);
    else if (typeof value === "number") storedFinite(value, `${path}.${name}`);
    else if (value !== null && typeof value !== "boolean")
      refuse(`${path}.${name}`, `${typeof value} found; allowed: text, a number, true, false or null`);
  }
  const entries = Object.entries(config);
  if (!entries.some(([, value]) => Object.is(value, -0))) return Object.freeze({ ...config });
  return Object.freeze(Object.fromEntries(entries.map(([name, value]) => [name, value === 0 ? 0 : value])));
}

export function storedNewStudy(study: NewStudy): NewStudy {
  return {
    name: storedText(study.name, "name"),
    problem: storedJsonObject(study.problem, "problem"),
    settings: storedJsonObject(study.settings, "settings"),
    definition: storedJson(study.definition, "definition"),
  };
}

export function storedRevision(revision: StudyRevision): StudyRevision {
  return {
    problem: storedJsonObject(revision.problem, "problem"),
    settings: storedJsonObject(revision.settings, "settings"),
    definition: storedJson(revision.definition, "definition"),
    silent: revision.silent,
    reason: storedText(revision.reason, "reason"),
  };
}

export function storedDraft(draft: TrialDraft): TrialDraft {
  return {
    config: storedConfig(draft.config, "config"),
    revision: storedInteger(draft.revision, "revision", 1),
    historySeq: storedInteger(draft.historySeq, "historySeq"),
    source: draft.source,
    fixed: draft.fixed === null ? null : storedConfig(draft.fixed, "fixed"),
    why: draft.why === null ? null : storedWhy(draft.why, "why"),
    note: storedNullableJson(draft.note, "note"),
    bracket: storedInteger(draft.bracket, "bracket"),
    target: storedTarget(draft.target),
    seeds: storedSeeds(draft.seeds),
    begin: draft.begin,
  };
}

export function storedChildDraft(draft: ChildDraft): ChildDraft {
  const parent = storedInteger(draft.parent, "parent");
  return { ...storedDraft(draft), parent, source: draft.source, begin: draft.begin };
}

/** A fidelity to train to; null without one. */
export function storedTarget(target: number | null): number | null {
  return target === null ? null : storedFinite(target, "target");
}

/** One per replicate, at least one. */
export function storedSeeds(seeds: readonly number[]): readonly number[] {
  if (seeds.length === 0) refuse("seeds", "none found; allowed: at least one");
  return Object.freeze(seeds.map((seed, i) => storedInteger(seed, `seeds.${i}`)));
}

export function storedReport(report: Report): Report {
  return {
    step: storedInteger(report.step, "step"),
    fidelity: storedFinite(report.fidelity, "fidelity"),
    metrics: storedMetrics(report.metrics, "metrics"),
  };
}

export function storedDecision(decision: Decision): Decision {
  if (decision.kind === "continue") refuse("decision", "continue found; allowed: pause or stop");
  return Object.freeze({ kind: decision.kind, why: storedWhy(decision.why, "decision.why") });
}

export function storedEnd(end: AttemptEnd): AttemptEnd {
  return { outcome: storedOutcome(end.outcome), retry: end.retry, result: end.result === null ? null : storedResult(end.result) };
}

function storedOutcome(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "complete":
      return { kind: "complete", metrics: storedMetrics(outcome.metrics, "outcome.metrics") };
    case "stopped": {
      const metrics = outcome.metrics === null ? null : storedMetrics(outcome.metrics, "outcome.metrics");
      return { kind: "stopped", why: storedWhy(outcome.why, "outcome.why"), metrics };
    }
    case "failed":
      return { kind: "failed", reason: outcome.reason, message: storedText(outcome.message, "outcome.message") };
    case "released":
      return { kind: "released", reason: outcome.reason };
    case "paused":
    case "cancelled":
      return { kind: outcome.kind };
  }
}

function storedResult(result: TrialResult): TrialResult {
  return {
    values: storedNumbers(result.values, "result.values"),
    standardErrors: storedNumbers(result.standardErrors, "result.standardErrors"),
    metrics: result.metrics === null ? null : storedMetrics(result.metrics, "result.metrics"),
  };
}

function storedNumbers(values: readonly number[] | null, path: string): readonly number[] | null {
  return values === null ? null : Object.freeze(values.map((value, i) => storedNumber(value, `${path}.${i}`)));
}

export function storedCheckpoint(checkpoint: Checkpoint): Checkpoint {
  return Object.freeze({
    step: storedInteger(checkpoint.step, "step"),
    location: storedText(checkpoint.location, "location"),
  });
}

export function storedTags(tags: readonly string[]): readonly string[] {
  return Object.freeze(tags.map((tag, i) => storedText(tag, `tags.${i}`)));
}

/** For people: one line, or null. */
export function storedMessage(message: string | undefined): string | null {
  return storedNullableText(message ?? null, "message");
}
