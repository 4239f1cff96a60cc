import { type Replicate, type TrialChange, type TrialFinish, type TrialState, TunesmithError } from "@tunesmith/core";
import { type Operation, type SqlValue, statement } from "../statement.ts";
import {
  endedAsOf,
  packMetrics,
  replicateColumnCount,
  replicateColumns,
  replicateNamesColumn,
  replicateOf,
  writeReplicate,
} from "./stored-replicate.ts";
import { jsonColumn, packNumbers } from "./stored-trial.ts";
import { emit, moveTrial, type OperationContext, type StudyChange } from "./study-change.ts";

/** What a write about a trial needs to know of it. */
export interface HeldTrial {
  readonly number: number;
  readonly state: TrialState;
  /** Whether its config waits to be filled. */
  readonly open: boolean;
  readonly fidelity: number | null;
  readonly startedAt: number | null;
  readonly replicates: readonly Replicate[];
  /** By replicate, see `isRepeatedEnd`. */
  readonly endedAs: readonly (string | null)[];
}

const selectHeld = `SELECT ${replicateColumns}, r.ended_as, t.state, t.open, t.fidelity, t.started_at
  FROM trials t JOIN replicates r ON r.study = t.study AND r.trial = t.number
  WHERE t.study = ? AND t.number = ? ORDER BY r.replicate`;

/** @throws {TunesmithError} `trial-not-found`. */
export function* holdTrial(context: OperationContext, change: StudyChange, number: number): Operation<HeldTrial> {
  // Whoever holds a trial changes it.
  change.known.trials.delete(number);
  const rows = yield statement(selectHeld, change.study, number);
  if (rows.length === 0) throw trialNotFound(number, change.trialCountBefore);
  yield* context.names.learn(rows, replicateNamesColumn);
  const replicates = rows.map((row) => replicateOf(context.names, row));
  const [state, open, fidelity, startedAt] = rows[0].slice(replicateColumnCount + 1);
  return {
    number,
    state: state as TrialState,
    open: open === 1,
    fidelity: fidelity as number | null,
    startedAt: startedAt as number | null,
    replicates,
    endedAs: replicates.map((replicate, i) => endedAsOf(replicate, rows[i][replicateColumnCount])),
  };
}

function trialNotFound(number: number, trialCount: number): TunesmithError {
  return new TunesmithError("trial-not-found", `there is no trial ${number}; the study has ${trialCount}`);
}

/** @throws {TunesmithError} `trial-not-found`. */
export function heldReplicate(held: HeldTrial, index: number): Replicate {
  const replicate = held.replicates[index];
  if (replicate !== undefined) return replicate;
  throw new TunesmithError("trial-not-found", `trial ${held.number} has no replicate ${index}; it has ${held.replicates.length}`);
}

export interface TrialPatch {
  readonly startedAt?: number;
  /** All of them, where they change. */
  readonly endedAs?: readonly (string | null)[];
}

/** Writes what a change makes of a trial: the replicates that differ, its state, and its result if it finishes. */
export function* putTrial(
  context: OperationContext,
  change: StudyChange,
  held: HeldTrial,
  after: TrialChange,
  patch: TrialPatch = {},
): Operation<void> {
  yield* putReplicates(context, change, held, after.replicates, patch.endedAs ?? held.endedAs);
  if (after.finish !== null) yield* finish(context, change, held.number, after.state, after.finish);
  const startedAt = held.startedAt ?? patch.startedAt ?? null;
  if (after.state === held.state && startedAt === held.startedAt) return;
  if (after.state !== held.state) moveTrial(change, held.state, after.state);
  const open = held.open && after.state === "queued" ? 1 : 0;
  const update = "UPDATE trials SET state = ?, open = ?, started_at = ? WHERE study = ? AND number = ?";
  yield statement(update, after.state, open, startedAt, change.study, held.number);
}

function* putReplicates(
  context: OperationContext,
  change: StudyChange,
  held: HeldTrial,
  replicates: readonly Replicate[],
  endedAs: readonly (string | null)[],
): Operation<void> {
  for (const [i, replicate] of replicates.entries()) {
    if (replicate === held.replicates[i] && endedAs[i] === held.endedAs[i]) continue;
    yield* writeReplicate(context, change.study, held.number, replicate, endedAs[i]);
  }
}

const insertResult = `INSERT INTO results (study, trial, finished_seq, finished_at, objective_values, standard_errors, metric_names,
  metrics, reason, message, stop_why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function* finish(
  context: OperationContext,
  change: StudyChange,
  number: number,
  state: TrialState,
  result: TrialFinish,
): Operation<void> {
  const { study } = change;
  const seq = emit(change, "trial-finished", number);
  const metrics = yield* packMetrics(context, result.metrics);
  const packed: SqlValue[] = [packNumbers(result.values), packNumbers(result.standardErrors), ...metrics];
  const texts = [result.reason, result.message, jsonColumn(result.stopWhy)];
  yield statement(insertResult, study, number, seq, context.wallClockMs(), ...packed, ...texts);
  if (state !== "complete") return;
  for (const [objective, value] of (result.values ?? []).entries()) {
    if (Number.isFinite(value)) yield statement("INSERT INTO rankings VALUES (?, ?, ?, ?)", study, objective, value, number);
  }
}
