/**
 * What a write about an attempt does to its replicate and trial: pure, and the same for every storage.
 *
 * Each function takes a trial's state and all its replicates as stored and gives what they become. Replicates that do not change
 * are given back as the same object, so that a storage writes only those that differ. The events of each change are listed at
 * `Storage`. Besides what `Replicate` shows, a storage keeps one text per replicate, `endedAs` (see `outcomeKey`).
 */

import type { Config } from "../parameters/parameter.ts";
import type { AttemptRef, FailureReason, Outcome, Replicate, Trial, TrialParent, Why } from "../trial/trial.ts";
import { isTerminal, mayBecome, type TrialState, trialStateOf } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { contentKey } from "./content-key.ts";
import type { AttemptEnd, TrialDraft } from "./storage.ts";

/** Columns of a trial that are written once, when it finishes. */
export type TrialFinish = Pick<Trial, "values" | "standardErrors" | "metrics" | "reason" | "message" | "stopWhy">;

export interface TrialChange {
  readonly state: TrialState;
  /** All replicates, by index. */
  readonly replicates: readonly Replicate[];
  /** Not null exactly when this change made the trial finish: then an event `trial-finished` follows. */
  readonly finish: TrialFinish | null;
}

export interface EndChange extends TrialChange {
  /** The event about the replicate. */
  readonly event: "replicate-ended" | "requeued";
  /** To be kept with the replicate until its next claim. */
  readonly endedAs: string;
}

const nothing: TrialFinish = { values: null, standardErrors: null, metrics: null, reason: null, message: null, stopWhy: null };

/** The replicates of a trial that is being made; with `begin: "claimed"` replicate 0 already runs as attempt 1. */
export function newReplicates(draft: TrialDraft): readonly Replicate[] {
  return draft.seeds.map((seed, index) => {
    const replicate = newReplicate(index, seed, false, draft.target);
    return draft.begin === "claimed" && index === 0 ? claimedOnce(replicate) : replicate;
  });
}

/** Confirmation replicates, indexed on from those the trial already has. @throws {TunesmithError} `wrong-state` unless complete or stopped. */
export function confirmReplicates(
  trial: TrialState,
  replicates: readonly Replicate[],
  seeds: readonly number[],
): readonly Replicate[] {
  if (trial !== "complete" && trial !== "stopped") {
    throw new TunesmithError("wrong-state", `the trial is ${trial}; only a complete or stopped one can be confirmed`);
  }
  return seeds.map((seed, i) => newReplicate(replicates.length + i, seed, true, replicates[0].target));
}

function newReplicate(index: number, seed: number, confirm: boolean, target: number | null): Replicate {
  return {
    index,
    state: "queued",
    attempt: 0,
    seed,
    confirm,
    target,
    metrics: null,
    infraRetryCount: 0,
    errorRetryCount: 0,
    reason: null,
    message: null,
  };
}

function claimedOnce(replicate: Replicate): Replicate {
  return { ...replicate, state: "running", attempt: replicate.attempt + 1, metrics: null, reason: null, message: null };
}

/** @throws {TunesmithError} `stale-attempt` unless `ref` is the replicate's newest attempt and it is running (R6). */
export function requireCurrent(ref: AttemptRef, replicate: Replicate): void {
  if (replicate.attempt === ref.attempt && replicate.state === "running") return;
  throw staleAttempt(ref, replicate);
}

/**
 * Whether this end is already on record, so that nothing is to be done.
 *
 * @param endedAs  What was kept of the newest attempt's end; null while it runs.
 * @throws {TunesmithError} `stale-attempt` if the attempt is not the newest one, or ended otherwise.
 */
export function isRepeatedEnd(ref: AttemptRef, replicate: Replicate, endedAs: string | null, outcome: Outcome): boolean {
  if (replicate.attempt === ref.attempt) {
    if (replicate.state === "running") return false;
    if (endedAs === outcomeKey(outcome)) return true;
  }
  throw staleAttempt(ref, replicate);
}

/** Text that is equal for equal outcomes, whatever the order of their keys. */
export function outcomeKey(outcome: Outcome): string {
  return contentKey(outcome);
}

