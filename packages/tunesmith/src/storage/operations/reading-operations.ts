import type {
  Checkpoint,
  FailureReason,
  OpenReplicate,
  StoredDecision,
  StoredReport,
  StudyEvent,
  Trial,
  TrialQuery,
  TrialState,
  Why,
} from "@tunesmith/core";
import { type Operation, type Row, statement } from "../statement.ts";
import { keepTrial, knownEventsAfter } from "./known-studies.ts";
import { eventColumns, eventsOf } from "./stored-events.ts";
import { unpackMetrics } from "./stored-replicate.ts";
import { loadTrial, loadTrials } from "./stored-trial.ts";
import { findStudy, type OperationContext } from "./study-change.ts";

export function* getTrial(context: OperationContext, studyId: string, number: number): Operation<Trial | null> {
  const known = yield* findStudy(context, studyId);
  const kept = known.trials.get(number);
  if (kept !== undefined) return kept;
  const trial = Number.isInteger(number) ? yield* loadTrial(context, known.study, number) : null;
  return trial === null ? null : keepTrial(known, trial);
}

export function* getTrials(context: OperationContext, studyId: string, query: TrialQuery): Operation<readonly Trial[]> {
  const { study, trialCount } = yield* findStudy(context, studyId);
  const { after = -1, limit = 1_000, states } = query;
  const numbers = states
    ? yield* numbersInStates(study, states, after, limit)
    : numbersBetween(after + 1, Math.min(after + 1 + limit, trialCount));
  return yield* loadTrials(context, study, numbers);
}

export function numbersBetween(first: number, end: number): readonly number[] {
  const start = Math.max(0, first);
  return Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
}

// Most trials are complete, so that these are found along the numbers and only the others have an index.
const selectComplete = "SELECT number FROM trials WHERE study = ? AND state = ? AND number > ? ORDER BY number LIMIT ?";
const selectOthers =
  "SELECT number FROM trials WHERE study = ? AND state = ? AND state <> 'complete' AND number > ? ORDER BY number LIMIT ?";

export function* numbersInStates(
  study: number,
  states: readonly TrialState[],
  after: number,
  limit: number,
): Operation<readonly number[]> {
  const numbers: number[] = [];
  for (const state of new Set(states)) {
    const rows = yield statement(state === "complete" ? selectComplete : selectOthers, study, state, after, limit);
    for (const row of rows) numbers.push(row[0] as number);
  }
  return numbers.sort((a, b) => a - b).slice(0, limit);
}

const selectBestDirected = {
  minimize: "SELECT trial FROM rankings WHERE study = ? AND objective = ? ORDER BY value, trial LIMIT ?",
  maximize: "SELECT trial FROM rankings WHERE study = ? AND objective = ? ORDER BY value DESC, trial LIMIT ?",
};

export function* bestTrials(
  context: OperationContext,
  studyId: string,
  objective: number,
  goal: "minimize" | "maximize",
  limit: number,
): Operation<readonly Trial[]> {
  const { study } = yield* findStudy(context, studyId);
  const rows = yield statement(selectBestDirected[goal], study, objective, limit);
  return yield* loadTrials(
    context,
    study,
    rows.map((row) => row[0] as number),
  );
}

export function* getReports(
  context: OperationContext,
  studyId: string,
  trial: number,
  afterSeq: number,
): Operation<readonly StoredReport[]> {
  const { study } = yield* findStudy(context, studyId);
  const select = `SELECT seq, replicate, attempt, step, fidelity, metric_names, metrics FROM reports
    WHERE study = ? AND trial = ? AND seq > ? ORDER BY seq`;
  const rows = yield statement(select, study, trial, afterSeq);
  yield* context.names.learn(rows, 5);
  return rows.map(([seq, replicate, attempt, step, fidelity, metricNames, metrics]) => ({
    step: step as number,
    fidelity: fidelity as number,
    metrics: unpackMetrics(context.names, metricNames, metrics) ?? {},
    seq: seq as number,
    replicate: replicate as number,
    attempt: attempt as number,
  }));
}

export function* getDecisions(context: OperationContext, studyId: string, trial: number): Operation<readonly StoredDecision[]> {
  const { study } = yield* findStudy(context, studyId);
  const select = "SELECT seq, replicate, attempt, step, kind, why FROM decisions WHERE study = ? AND trial = ? ORDER BY seq";
  return (yield statement(select, study, trial)).map(([seq, replicate, attempt, step, kind, why]) => ({
    seq: seq as number,
    replicate: replicate as number,
    attempt: attempt as number,
    step: step as number,
    decision: { kind: kind as "pause" | "stop", why: JSON.parse(why as string) as Why },
  }));
}

export function* getCheckpoints(
  context: OperationContext,
  studyId: string,
  trial: number,
  replicate: number,
): Operation<readonly Checkpoint[]> {
  const { study } = yield* findStudy(context, studyId);
  const select = "SELECT step, location FROM checkpoints WHERE study = ? AND trial = ? AND replicate = ? ORDER BY seq DESC";
  const rows = yield statement(select, study, trial, replicate);
  return rows.map(([step, location]) => ({ step: step as number, location: location as string }));
}

export function* eventsAfter(
  context: OperationContext,
  studyId: string,
  afterSeq: number,
  limit: number,
): Operation<readonly StudyEvent[]> {
  const known = yield* findStudy(context, studyId);
  const recent = knownEventsAfter(known, afterSeq, limit);
  if (recent !== undefined) return recent;
  // The row at `afterSeq` may hold the event after it, too.
  const select = `SELECT ${eventColumns} FROM events WHERE study = ? AND seq >= ? ORDER BY seq LIMIT ?`;
  const events = (yield statement(select, known.study, afterSeq, limit + 1)).flatMap(eventsOf);
  return events.filter(({ seq }) => seq > afterSeq).slice(0, limit);
}

// The condition on the state and the first key of the order are written as in the index, else it would not be used.
const selectOpen = `SELECT r.trial, r.replicate, r.state, r.attempt, r.confirm, r.reason, t.open
  FROM replicates r JOIN trials t ON t.study = r.study AND t.number = r.trial
  WHERE r.study = ? AND r.state IN ('queued', 'running') AND (t.open = 0 OR r.replicate = 0)
  ORDER BY r.attempt = 0, r.trial, r.replicate`;

export function* openReplicates(context: OperationContext, studyId: string): Operation<readonly OpenReplicate[]> {
  const { study } = yield* findStudy(context, studyId);
  return (yield statement(selectOpen, study)).map(openReplicateOf);
}

function openReplicateOf([trial, replicate, state, attempt, confirm, reason, open]: Row): OpenReplicate {
  return {
    trial: trial as number,
    replicate: replicate as number,
    state: state as OpenReplicate["state"],
    attempt: attempt as number,
    open: open === 1,
    confirm: confirm === 1,
    reason: reason as FailureReason | null,
  };
}
