import { type StudyEvent, type TrialState, TunesmithError } from "@tunesmith/core";
import { type Operation, type Row, statement } from "../statement.ts";
import type { NameSets } from "./name-sets.ts";

/** What operations need besides the database. */
export interface OperationContext {
  readonly names: NameSets;
  /** For display only. */
  readonly wallClockMs: () => number;
}

/** The code of an event in the database: its place here. Never reorder, only add at the end. */
export const eventKinds: readonly StudyEvent["kind"][] = Object.freeze([
  "study-created",
  "study-revised",
  "study-state",
  "trial-added",
  "trial-filled",
  "claimed",
  "reported",
  "decided",
  "resumed",
  "checkpoint",
  "replicate-ended",
  "requeued",
  "replicates-added",
  "trial-finished",
  "annotated",
]);

const eventCodes = new Map(eventKinds.map((kind, code) => [kind, code]));

/** A write to one study under way: its events and counters, written at the end by `closeStudy`. */
export interface StudyChange {
  readonly study: number;
  readonly seqBefore: number;
  readonly trialCountBefore: number;
  readonly events: StudyEvent[];
  addedTrialCount: number;
  readonly stateDeltas: Record<TrialState, number>;
}

export function studyNotFound(studyId: string): TunesmithError {
  return new TunesmithError("study-not-found", `there is no study with the id ${studyId}`);
}

/** The short key of a study. @throws {TunesmithError} `study-not-found`. */
export function* findStudy(studyId: string): Operation<number> {
  const [row] = yield statement("SELECT study FROM studies WHERE id = ?", studyId);
  if (row === undefined) throw studyNotFound(studyId);
  return row[0] as number;
}

/** @throws {TunesmithError} `study-not-found`. */
export function* openStudy(studyId: string): Operation<StudyChange> {
  const [row] = yield statement("SELECT study, seq, trial_count FROM studies WHERE id = ?", studyId);
  if (row === undefined) throw studyNotFound(studyId);
  return studyChange(row[0] as number, row[1] as number, row[2] as number);
}

export function studyChange(study: number, seqBefore: number, trialCountBefore: number): StudyChange {
  const stateDeltas = { queued: 0, running: 0, paused: 0, complete: 0, stopped: 0, failed: 0, cancelled: 0 };
  return { study, seqBefore, trialCountBefore, events: [], addedTrialCount: 0, stateDeltas };
}

/** @returns The event's seq. */
export function emit(
  change: StudyChange,
  kind: StudyEvent["kind"],
  trial: number | null = null,
  replicate: number | null = null,
  attempt: number | null = null,
  ref: number | null = null,
): number {
  const seq = change.seqBefore + change.events.length + 1;
  change.events.push({ seq, kind, trial, replicate, attempt, ref });
  return seq;
}

/** Counts a trial's way from one state to another; `null` = it is new. */
export function moveTrial(change: StudyChange, from: TrialState | null, to: TrialState): void {
  if (from === null) change.addedTrialCount += 1;
  else change.stateDeltas[from] -= 1;
  change.stateDeltas[to] += 1;
}

const insertEvent = "INSERT INTO events (study, seq, kind, trial, replicate, attempt, ref) VALUES (?, ?, ?, ?, ?, ?, ?)";
const advanceStudy = `UPDATE studies SET seq = seq + ?, trial_count = trial_count + ?, queued_count = queued_count + ?,
  running_count = running_count + ?, paused_count = paused_count + ?, complete_count = complete_count + ?,
  stopped_count = stopped_count + ?, failed_count = failed_count + ?, cancelled_count = cancelled_count + ? WHERE study = ?`;

export function* closeStudy(change: StudyChange): Operation<void> {
  if (change.events.length === 0) return;
  for (const { seq, kind, trial, replicate, attempt, ref } of change.events) {
    yield statement(insertEvent, change.study, seq, eventCodes.get(kind) as number, trial, replicate, attempt, ref);
  }
  const { queued, running, paused, complete, stopped, failed, cancelled } = change.stateDeltas;
  const deltas = [queued, running, paused, complete, stopped, failed, cancelled];
  yield statement(advanceStudy, change.events.length, change.addedTrialCount, ...deltas, change.study);
}

export const eventColumns = "seq, kind, trial, replicate, attempt, ref";

/** @param row  `eventColumns`. */
export function eventOf([seq, kind, trial, replicate, attempt, ref]: Row): StudyEvent {
  return {
    seq: seq as number,
    kind: eventKinds[kind as number],
    trial: trial as number | null,
    replicate: replicate as number | null,
    attempt: attempt as number | null,
    ref: ref as number | null,
  };
}
