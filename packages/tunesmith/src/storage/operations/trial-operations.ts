import {
  afterCancel,
  afterClaim,
  afterEnd,
  afterExploit,
  afterResume,
  afterStudyDone,
  type ChildDraft,
  confirmReplicates,
  exploitedWhy,
  lostEnd,
  newReplicates,
  outcomeKey,
  refuseParentWithoutCheckpoint,
  resumedRef,
  type StudyCause,
  type StudyState,
  type TrialDraft,
  type TrialParent,
  TunesmithError,
  trialStateOf,
  type Why,
} from "@tunesmith/core";
import { type Operation, statement } from "../statement.ts";
import { heldReplicate, holdTrial, putTrial } from "./held-trial.ts";
import { newReplicateRow } from "./stored-replicate.ts";
import { jsonColumn, packConfig } from "./stored-trial.ts";
import { closeStudy, emit, moveTrial, type OperationContext, openStudy, type StudyChange } from "./study-change.ts";

/** @throws {TunesmithError} `budget-spent`, `wrong-state`. */
export function* addTrials(
  context: OperationContext,
  studyId: string,
  drafts: readonly TrialDraft[],
  trialLimit: number | null,
  expectedNumber: number | undefined,
): Operation<readonly number[]> {
  const change = yield* openStudy(context, studyId);
  const first = change.trialCountBefore;
  const countedCount = first - change.known.childCount;
  if (trialLimit !== null && countedCount + drafts.length > trialLimit)
    throw new TunesmithError(
      "budget-spent",
      `${countedCount} trials made, ${drafts.length} more found; allowed: ${trialLimit} in all`,
    );
  requireNext(change, expectedNumber);
  for (const [i, draft] of drafts.entries()) yield* addTrial(context, change, first + i, draft, null);
  yield* closeStudy(change);
  return drafts.map((_, i) => first + i);
}

function requireNext({ trialCountBefore: next }: StudyChange, number: number | undefined): void {
  if (number !== undefined && number !== next)
    throw new TunesmithError("wrong-state", `the next trial is ${next}, not ${number}`);
}

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* exploit(
  context: OperationContext,
  studyId: string,
  number: number | null,
  why: Why,
  draft: ChildDraft,
  expectedNumber: number,
): Operation<TrialParent> {
  const change = yield* openStudy(context, studyId);
  requireNext(change, expectedNumber);
  const parent = yield* parentOf(context, change, draft);
  if (number !== null) {
    const held = yield* holdTrial(context, change, number);
    const after = afterExploit(held.state, held.replicates, exploitedWhy(why, parent, expectedNumber));
    yield* putTrial(context, change, held, after);
  }
  yield* addTrial(context, change, expectedNumber, draft, parent);
  change.addedChildCount += 1;
  yield* closeStudy(change);
  return parent;
}

const selectCommonStep = `SELECT c.step FROM checkpoints c WHERE c.study = ? AND c.trial = ? AND c.replicate = 0
  AND (SELECT count(*) FROM checkpoints o WHERE o.study = c.study AND o.trial = c.trial AND o.replicate < ? AND o.step = c.step) = ?
  ORDER BY c.seq DESC LIMIT 1`;

function* parentOf(context: OperationContext, change: StudyChange, { parent, seeds }: ChildDraft): Operation<TrialParent> {
  yield* holdTrial(context, change, parent);
  const [row] = yield statement(selectCommonStep, change.study, parent, seeds.length, seeds.length);
  return { trial: parent, step: row === undefined ? refuseParentWithoutCheckpoint(parent) : (row[0] as number) };
}