/**
 * The values that a trial's training code drew so far, with those of another call: the same object if none is new.
 *
 * @throws {TunesmithError} `conflicting-report` if a name has another value already.
 */
export function afterValues(trial: number, suggested: Config | null, values: Config): Config | null {
  const known = suggested ?? {};
  const fresh = Object.entries(values).filter(([name]) => !Object.hasOwn(known, name));
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(known, name) || known[name] === value) continue;
    const found = `${name} is ${JSON.stringify(value)}, but trial ${trial} has drawn ${JSON.stringify(known[name])}`;
    throw new TunesmithError("conflicting-report", `${found}; the first value of a name stands`);
  }
  return fresh.length === 0 ? suggested : Object.freeze(Object.fromEntries([...Object.entries(known), ...fresh]));
}

/** queued → running with the next attempt number. @throws {TunesmithError} `wrong-state`. */
export function afterClaim(trial: TrialState, replicates: readonly Replicate[], index: number): TrialChange {
  const replicate = replicates[index];
  if (!mayBecome(replicate.state, "running")) {
    throw new TunesmithError("wrong-state", `replicate ${index} is ${replicate.state}; only a queued one can be claimed`);
  }
  return changed(trial, replaced(replicates, claimedOnce(replicate)), nothing);
}

/** paused → queued: every paused replicate gets the new target. @throws {TunesmithError} `wrong-state`. */
export function afterResume(trial: TrialState, replicates: readonly Replicate[], target: number | null): TrialChange {
  if (trial !== "paused") throw new TunesmithError("wrong-state", `the trial is ${trial}; only a paused one can be resumed`);
  const resumed = replicates.map((each): Replicate => (each.state === "paused" ? { ...each, state: "queued", target } : each));
  return changed(trial, resumed, nothing);
}

/** What the event `resumed` tells: the target before, where it is a whole number, so that a replay knows what it was. */
export function resumedRef([{ target }]: readonly Replicate[]): number | null {
  return Number.isSafeInteger(target) ? target : null;
}

/**
 * A person's cancel: everything that waits, runs or pauses is cancelled; a later end of a running attempt with
 * `{ kind: "cancelled" }` counts as a repeat (`endedAs` of the running ones becomes its key). @throws {TunesmithError} `wrong-state`.
 */
export function afterCancel(trial: TrialState, replicates: readonly Replicate[]): TrialChange {
  if (isTerminal(trial))
    throw new TunesmithError("wrong-state", `the trial is ${trial}; only an unfinished one can be cancelled`);
  return changed(trial, swept(replicates, "cancelled", ["queued", "running", "paused"]), nothing);
}

/**
 * The end of a study: a paused trial becomes stopped(budget). When a person `stopped` the study, queued trials are cancelled and so
 * are queued confirmation replicates. Null if the trial stays as it is.
 */
export function afterStudyDone(trial: TrialState, replicates: readonly Replicate[], stopped: boolean): TrialChange | null {
  if (trial === "paused") {
    return changed(trial, swept(replicates, "stopped", ["paused"]), { ...nothing, stopWhy: { code: "budget" } });
  }
  if (stopped && trial === "queued") return afterCancel(trial, replicates);
  if (stopped && replicates.some((each) => each.confirm && each.state === "queued")) {
    const cancelled = replicates.map((each) =>
      each.confirm && each.state === "queued" ? { ...each, state: "cancelled" as const } : each,
    );
    return { state: trial, replicates: cancelled, finish: null };
  }
  return null;
}

/** paused → stopped, for a child that takes the trial's place. @throws {TunesmithError} `wrong-state`. */
export function afterExploit(trial: TrialState, replicates: readonly Replicate[], stopWhy: Why): TrialChange {
  if (trial !== "paused")
    throw new TunesmithError("wrong-state", `the trial is ${trial}; only a paused one can give its place to a child`);
  return changed(trial, swept(replicates, "stopped", ["paused"]), { ...nothing, stopWhy });
}

/** Why a trial gave its place to a child. */
export function exploitedWhy(why: Why, { trial, step }: TrialParent, child: number): Why {
  return Object.freeze({ ...why, code: "exploited", parent: trial, step, child });
}

