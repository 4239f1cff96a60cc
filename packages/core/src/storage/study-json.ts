import { fromWireNumber, type Json, type JsonObject, toWireNumber } from "../json.ts";
import type { Checkpoint } from "../loop/engine.ts";
import type { Metrics, Replicate, StoredReport, Trial } from "../trial/trial.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { type Fault, TunesmithError, throwFaults } from "../tunesmith-error.ts";
import { maxPageSize, refuse, storedJson, storedMetrics } from "./check-stored.ts";
import type { Storage, StoredDecision, StudyEvent, StudyRecord } from "./storage.ts";

/** A trial with everything that is stored about it. */
export interface SavedTrial {
  readonly trial: Trial;
  /** Whether its config still has to be filled by the sampler. */
  readonly open: boolean;
  readonly reports: readonly StoredReport[];
  readonly decisions: readonly StoredDecision[];
  /** By replicate, each newest first. */
  readonly checkpoints: readonly (readonly Checkpoint[])[];
}

/**
 * A whole study. What is not in it: how earlier attempts ended word for word, so after a restore a repeated `end` of an attempt that
 * is over is refused as stale instead of taken as a repeat.
 */
export interface StudySnapshot {
  readonly record: StudyRecord;
  /** Problem of each revision, from 1. */
  readonly revisions: readonly JsonObject[];
  readonly events: readonly StudyEvent[];
  /** By number. */
  readonly trials: readonly SavedTrial[];
}

const formatName = "tunesmith-study";
const formatVersion = 1;
// Levels of the export around the JSON of a study, which may use the whole allowance.
const ownDepth = 8;

/**
 * Everything about a study as one JSON value, from which `importStudy` makes a study that continues exactly.
 *
 * The study must not change meanwhile. @throws {TunesmithError} `study-not-found`; `wrong-state` if it changed.
 */
export async function exportStudy(storage: Storage, studyId: string): Promise<JsonObject> {
  const record = await requireStudy(storage, studyId);
  const revisions: JsonObject[] = [];
  for (let revision = 1; revision <= record.revision; revision++) revisions.push(await storage.getRevision(studyId, revision));
  const openNumbers = new Set<number>();
  for (const each of await storage.openReplicates(studyId)) if (each.open) openNumbers.add(each.trial);
  const trials = await paged((last: Trial | undefined) =>
    storage.getTrials(studyId, { after: last?.number ?? -1, limit: maxPageSize }),
  );
  const saved: Json[] = [];
  for (const trial of trials) saved.push(await savedTrialJson(storage, studyId, trial, openNumbers.has(trial.number)));
  const events = await paged((last: StudyEvent | undefined) => storage.eventsAfter(studyId, last?.seq ?? 0, maxPageSize));
  const now = await requireStudy(storage, studyId);
  if (now.seq !== record.seq) throw new TunesmithError("wrong-state", `the study ${record.name} changed while it was read`);
  return {
    format: formatName,
    version: formatVersion,
    record: record as unknown as JsonObject,
    revisions,
    events: events.map(eventJson),
    trials: saved,
  };
}

/**
 * Makes the study of an export again: the same id, name, trials, reports, decisions, checkpoints and events.
 *
 * @throws {TunesmithError} `invalid-input` if `json` is no export; `study-exists` if the name or the id is taken.
 */
export async function importStudy(
  storage: { restoreStudy(snapshot: StudySnapshot): Promise<StudyRecord> },
  json: JsonObject,
): Promise<StudyRecord> {
  return storage.restoreStudy(readStudyJson(json));
}

/** The content of an export. @throws {TunesmithError} `invalid-input`. */
export function readStudyJson(json: JsonObject): StudySnapshot {
  if (json.format !== formatName || json.version !== formatVersion) {
    refuse(
      "",
      `format ${JSON.stringify(json.format)}, version ${JSON.stringify(json.version)} found; allowed: ${formatName}, ${formatVersion}`,
    );
  }
  const { record, revisions, events, trials } = storedJson(json, "", -ownDepth) as unknown as ExportedStudy;
  if (typeof record !== "object" || record === null) refuse("record", "no study record found");
  const faults = [...listFaults(revisions, "revisions"), ...listFaults(events, "events"), ...listFaults(trials, "trials")];
  throwFaults("study export", faults);
  const snapshot = { record, revisions, events: events.map(readEvent), trials: trials.map(readTrial) };
  throwFaults("study export", orderFaults(snapshot));
  return snapshot;
}

/** Members as JSON carries them. */
interface ExportedStudy {
  readonly record: StudyRecord;
  readonly revisions: readonly JsonObject[];
  readonly events: readonly JsonEvent[];
  readonly trials: readonly JsonObject[];
}

/** seq is the position; most events have trailing nulls, which are left out. */
type JsonEvent = readonly [kind: StudyEvent["kind"], ...refs: (number | null)[]];

function eventJson({ kind, trial, replicate, attempt, ref }: StudyEvent): Json {
  const members = [kind, trial, replicate, attempt, ref];
  while (members.at(-1) === null) members.pop();
  return members;
}

