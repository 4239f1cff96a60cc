import type { Json, JsonObject } from "../json.ts";
import type { Checkpoint } from "../loop/engine.ts";
import type { Config } from "../parameters/parameter.ts";
import type {
  AttemptRef,
  Decision,
  FailureReason,
  Metrics,
  Outcome,
  Report,
  StoredReport,
  Trial,
  TrialParent,
  Why,
} from "../trial/trial.ts";
import type { TrialState } from "../trial/trial-state.ts";

export type StudyState = "active" | "paused" | "done";
/** Why a study is paused or done. */
export type StudyCause =
  | "trials"
  | "time"
  | "no_improvement"
  | "stop_at"
  | "steps"
  | "exhausted"
  | "stopped"
  | "person"
  | "breaker";

/** What a study is, as stored: `problem` and `settings` are JSON that the study layer reads and writes. */
export interface StudyRecord {
  /** Random, unguessable, safe as a file name; never derived from the user's name. */
  readonly id: string;
  readonly name: string;
  readonly state: StudyState;
  readonly cause: StudyCause | null;
  /** One line for people about a pause by a breaker; null otherwise. */
  readonly message: string | null;
  /** Number of the newest problem revision, from 1. */
  readonly revision: number;
  readonly problem: JsonObject;
  readonly settings: JsonObject;
  /** The study file it came from, canonical; null for studies made by a program. */
  readonly definition: Json;
  /** Sum of the time that runners were active. */
  readonly activeMs: number;
  readonly createdAt: number;
  /** Newest event. */
  readonly seq: number;
  readonly trialCount: number;
  /** Children among the trials: those do not count against the budget of trials. */
  readonly childCount: number;
  readonly stateCounts: Readonly<Record<TrialState, number>>;
  readonly deletedAt: number | null;
}

export interface NewStudy {
  readonly name: string;
  readonly problem: JsonObject;
  readonly settings: JsonObject;
  readonly definition: Json;
}

export interface StudyRevision {
  readonly problem: JsonObject;
  readonly settings: JsonObject;
  readonly definition: Json;
  /** Whether it is a new revision (an event and a row), or a silent change that replaces problem, settings and definition of the newest one. */
  readonly silent: boolean;
  readonly reason: string;
}

/** A trial to be made. */
export interface TrialDraft {
  readonly config: Config;
  readonly revision: number;
  readonly historySeq: number;
  readonly source: Trial["source"];
  readonly fixed: Config | null;
  readonly why: Why | null;
  readonly note: JsonObject | null;
  readonly bracket: number;
  readonly target: number | null;
  /** Seed of each replicate; at least one. */
  readonly seeds: readonly number[];
  /**
   * `queued`: complete config, waits for a claim. `open`: an enqueued config whose missing values the sampler fills at the claim
   * (`fillTrial`). `claimed`: replicate 0 is claimed in the same transaction, the others wait.
   */
  readonly begin: "queued" | "open" | "claimed";
}

/** A trial to be made that begins from the newest checkpoint of another one. */
export interface ChildDraft extends TrialDraft {
  /** Number of the trial that has the checkpoint. */
  readonly parent: number;
  readonly source: "child";
  readonly begin: "queued" | "claimed";
}

/** Everything that can happen to a study. */
export const studyEventKinds = Object.freeze([
  "study-created",
  "study-revised",
  "trial-budget-changed",
  "parallel-changed",
  "study-state",
  "trial-added",
  "trial-filled",
  "claimed",
  "reported",
  "values-recorded",
  "decided",
  "resumed",
  "checkpoint",
  "replicate-ended",
  "requeued",
  "replicates-added",
  "trial-finished",
  "annotated",
] as const);

export type StudyEventKind = (typeof studyEventKinds)[number];