const insertTrial = `INSERT INTO trials (study, number, state, open, source, revision, history_seq, bracket, config_names, config,
  fixed_names, fixed, why, note, created_seq, created_at, started_at, parent, parent_step, fidelity)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function* addTrial(
  context: OperationContext,
  change: StudyChange,
  number: number,
  draft: TrialDraft,
  parent: TrialParent | null,
): Operation<void> {
  const replicates = newReplicates(draft);
  const state = trialStateOf(replicates.map((each) => each.state));
  const createdAt = context.wallClockMs();
  const claimed = draft.begin === "claimed";
  const createdSeq = emit(change, "trial-added", number);
  if (claimed) emit(change, "claimed", number, 0, 1);
  moveTrial(change, null, state);
  const config = yield* packConfig(context, draft.config);
  const fixed = yield* packConfig(context, draft.fixed);
  const origin = [draft.source, draft.revision, draft.historySeq, draft.bracket];
  const told = [jsonColumn(draft.why), jsonColumn(draft.note)];
  const times = [createdSeq, createdAt, claimed ? createdAt : null];
  yield statement(
    insertTrial,
    change.study,
    number,
    state,
    draft.begin === "open" ? 1 : 0,
    ...origin,
    ...config,
    ...fixed,
    ...told,
    ...times,
    ...(parent === null ? [null, null, null] : [parent.trial, parent.step, parent.step]),
  );
  for (const replicate of replicates) yield newReplicateRow(change.study, number, replicate);
}

const updateConfig = `UPDATE trials SET config_names = ?, config = ?, revision = ?, history_seq = ?, why = ?, note = ?, bracket = ?
  WHERE study = ? AND number = ?`;

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* fillTrial(context: OperationContext, studyId: string, number: number, draft: TrialDraft): Operation<number> {
  const change = yield* openStudy(context, studyId);
  const held = yield* holdTrial(context, change, number);
  if (!held.open) throw new TunesmithError("wrong-state", `trial ${number} is not open; only an open one can be filled`);
  const aimed = held.replicates.map((each) => ({ ...each, target: draft.target }));
  const after = afterClaim(held.state, aimed, 0);
  emit(change, "trial-filled", number);
  emit(change, "claimed", number, 0, after.replicates[0].attempt);
  const config = yield* packConfig(context, draft.config);
  const told = [jsonColumn(draft.why), jsonColumn(draft.note)];
  yield statement(updateConfig, ...config, draft.revision, draft.historySeq, ...told, draft.bracket, change.study, number);
  yield* putTrial(context, change, held, after, { startedAt: context.wallClockMs() });
  yield* closeStudy(change);
  return after.replicates[0].attempt;
}

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* claim(context: OperationContext, studyId: string, number: number, index: number): Operation<number> {
  const change = yield* openStudy(context, studyId);
  const held = yield* holdTrial(context, change, number);
  if (held.open) throw new TunesmithError("wrong-state", `trial ${number} is open; filling it claims it`);
  heldReplicate(held, index);
  const after = afterClaim(held.state, held.replicates, index);
  const { attempt } = after.replicates[index];
  emit(change, "claimed", number, index, attempt);
  const endedAs = held.endedAs.with(index, null);
  yield* putTrial(context, change, held, after, { startedAt: context.wallClockMs(), endedAs });
  yield* closeStudy(change);
  return attempt;
}

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* resume(context: OperationContext, studyId: string, number: number, target: number | null): Operation<void> {
  const change = yield* openStudy(context, studyId);
  const held = yield* holdTrial(context, change, number);
  const after = afterResume(held.state, held.replicates, target);
  emit(change, "resumed", number, null, null, resumedRef(held.replicates));
  yield* putTrial(context, change, held, after);
  yield* closeStudy(change);
}

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* cancel(context: OperationContext, studyId: string, number: number): Operation<void> {
  const change = yield* openStudy(context, studyId);
  const held = yield* holdTrial(context, change, number);
  const after = afterCancel(held.state, held.replicates);
  const cancelled = outcomeKey({ kind: "cancelled" });
  const endedAs = held.replicates.map((each, i) => (each.state === "running" ? cancelled : held.endedAs[i]));
  yield* putTrial(context, change, held, after, { endedAs });
  yield* closeStudy(change);
}

/** @throws {TunesmithError} `trial-not-found`, `wrong-state`. */
export function* addReplicates(
  context: OperationContext,
  studyId: string,
  number: number,
  seeds: readonly number[],
): Operation<readonly number[]> {
  const change = yield* openStudy(context, studyId);
  const held = yield* holdTrial(context, change, number);
  const added = confirmReplicates(held.state, held.replicates, seeds);
  emit(change, "replicates-added", number, null, null, added[0].index);
  for (const replicate of added) yield newReplicateRow(change.study, number, replicate);
  yield* closeStudy(change);
  return added.map((each) => each.index);
}

/** @throws {TunesmithError} `trial-not-found`. */
export function* annotate(context: OperationContext, studyId: string, number: number, tags: readonly string[]): Operation<void> {
  const change = yield* openStudy(context, studyId);
  yield* holdTrial(context, change, number);
  emit(change, "annotated", number);
  const column = tags.length === 0 ? null : JSON.stringify(tags);
  yield statement("UPDATE trials SET tags = ? WHERE study = ? AND number = ?", column, change.study, number);
  yield* closeStudy(change);
}

/** Ends every running attempt as its runner's death does. */
export function* recover(context: OperationContext, studyId: string): Operation<void> {
  const change = yield* openStudy(context, studyId);
  const running = yield statement(
    "SELECT trial, replicate FROM replicates WHERE study = ? AND state = 'running' AND state IN ('queued', 'running') ORDER BY trial, replicate",
    change.study,
  );
  for (const [trial, replicate] of running) {
    const held = yield* holdTrial(context, change, trial as number);
    const index = replicate as number;
    const after = afterEnd(held.state, held.replicates, index, lostEnd);
    emit(change, after.event, held.number, index, held.replicates[index].attempt);
    yield* putTrial(context, change, held, after, { endedAs: held.endedAs.with(index, after.endedAs) });
  }
  yield* closeStudy(change);
}

const selectWaiting = `SELECT number FROM trials WHERE study = ? AND state = 'paused' AND state <> 'complete'
  UNION SELECT trial FROM replicates WHERE study = ? AND state = 'queued' AND state IN ('queued', 'running') ORDER BY 1`;

export function* setStudyState(
  context: OperationContext,
  studyId: string,
  state: StudyState,
  cause: StudyCause | null,
  message: string | null,
): Operation<void> {
  const change = yield* openStudy(context, studyId);
  yield statement("UPDATE studies SET state = ?, cause = ?, message = ? WHERE study = ?", state, cause, message, change.study);
  emit(change, "study-state");
  const waiting = state === "done" ? yield statement(selectWaiting, change.study, change.study) : [];
  for (const [number] of waiting) {
    const held = yield* holdTrial(context, change, number as number);
    const after = afterStudyDone(held.state, held.replicates, cause === "stopped");
    if (after !== null) yield* putTrial(context, change, held, after);
  }
  yield* closeStudy(change);
}