/** @throws {TunesmithError} `wrong-state`, always. */
export function refuseParentWithoutCheckpoint(parent: number): never {
  throw new TunesmithError("wrong-state", `trial ${parent} has no checkpoint on record; a child begins from one`);
}

/**
 * What the end of replicate `index`'s running attempt makes of it and of its trial.
 *
 * A failure that pays for a retry and a release go back to the queue. The first end that decides the trial (failed, stopped,
 * cancelled, or the last complete) finishes it: siblings that wait or pause are then stopped, those that run may end later without
 * changing the trial, and never go back to the queue. Confirmation replicates change nothing but themselves.
 */
export function afterEnd(trial: TrialState, replicates: readonly Replicate[], index: number, end: AttemptEnd): EndChange {
  const before = replicates[index];
  const decided = isTerminal(trial) && !before.confirm;
  const after = ended(before, end, decided);
  const ownChange = changed(trial, replaced(replicates, after), finishOf(end));
  return {
    ...ownChange,
    replicates: ownChange.finish ? sweptSiblings(ownChange) : ownChange.replicates,
    event: after.state === "queued" ? "requeued" : "replicate-ended",
    endedAs: outcomeKey(end.outcome),
  };
}

/** The end that the death of the runner stands for: back to the queue without using a retry. */
export const lostEnd: AttemptEnd = { outcome: { kind: "released", reason: "lease_lost" }, retry: null, result: null };

function ended(before: Replicate, end: AttemptEnd, decided: boolean): Replicate {
  const { outcome } = end;
  switch (outcome.kind) {
    case "complete":
      return { ...before, state: "complete", metrics: outcome.metrics };
    case "stopped":
      return { ...before, state: "stopped", metrics: outcome.metrics };
    case "paused":
      return { ...before, state: decided ? "stopped" : "paused" };
    case "released":
      return { ...before, state: decided ? "stopped" : "queued", reason: outcome.reason };
    case "cancelled":
      return { ...before, state: "cancelled" };
    case "failed":
      return failed(before, outcome.reason, outcome.message, decided ? null : end.retry);
  }
}

function failed(before: Replicate, reason: FailureReason, message: string, retry: AttemptEnd["retry"]): Replicate {
  return {
    ...before,
    state: retry === null ? "failed" : "queued",
    infraRetryCount: before.infraRetryCount + (retry === "infra" ? 1 : 0),
    errorRetryCount: before.errorRetryCount + (retry === "error" ? 1 : 0),
    reason,
    message,
  };
}

function finishOf({ outcome, result }: AttemptEnd): TrialFinish {
  return {
    values: result?.values ?? null,
    standardErrors: result?.standardErrors ?? null,
    metrics: result?.metrics ?? null,
    reason: outcome.kind === "failed" ? outcome.reason : null,
    message: outcome.kind === "failed" ? outcome.message : null,
    stopWhy: outcome.kind === "stopped" ? outcome.why : null,
  };
}

/** The trial as its replicates make it; a finished one stays what it is. */
function changed(trial: TrialState, replicates: readonly Replicate[], finish: TrialFinish): TrialChange {
  if (isTerminal(trial)) return { state: trial, replicates, finish: null };
  const state = trialStateOf(replicates.filter((each) => !each.confirm).map((each) => each.state));
  return { state, replicates, finish: isTerminal(state) ? finish : null };
}

function sweptSiblings(change: TrialChange): readonly Replicate[] {
  return swept(change.replicates, change.state === "cancelled" ? "cancelled" : "stopped", ["queued", "paused"]);
}

function swept(replicates: readonly Replicate[], to: TrialState, from: readonly TrialState[]): readonly Replicate[] {
  return replicates.map((each) => (!each.confirm && from.includes(each.state) ? { ...each, state: to } : each));
}

function replaced(replicates: readonly Replicate[], replicate: Replicate): readonly Replicate[] {
  return replicates.map((each) => (each.index === replicate.index ? replicate : each));
}

function staleAttempt(ref: AttemptRef, replicate: Replicate): TunesmithError {
  const found = `attempt ${ref.attempt} of trial ${ref.trial}, replicate ${ref.replicate}`;
  return new TunesmithError("stale-attempt", `${found} is no longer current: attempt ${replicate.attempt} is ${replicate.state}`);
}
