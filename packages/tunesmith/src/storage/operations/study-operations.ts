import {
  type Json,
  type JsonObject,
  type NewStudy,
  revisionEvents,
  type StudyCause,
  type StudyRecord,
  type StudyRevision,
  type StudyState,
  TunesmithError,
} from "@tunesmith/core";
import { type Operation, type Row, statement } from "../statement.ts";
import { closeStudy, emit, findStudy, type OperationContext, openStudy, studyChange } from "./study-change.ts";

const selectStudy = `SELECT s.id, s.name, s.state, s.cause, s.message, s.revision, r.problem, r.settings, r.definition, s.active_ms,
  s.created_at, s.seq, s.trial_count, s.deleted_at, s.queued_count, s.running_count, s.paused_count, s.complete_count, s.stopped_count,
  s.failed_count, s.cancelled_count, s.child_count
  FROM studies s JOIN revisions r ON r.study = s.study AND r.revision = s.revision`;

/** @param row  As `selectStudy` gives it. */
function studyOf(row: Row): StudyRecord {
  const [
    id,
    name,
    state,
    cause,
    message,
    revision,
    problem,
    settings,
    definition,
    activeMs,
    createdAt,
    seq,
    trialCount,
    deletedAt,
  ] = row;
  const [queued, running, paused, complete, stopped, failed, cancelled, childCount] = row.slice(14) as number[];
  return {
    id: id as string,
    name: name as string,
    state: state as StudyState,
    cause: cause as StudyCause | null,
    message: message as string | null,
    revision: revision as number,
    problem: JSON.parse(problem as string) as JsonObject,
    settings: JSON.parse(settings as string) as JsonObject,
    definition: JSON.parse(definition as string) as Json,
    activeMs: activeMs as number,
    createdAt: createdAt as number,
    seq: seq as number,
    trialCount: trialCount as number,
    childCount,
    stateCounts: { queued, running, paused, complete, stopped, failed, cancelled },
    deletedAt: deletedAt as number | null,
  };
}

function* readStudy(study: number): Operation<StudyRecord> {
  const [row] = yield statement(`${selectStudy} WHERE s.study = ?`, study);
  return studyOf(row);
}

const insertStudy = `INSERT INTO studies (id, name, state, revision, active_ms, created_at, seq, trial_count, queued_count,
  running_count, paused_count, complete_count, stopped_count, failed_count, cancelled_count)
  VALUES (?, ?, 'active', 1, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0) RETURNING study`;

export function* createStudy(context: OperationContext, id: string, created: NewStudy): Operation<StudyRecord> {
  const taken = yield statement("SELECT 1 FROM studies WHERE name = ? AND deleted_at IS NULL", created.name);
  if (taken.length > 0) throw new TunesmithError("study-exists", `there is a study named ${created.name} already`);
  const [row] = yield statement(insertStudy, id, created.name, context.wallClockMs());
  const change = studyChange(context.known.add(id, row[0] as number, 0, 0, 0));
  yield insertRevision(change.study, 1, created, "");
  emit(change, "study-created", null, null, null, 1);
  yield* closeStudy(change);
  return yield* readStudy(change.study);
}

function insertRevision(study: number, revision: number, content: NewStudy | StudyRevision, reason: string) {
  const json = [JSON.stringify(content.problem), JSON.stringify(content.settings), JSON.stringify(content.definition)];
  return statement("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", study, revision, ...json, reason);
}

export function* getStudy(nameOrId: string): Operation<StudyRecord | null> {
  const byId = yield statement(`${selectStudy} WHERE s.id = ?`, nameOrId);
  if (byId.length > 0) return studyOf(byId[0]);
  const byName = yield statement(`${selectStudy} WHERE s.name = ? AND s.deleted_at IS NULL`, nameOrId);
  return byName.length > 0 ? studyOf(byName[0]) : null;
}

export function* listStudies(): Operation<readonly StudyRecord[]> {
  return (yield statement(`${selectStudy} WHERE s.deleted_at IS NULL ORDER BY s.study DESC`)).map(studyOf);
}

/** @throws {TunesmithError} `study-not-found`, `invalid-input`. */
export function* getRevision(context: OperationContext, studyId: string, revision: number): Operation<JsonObject> {
  const { study } = yield* findStudy(context, studyId);
  const [row] = yield statement("SELECT problem FROM revisions WHERE study = ? AND revision = ?", study, revision);
  if (row !== undefined) return JSON.parse(row[0] as string) as JsonObject;
  const { revision: newest } = yield* readStudy(study);
  throw new TunesmithError("invalid-input", `revision ${revision} found; allowed: 1 to ${newest}`);
}

export function* reviseStudy(context: OperationContext, studyId: string, revised: StudyRevision): Operation<StudyRecord> {
  const change = yield* openStudy(context, studyId);
  const { revision: newest, settings: before } = yield* readStudy(change.study);
  const revision = revised.silent ? newest : newest + 1;
  if (revised.silent) {
    yield statement("DELETE FROM revisions WHERE study = ? AND revision = ?", change.study, newest);
    yield insertRevision(change.study, newest, revised, revised.reason);
  } else {
    yield insertRevision(change.study, revision, revised, revised.reason);
    yield statement("UPDATE studies SET revision = ? WHERE study = ?", revision, change.study);
  }
  for (const { kind, ref } of revisionEvents(before, revised.settings, revision)) emit(change, kind, null, null, null, ref);
  yield* closeStudy(change);
  return yield* readStudy(change.study);
}

export function* deleteStudy(context: OperationContext, studyId: string): Operation<void> {
  const change = yield* openStudy(context, studyId);
  const update = "UPDATE studies SET deleted_at = ? WHERE study = ? AND deleted_at IS NULL RETURNING study";
  const deleted = yield statement(update, context.wallClockMs(), change.study);
  if (deleted.length > 0) emit(change, "study-state");
  yield* closeStudy(change);
}

export function* addActiveTime(context: OperationContext, studyId: string, activeMs: number): Operation<void> {
  const { study } = yield* findStudy(context, studyId);
  yield statement("UPDATE studies SET active_ms = active_ms + ? WHERE study = ?", activeMs, study);
}