/**
 * Thin: what happened, to which trial; the tables hold the rest. Per study, `seq` is dense from 1.
 *
 * | write | events, in this order (ref in brackets) |
 * |---|---|
 * | createStudy | `study-created` (1) |
 * | reviseStudy | `study-revised` (the newest revision: a new one unless silent); where they changed `trial-budget-changed` and `parallel-changed` (what it was before), see `revisionEvents` |
 * | setStudyState, deleteStudy | `study-state`; then `trial-finished` for each trial it stops or cancels, by number |
 * | addTrials | per draft `trial-added`; with `begin: "claimed"` also `claimed` |
 * | exploit | `trial-finished` of the member that ends, if one does; `trial-added`; with `begin: "claimed"` also `claimed` |
 * | fillTrial | `trial-filled`, `claimed` |
 * | claim, resume | `claimed`, `resumed` (the target before, if it is a whole number) |
 * | report | per new report `reported` (step) |
 * | recordValues | `values-recorded` |
 * | decide, addCheckpoint | `decided` (step), `checkpoint` (step) |
 * | end | `requeued` if the replicate waits again, else `replicate-ended`; then `trial-finished` if that decided the trial |
 * | cancel | `trial-finished` |
 * | addReplicates, annotate | `replicates-added` (first new index), `annotated` |
 * | acquireRunner | per recovered replicate, by trial and index, the event of its end (see `lostEnd`) |
 *
 * Writes about an attempt name trial, replicate and attempt; the others name the trial, or nothing. Whatever was without effect
 * (an identical report or value, a repeated end), `addActiveTime` and `removeCheckpoint` leave no event.
 */
export interface StudyEvent {
  readonly seq: number;
  readonly kind: StudyEventKind;
  readonly trial: number | null;
  readonly replicate: number | null;
  readonly attempt: number | null;
  /** Step of a report or decision, revision number, and the like. */
  readonly ref: number | null;
}

export interface StoredDecision {
  readonly seq: number;
  readonly replicate: number;
  readonly attempt: number;
  readonly step: number;
  readonly decision: Decision;
}

/** What to do with an attempt's end: the loop decides, the storage records it in one transaction. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  /** For failures: back to the queue, and which counter pays; null = final. */
  readonly retry: "infra" | "error" | null;
  /** Values of the objectives for the trial when this makes it finish; computed by the caller from all its replicates. */
  readonly result: TrialResult | null;
}

export interface TrialResult {
  readonly values: readonly number[] | null;
  readonly standardErrors: readonly number[] | null;
  readonly metrics: Metrics | null;
}

export interface TrialQuery {
  /** Only trials with a greater number. Default −1. */
  readonly after?: number;
  /** At most this many, ≤ 10,000. Default 1,000. */
  readonly limit?: number;
  readonly states?: readonly TrialState[];
}

export interface Window {
  /** Trials of H(S), ascending by number. */
  readonly trials: readonly Trial[];
  /** S: the newest event at the time of reading. */
  readonly seq: number;
}

/** What all trials of a study come to, as of event `seq`. */
export interface StudyTotals {
  /** The newest event at the time of reading. */
  readonly seq: number;
  /** Sum over all trials of what each has trained, see `trainedFidelity`. */
  readonly fidelitySum: number;
  /** The best complete trial by a value that is not NaN, the first to finish among equals; null without one. */
  readonly best: Trial | null;
  /** Trials that finished after `best`, all if there is none; cancelled ones left out. */
  readonly sinceBestCount: number;
}

/** The right to drive a study: at most one holder at a time, given back by the operating system when the holder dies. */
export interface RunnerLock {
  release(): Promise<void>;
}

/**
 * Where studies live. What every implementation promises:
 * - A resolved write is on record (on disk, where there is one) and survives the death of any process; a rejected one changed nothing.
 * - Each method is one transaction. Concurrent calls are serialised; their promises resolve in commit order.
 * - Trial numbers are dense from 0, event numbers dense from 1 per study.
 * - Writes about an attempt carry its number; if it is not the current one: `stale-attempt`, no effect (R6).
 * - A finished trial never changes again except annotations and confirmation replicates (R5).
 * - Numbers come back bit for bit, except that −0 becomes 0; NaN and infinities are kept (R4, R41).
 * - Returned objects are the caller's; they do not change later, and changing them (or what was passed in) changes nothing stored.
 * - Text comes back code point by code point; lone surrogates and NUL are refused with `invalid-input` (see `check-stored.ts`).
 * - An unknown study is `study-not-found` to every method but `getStudy`; an unknown trial or replicate is `trial-not-found` to every
 *   write, null to `getTrial` and an empty list to the other reads.
 */
