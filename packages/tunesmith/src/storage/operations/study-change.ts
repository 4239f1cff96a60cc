import { type StudyEvent, type TrialState, TunesmithError } from "@tunesmith/core";
import { type Operation, statement } from "../statement.ts";
import { appendEvents, type KnownStudies, type KnownStudy } from "./known-studies.ts";
import type { NameSets } from "./name-sets.ts";
import { eventRows } from "./stored-events.ts";

/** What operations need besides the database. */
export interface OperationContext {
  readonly names: NameSets;
  readonly known: KnownStudies;
  /** Milliseconds since 1970: for display, and for how long trials took. */
  readonly wallClockMs: () => number;
}

/** A write to one study under way: its events and counters, written at the end by `closeStudy`. */
export interface StudyChange {
  readonly known: KnownStudy;
  readonly study: number;
  readonly seqBefore: number;
  readonly trialCountBefore: number;
  readonly events: StudyEvent[];
  addedTrialCount: number;
  addedChildCount: number;
  readonly stateDeltas: Record<TrialState, number>;
}

export function studyNotFound(studyId: string): TunesmithError {
  return new TunesmithError("study-not-found", `there is no study with the id ${studyId}`);
}

/** What is known of a study; asks the database if nothing is. @throws {TunesmithError} `study-not-found`. */
export function* findStudy(context: OperationContext, studyId: string): Operation<KnownStudy> {
  const known = context.known.get(studyId);
  if (known !== undefined) return known;
  const [row] = yield statement("SELECT study, seq, trial_count, child_count FROM studies WHERE id = ?", studyId);
  if (row === undefined) throw studyNotFound(studyId);
  const [study, seq, trialCount, childCount] = row as readonly number[];
  return context.known.add(studyId, study, seq, trialCount, childCount);
}

/** @throws {TunesmithError} `study-not-found`. */
export function* openStudy(context: OperationContext, studyId: string): Operation<StudyChange> {
  return studyChange(yield* findStudy(context, studyId));
}

export function studyChange(known: KnownStudy): StudyChange {
  const stateDeltas = { queued: 0, running: 0, paused: 0, complete: 0, stopped: 0, failed: 0, cancelled: 0 };
  const { study, seq, trialCount } = known;
  const added = { addedTrialCount: 0, addedChildCount: 0 };
  return { known, study, seqBefore: seq, trialCountBefore: trialCount, events: [], ...added, stateDeltas };
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
const advanceStudy = `UPDATE studies SET seq = seq + ?, trial_count = trial_count + ?, child_count = child_count + ?, queued_count = queued_count + ?,
  running_count = running_count + ?, paused_count = paused_count + ?, complete_count = complete_count + ?,
  stopped_count = stopped_count + ?, failed_count = failed_count + ?, cancelled_count = cancelled_count + ? WHERE study = ?`;

export function* closeStudy(change: StudyChange): Operation<void> {
  const { study, events, addedTrialCount, addedChildCount } = change;
  if (events.length === 0) return;
  for (const row of eventRows(events)) yield statement(insertEvent, study, ...row);
  const { queued, running, paused, complete, stopped, failed, cancelled } = change.stateDeltas;
  const deltas = [queued, running, paused, complete, stopped, failed, cancelled];
  yield statement(advanceStudy, events.length, addedTrialCount, addedChildCount, ...deltas, study);
  appendEvents(change.known, events);
  change.known.trialCount += addedTrialCount;
  change.known.childCount += addedChildCount;
}
