import {
  type AttemptEnd,
  type AttemptRef,
  afterEnd,
  afterValues,
  type Checkpoint,
  type Config,
  type Decision,
  identicalDecisions,
  identicalReports,
  isRepeatedEnd,
  isTerminal,
  type Report,
  requireCurrent,
  TunesmithError,
  type Why,
} from "@tunesmith/core";
import { type Operation, statement } from "../statement.ts";
import { type HeldTrial, heldReplicate, holdTrial, putTrial } from "./held-trial.ts";
import { packMetrics, unpackMetrics } from "./stored-replicate.ts";
import { packConfig, unpackConfig } from "./stored-trial.ts";
import { closeStudy, emit, type OperationContext, openStudy, type StudyChange } from "./study-change.ts";

/** @throws {TunesmithError} `trial-not-found`, `stale-attempt`, `conflicting-report`. */
export function* report(context: OperationContext, ref: AttemptRef, reports: readonly Report[]): Operation<readonly boolean[]> {
  const change = yield* openStudy(context, ref.studyId);
  const held = yield* holdRunning(context, change, ref);
  const isNew: boolean[] = [];
  for (const each of reports) isNew.push(yield* insertReport(context, change, ref, each));
  yield* reach(change, held, ref, reports);
  yield* closeStudy(change);
  return isNew;
}

function* holdRunning(context: OperationContext, change: StudyChange, ref: AttemptRef): Operation<HeldTrial> {
  const held = yield* holdTrial(context, change, ref.trial);
  requireCurrent(ref, heldReplicate(held, ref.replicate));
  return held;
}

const insertNewReport = `INSERT INTO reports (study, trial, seq, replicate, attempt, step, fidelity, metric_names, metrics)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (study, trial, replicate, attempt, step) DO NOTHING RETURNING seq`;

/** @returns Whether it is new. */
function* insertReport(context: OperationContext, change: StudyChange, ref: AttemptRef, given: Report): Operation<boolean> {
  const { trial, replicate, attempt } = ref;
  const seq = change.seqBefore + change.events.length + 1;
  const metrics = yield* packMetrics(context, given.metrics);
  const inserted = yield statement(
    insertNewReport,
    change.study,
    trial,
    seq,
    replicate,
    attempt,
    given.step,
    given.fidelity,
    ...metrics,
  );
  if (inserted.length > 0) emit(change, "reported", trial, replicate, attempt, given.step);
  else yield* requireIdentical(context, change, ref, given);
  return inserted.length > 0;
}

const selectReport = `SELECT fidelity, metric_names, metrics FROM reports
  WHERE study = ? AND trial = ? AND replicate = ? AND attempt = ? AND step = ?`;

function* requireIdentical(context: OperationContext, change: StudyChange, ref: AttemptRef, given: Report): Operation<void> {
  const { trial, replicate, attempt } = ref;
  const rows = yield statement(selectReport, change.study, trial, replicate, attempt, given.step);
  yield* context.names.learn(rows, 1);
  const [fidelity, metricNames, values] = rows[0];
  const metrics = unpackMetrics(context.names, metricNames, values) ?? {};
  if (identicalReports({ step: given.step, fidelity: fidelity as number, metrics }, given)) return;
  const found = `attempt ${attempt} of trial ${trial}, replicate ${replicate}`;
  throw new TunesmithError(
    "conflicting-report",
    `${found} reported step ${given.step} before, with other numbers; the first report stands`,
  );
}

/** The trial's fidelity follows its reports while it is unfinished. */
function* reach(change: StudyChange, held: HeldTrial, ref: AttemptRef, reports: readonly Report[]): Operation<void> {
  if (isTerminal(held.state) || held.replicates[ref.replicate].confirm) return;
  let reached = held.fidelity;
  for (const { fidelity } of reports) if (reached === null || fidelity > reached) reached = fidelity;
  if (reached === held.fidelity) return;
  yield statement("UPDATE trials SET fidelity = ? WHERE study = ? AND number = ?", reached, change.study, held.number);
}