export interface Storage {
  /** @throws {TunesmithError} `study-exists`. */
  createStudy(study: NewStudy): Promise<StudyRecord>;
  /** By name or id; deleted studies only by id. */
  getStudy(nameOrId: string): Promise<StudyRecord | null>;
  /** Newest first; not the deleted ones. */
  listStudies(): Promise<readonly StudyRecord[]>;
  /** Problem JSON of a revision. */
  getRevision(studyId: string, revision: number): Promise<JsonObject>;
  reviseStudy(studyId: string, revision: StudyRevision): Promise<StudyRecord>;
  /**
   * `done` also turns paused trials to stopped(budget). When the cause is `stopped` it cancels queued trials, and the queued
   * confirmation replicates of finished ones.
   */
  setStudyState(studyId: string, state: StudyState, cause: StudyCause | null, message?: string): Promise<void>;
  /** Soft: the name becomes free, the study stays readable by its id. Again is fine. */
  deleteStudy(studyId: string): Promise<void>;
  addActiveTime(studyId: string, activeMs: number): Promise<void>;

  /**
   * Null while it is held, by whichever handle; closing the handle gives it back. Taking it ends every running attempt with `lostEnd`:
   * its runner is dead, the replicate goes back to the queue without using a retry.
   */
  acquireRunner(studyId: string): Promise<RunnerLock | null>;
  hasRunner(studyId: string): Promise<boolean>;

  /**
   * Makes trials, all or none. `trialLimit`: total, children left out, that must not be exceeded (R11). `expectedNumber`: number the
   * first must get.
   * @returns Their numbers. @throws {TunesmithError} `budget-spent`, `wrong-state` if the expected number is taken.
   */
  addTrials(
    studyId: string,
    drafts: readonly TrialDraft[],
    trialLimit: number | null,
    expectedNumber?: number,
  ): Promise<readonly number[]>;
  /**
   * Makes a child that begins from the newest checkpoint of `draft.parent`, and ends the paused trial whose place it takes as stopped;
   * `stopWhy` becomes `{ ...why, code: "exploited", parent, step, child }`. No trial limit holds it back. From now on the checkpoint is
   * kept for the child, see `removeCheckpoint`.
   *
   * @param trial           The one that ends; null for none.
   * @param expectedNumber  Number the child must get.
   * @returns Where the child begins: the newest step of which each of its replicates finds a checkpoint of the parent's.
   * @throws {TunesmithError} `wrong-state` if the trial is not paused, the parent has no such checkpoint, or the number is taken.
   */
  exploit(studyId: string, trial: number | null, why: Why, draft: ChildDraft, expectedNumber: number): Promise<TrialParent>;
  /**
   * Completes an `open` trial and claims its replicate 0. Config, revision, historySeq, why, note, bracket and target are taken
   * from `draft`; source, fixed and seeds stay as they were made.
   * @returns The attempt number. @throws {TunesmithError} `wrong-state`.
   */
  fillTrial(studyId: string, trial: number, draft: TrialDraft): Promise<number>;
  /** queued → running; not for an `open` trial. @returns The attempt number. @throws {TunesmithError} `wrong-state`. */
  claim(studyId: string, trial: number, replicate: number): Promise<number>;
  /** paused → queued with a new target, null without a declared fidelity, for each paused replicate. @throws {TunesmithError} `wrong-state`. */
  resume(studyId: string, trial: number, target: number | null): Promise<void>;
  /**
   * Records reports of a running attempt, all or none, in any order of steps. An identical repeat is fine, a conflicting one within
   * the attempt refused. The trial's `fidelity` follows, unless the trial is finished or the replicate only confirms it.
   * @returns For each whether it is new. @throws {TunesmithError} `stale-attempt`, `conflicting-report`.
   */
  report(ref: AttemptRef, reports: readonly Report[]): Promise<readonly boolean[]>;
  /**
   * Keeps values that the training code of a running attempt drew by itself (define-by-run), as `Trial.suggested`. The first value of
   * a name stands for all replicates and attempts: the same again is fine, another is refused, and then none is kept.
   * @throws {TunesmithError} `stale-attempt`, `conflicting-report`, `invalid-input`.
   */
  recordValues(ref: AttemptRef, values: Config): Promise<void>;
  /**
   * Records a decision other than continue before anyone acts on it. One per attempt and step: the same again is fine.
   * @throws {TunesmithError} `stale-attempt`; `wrong-state` if another decision is on record; `invalid-input` for continue.
   */
  decide(ref: AttemptRef, step: number, decision: Decision): Promise<void>;
  /**
   * Ends an attempt; what it makes of replicate and trial is `afterEnd`. The same outcome again is fine.
   * @throws {TunesmithError} `stale-attempt`, also if the attempt ended with another outcome.
   */
  end(ref: AttemptRef, end: AttemptEnd): Promise<void>;
  /**
   * By a person: queued, running or paused → cancelled, with all replicates. Running processes follow: their writes are stale from
   * now on, only `end` with `cancelled` is accepted as a repeat. @throws {TunesmithError} `wrong-state` if finished.
   */
  cancel(studyId: string, trial: number): Promise<void>;
  /** Adds confirmation replicates, at least one, to a complete or stopped trial. @returns Their indices. @throws {TunesmithError} `wrong-state`. */
  addReplicates(studyId: string, trial: number, seeds: readonly number[]): Promise<readonly number[]>;
  /** Of a running attempt; the same step of the replicate again replaces it and makes it the newest. @throws {TunesmithError} `stale-attempt`. */
  addCheckpoint(ref: AttemptRef, checkpoint: Checkpoint): Promise<void>;
  /**
   * Forgets it, unless a child may yet begin from it: one that is unfinished, or its replicate of this index is, and has no checkpoint of
   * its own (R34). Fine if there is none. @returns Whether there is none any more.
   */
  removeCheckpoint(studyId: string, trial: number, replicate: number, step: number): Promise<boolean>;
  /** Replaces the tags, of a finished trial too. */
  annotate(studyId: string, trial: number, tags: readonly string[]): Promise<void>;