function readEvent([kind, trial = null, replicate = null, attempt = null, ref = null]: JsonEvent, i: number): StudyEvent {
  return Object.freeze({ seq: i + 1, kind, trial, replicate, attempt, ref });
}

async function savedTrialJson(storage: Storage, studyId: string, trial: Trial, open: boolean): Promise<Json> {
  const { number, replicates } = trial;
  const checkpoints: Json[] = [];
  for (const { index } of replicates) checkpoints.push((await storage.getCheckpoints(studyId, number, index)) as unknown as Json);
  const reports = await storage.getReports(studyId, number);
  return {
    trial: {
      ...(trial as unknown as JsonObject),
      values: numbersJson(trial.values),
      standardErrors: numbersJson(trial.standardErrors),
      metrics: metricsJson(trial.metrics),
      replicates: replicates.map((each) => ({ ...each, metrics: metricsJson(each.metrics) })),
    },
    open,
    reports: reports.map((report) => ({ ...report, metrics: metricsJson(report.metrics) })),
    decisions: (await storage.getDecisions(studyId, number)) as unknown as Json,
    checkpoints,
  };
}

function readTrial(json: JsonObject, i: number): SavedTrial {
  const path = `trials.${i}`;
  const { trial, open, reports, decisions, checkpoints } = (json ?? {}) as unknown as SavedTrial;
  if (!Object.hasOwn(trialStateCodes, trial?.state)) refuse(path, "no trial with a known state found");
  const lists = { replicates: trial.replicates, reports, decisions, checkpoints };
  throwFaults(
    "study export",
    Object.entries(lists).flatMap(([name, list]) => listFaults(list, `${path}.${name}`)),
  );
  const replicates = trial.replicates.map(
    (each): Replicate => Object.freeze({ ...each, metrics: readMetrics(each.metrics, path) }),
  );
  return {
    trial: Object.freeze({
      ...trial,
      // Exports made before training code could draw values, and before there were children, do not have these.
      suggested: trial.suggested ?? null,
      parent: trial.parent === undefined || trial.parent === null ? null : Object.freeze({ ...trial.parent }),
      values: readNumbers(trial.values, path),
      standardErrors: readNumbers(trial.standardErrors, path),
      metrics: readMetrics(trial.metrics, path),
      replicates: Object.freeze(replicates),
    }),
    open,
    reports: reports.map((report) => Object.freeze({ ...report, metrics: readMetrics(report.metrics, path) ?? {} })),
    decisions,
    checkpoints,
  };
}

function numbersJson(values: readonly number[] | null): Json {
  return values === null ? null : values.map(toWireNumber);
}

function metricsJson(metrics: Metrics | null): Json {
  return metrics === null
    ? null
    : Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, toWireNumber(value)]));
}

function readNumbers(values: readonly unknown[] | null, path: string): readonly number[] | null {
  return values === null ? null : Object.freeze(values.map((value) => readNumber(value, path)));
}

function readMetrics(metrics: { readonly [name: string]: unknown } | null, path: string): Metrics | null {
  if (metrics === null) return null;
  return storedMetrics(Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, readNumber(value, path)])), path);
}

function readNumber(value: unknown, path: string): number {
  try {
    return fromWireNumber(value);
  } catch (error) {
    return refuse(path, (error as Error).message);
  }
}

function listFaults(list: unknown, path: string): readonly Fault[] {
  return Array.isArray(list) ? [] : [{ path, message: "no list found" }];
}

function orderFaults({ record, trials, events }: StudySnapshot): readonly Fault[] {
  const faults: Fault[] = [];
  const misplaced = trials.findIndex(({ trial }, i) => trial.number !== i);
  if (misplaced >= 0)
    faults.push({ path: `trials.${misplaced}`, message: `trial ${trials[misplaced].trial.number} found; allowed: ${misplaced}` });
  const orphan = trials.findIndex(({ trial }) => trial.parent !== null && !(trial.parent.trial < trial.number));
  if (orphan >= 0)
    faults.push({
      path: `trials.${orphan}`,
      message: `parent ${trials[orphan].trial.parent?.trial} found; allowed: an earlier trial`,
    });
  if (record.trialCount !== trials.length)
    faults.push({ path: "trials", message: `${trials.length} found; allowed: ${record.trialCount}` });
  if (record.seq !== events.length) faults.push({ path: "events", message: `${events.length} found; allowed: ${record.seq}` });
  return faults;
}

async function requireStudy(storage: Storage, studyId: string): Promise<StudyRecord> {
  const record = await storage.getStudy(studyId);
  if (record === null) throw new TunesmithError("study-not-found", `there is no study ${studyId}`);
  return record;
}

async function paged<Item>(next: (last: Item | undefined) => Promise<readonly Item[]>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for (;;) {
    const page = await next(all.at(-1));
    if (page.length === 0) return all;
    for (const item of page) all.push(item);
  }
}