/** @throws {TunesmithError} `trial-not-found`, `stale-attempt`, `conflicting-report`. */
export function* recordValues(context: OperationContext, ref: AttemptRef, values: Config): Operation<void> {
  const change = yield* openStudy(context, ref.studyId);
  yield* holdRunning(context, change, ref);
  const { trial, replicate, attempt } = ref;
  const select = "SELECT suggested_names, suggested FROM trials WHERE study = ? AND number = ?";
  const rows = yield statement(select, change.study, trial);
  yield* context.names.learn(rows, 0);
  const before = unpackConfig(context.names, rows[0][0], rows[0][1]);
  const after = afterValues(trial, before, values);
  if (after === before) return;
  emit(change, "values-recorded", trial, replicate, attempt);
  const packed = yield* packConfig(context, after);
  const update = "UPDATE trials SET suggested_names = ?, suggested = ? WHERE study = ? AND number = ?";
  yield statement(update, ...packed, change.study, trial);
  yield* closeStudy(change);
}

const selectDecision = `SELECT kind, why FROM decisions
  WHERE study = ? AND trial = ? AND replicate = ? AND attempt = ? AND step = ?`;

/** @throws {TunesmithError} `trial-not-found`, `stale-attempt`, `wrong-state`. */
export function* decide(
  context: OperationContext,
  ref: AttemptRef,
  step: number,
  decision: Exclude<Decision, { kind: "continue" }>,
): Operation<void> {
  const change = yield* openStudy(context, ref.studyId);
  yield* holdRunning(context, change, ref);
  const key = [change.study, ref.trial, ref.replicate, ref.attempt, step];
  const [taken] = yield statement(selectDecision, ...key);
  if (taken === undefined) {
    const seq = emit(change, "decided", ref.trial, ref.replicate, ref.attempt, step);
    yield statement(
      "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...key,
      seq,
      decision.kind,
      JSON.stringify(decision.why),
    );
  } else if (!identicalDecisions({ kind: taken[0] as "pause" | "stop", why: JSON.parse(taken[1] as string) as Why }, decision)) {
    throw new TunesmithError("wrong-state", `${taken[0]} was decided at step ${step}; a decision on record stands`);
  }
  yield* closeStudy(change);
}

/** @throws {TunesmithError} `trial-not-found`, `stale-attempt`. */
export function* end(context: OperationContext, ref: AttemptRef, given: AttemptEnd): Operation<void> {
  const change = yield* openStudy(context, ref.studyId);
  const held = yield* holdTrial(context, change, ref.trial);
  const { replicate: index } = ref;
  if (isRepeatedEnd(ref, heldReplicate(held, index), held.endedAs[index], given.outcome)) return;
  const after = afterEnd(held.state, held.replicates, index, given);
  emit(change, after.event, ref.trial, index, ref.attempt);
  yield* putTrial(context, change, held, after, { endedAs: held.endedAs.with(index, after.endedAs) });
  yield* closeStudy(change);
}

/** @throws {TunesmithError} `trial-not-found`, `stale-attempt`. */
export function* addCheckpoint(context: OperationContext, ref: AttemptRef, { step, location }: Checkpoint): Operation<void> {
  const change = yield* openStudy(context, ref.studyId);
  yield* holdRunning(context, change, ref);
  const { trial, replicate, attempt } = ref;
  const seq = emit(change, "checkpoint", trial, replicate, attempt, step);
  const insert = `INSERT INTO checkpoints (study, trial, replicate, step, attempt, seq, location) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET attempt = excluded.attempt, seq = excluded.seq, location = excluded.location`;
  yield statement(insert, change.study, trial, replicate, step, attempt, seq, location);
  yield* closeStudy(change);
}

const selectNeeding = `SELECT 1 FROM trials t JOIN replicates r ON r.study = t.study AND r.trial = t.number AND r.replicate = ?
  WHERE t.study = ? AND t.parent = ? AND t.parent IS NOT NULL AND t.parent_step = ? AND r.state IN ('queued', 'running', 'paused')
  AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.study = t.study AND c.trial = t.number AND c.replicate = r.replicate) LIMIT 1`;

/** @throws {TunesmithError} `trial-not-found`. */
export function* removeCheckpoint(
  context: OperationContext,
  studyId: string,
  trial: number,
  replicate: number,
  step: number,
): Operation<boolean> {
  const change = yield* openStudy(context, studyId);
  heldReplicate(yield* holdTrial(context, change, trial), replicate);
  const where = "WHERE study = ? AND trial = ? AND replicate = ? AND step = ?";
  const place = [change.study, trial, replicate, step];
  if ((yield statement(`SELECT 1 FROM checkpoints ${where}`, ...place)).length === 0) return true;
  if ((yield statement(selectNeeding, replicate, change.study, trial, step)).length > 0) return false;
  yield statement(`DELETE FROM checkpoints ${where}`, ...place);
  return true;
}