  getTrial(studyId: string, trial: number): Promise<Trial | null>;
  getTrials(studyId: string, query?: TrialQuery): Promise<readonly Trial[]>;
  /** Complete trials with a finite value of one objective, best first; ties by number. `limit` ≤ 10,000. */
  bestTrials(studyId: string, objective: number, goal: "minimize" | "maximize", limit: number): Promise<readonly Trial[]>;
  /** Ascending by seq; only those after `afterSeq` (default 0). */
  getReports(studyId: string, trial: number, afterSeq?: number): Promise<readonly StoredReport[]>;
  getDecisions(studyId: string, trial: number): Promise<readonly StoredDecision[]>;
  /** Newest first, by the order they were added. */
  getCheckpoints(studyId: string, trial: number, replicate: number): Promise<readonly Checkpoint[]>;
  /** Events after `afterSeq`, ascending, at most `limit` (≤ 10,000). */
  eventsAfter(studyId: string, afterSeq: number, limit: number): Promise<readonly StudyEvent[]>;
  /**
   * Queued and running replicates in the order they should be claimed: those that had an attempt before (running, resumed, retried)
   * first, then by trial number and index. Of an `open` trial only replicate 0, which `fillTrial` claims.
   */
  openReplicates(studyId: string): Promise<readonly OpenReplicate[]>;
  /** What H(S) shows, chosen as `selectWindow` does; see `History`. `lossSigns`: +1 minimise, −1 maximise, one per objective. */
  readWindow(studyId: string, lossSigns: readonly number[]): Promise<Window>;
  /** Computed without handing over the trials; for studies with one objective and without outcome constraints. */
  getTotals(studyId: string, goal: "minimize" | "maximize"): Promise<StudyTotals>;
  /** Calls `listener` when another process or connection may have changed something; returns the way to stop it. */
  watch(listener: () => void): () => void;
  /** Gives back everything, runner locks too. Calls after it are refused with `storage-unusable`; closing again is fine. */
  close(): Promise<void>;
}

export interface OpenReplicate {
  readonly trial: number;
  readonly replicate: number;
  readonly state: "queued" | "running";
  readonly attempt: number;
  /** Whether its config still has to be filled by the sampler. */
  readonly open: boolean;
  readonly confirm: boolean;
  readonly reason: FailureReason | null;
}
