import type { JsonObject } from "../json.ts";
import type { Checkpoint } from "../loop/engine.ts";
import type { Config } from "../parameters/parameter.ts";
import type { AttemptRef, Decision, Replicate, Report, StoredReport, Trial, TrialParent, Why } from "../trial/trial.ts";
import { isTerminal, trialStateOf } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import {
  afterCancel,
  afterClaim,
  afterEnd,
  afterExploit,
  afterResume,
  afterStudyDone,
  afterValues,
  confirmReplicates,
  exploitedWhy,
  isRepeatedEnd,
  lostEnd,
  newReplicates,
  outcomeKey,
  refuseParentWithoutCheckpoint,
  requireCurrent,
  resumedRef,
  type TrialChange,
} from "./attempt-rules.ts";
import { identicalDecisions, identicalReports } from "./content-key.ts";
import { MemoryEvents } from "./memory-events.ts";
import { type MemoryRun, type MemoryTrial, MemoryTrials } from "./memory-trials.ts";
import { revisionEvents } from "./revision-events.ts";
import { selectWindow } from "./select-window.ts";
import type {
  AttemptEnd,
  ChildDraft,
  NewStudy,
  StudyCause,
  StudyEvent,
  StudyRecord,
  StudyRevision,
  StudyState,
  StudyTotals,
  TrialDraft,
  Window,
} from "./storage.ts";
import type { SavedTrial, StudySnapshot } from "./study-json.ts";

const noTags: readonly string[] = Object.freeze([]);

/**
 * One study in memory. Synchronous: each write checks everything first and then changes, so a throw leaves no trace.
 * Arguments have passed `check-stored.ts`.
 */
export class MemoryStudy {
  readonly id: string;
  readonly name: string;
  readonly trials = new MemoryTrials();
  deletedAt: number | null = null;
  readonly #createdAt: number;
  readonly #wallClockMs: () => number;
  #state: StudyState = "active";
  #cause: StudyCause | null = null;
  #message: string | null = null;
  #activeMs = 0;
  #content: Pick<StudyRecord, "problem" | "settings" | "definition">;
  readonly #revisions: JsonObject[];
  readonly #events = new MemoryEvents();

  private constructor(study: NewStudy & Pick<StudyRecord, "id" | "createdAt">, wallClockMs: () => number) {
    this.id = study.id;
    this.name = study.name;
    this.#createdAt = study.createdAt;
    this.#wallClockMs = wallClockMs;
    this.#content = { problem: study.problem, settings: study.settings, definition: study.definition };
    this.#revisions = [study.problem];
  }

  static create(id: string, study: NewStudy, wallClockMs: () => number): MemoryStudy {
    const created = new MemoryStudy({ ...study, id, createdAt: wallClockMs() }, wallClockMs);
    created.#emit("study-created", null, null, null, 1);
    return created;
  }

  /** A study as it was when the snapshot was taken. */
  static restore({ record, revisions, events, trials }: StudySnapshot, wallClockMs: () => number): MemoryStudy {
    const restored = new MemoryStudy(record, wallClockMs);
    restored.#revisions.splice(0, 1, ...revisions);
    restored.#state = record.state;
    restored.#cause = record.cause;
    restored.#message = record.message;
    restored.#activeMs = record.activeMs;
    for (const event of events) restored.#events.add(event);
    for (const saved of trials) restored.#load(saved);
    return restored;
  }

  record(): StudyRecord {
    return Object.freeze({
      id: this.id,
      name: this.name,
      state: this.#state,
      cause: this.#cause,
      message: this.#message,
      revision: this.#revisions.length,
      ...this.#content,
      activeMs: this.#activeMs,
      createdAt: this.#createdAt,
      seq: this.#events.count,
      trialCount: this.trials.count,
      childCount: this.trials.childCount,
      stateCounts: this.trials.stateCounts(),
      deletedAt: this.deletedAt,
    });
  }

  revision(revision: number): JsonObject {
    const problem = this.#revisions[revision - 1];
    if (problem === undefined) {
      throw new TunesmithError("invalid-input", `revision ${revision} found; allowed: 1 to ${this.#revisions.length}`);
    }
    return problem;
  }

  revise({ problem, settings, definition, silent }: StudyRevision): StudyRecord {
    const before = this.#content.settings;
    this.#content = { problem, settings, definition };
    if (silent) this.#revisions[this.#revisions.length - 1] = problem;
    else this.#revisions.push(problem);
    for (const { kind, ref } of revisionEvents(before, settings, this.#revisions.length)) this.#emit(kind, null, null, null, ref);
    return this.record();
  }

  setState(state: StudyState, cause: StudyCause | null, message: string | null): void {
    this.#state = state;
    this.#cause = cause;
    this.#message = message;
    this.#emit("study-state");
    if (state !== "done") return;
    for (const held of this.trials.waiting()) {
      const change = afterStudyDone(held.trial.state, held.trial.replicates, cause === "stopped");
      if (change !== null) this.#put(held, change);
    }
  }

  delete(): void {
    if (this.deletedAt !== null) return;
    this.deletedAt = this.#wallClockMs();
    this.#emit("study-state");
  }

  addActiveTime(activeMs: number): void {
    this.#activeMs += activeMs;
  }

  /** Ends every running attempt: its runner is dead. */
  recover(): void {
    const running = this.trials.openReplicates().filter((each) => each.state === "running");
    for (const { trial, replicate } of running) this.#end(this.trials.get(trial), replicate, lostEnd);
  }

  addTrials(drafts: readonly TrialDraft[], trialLimit: number | null, expectedNumber: number | undefined): readonly number[] {
    const countedCount = this.trials.count - this.trials.childCount;
    if (trialLimit !== null && countedCount + drafts.length > trialLimit) {
      throw new TunesmithError(
        "budget-spent",
        `${countedCount} trials made, ${drafts.length} more found; allowed: ${trialLimit} in all`,
      );
    }
    this.#requireNext(expectedNumber);
    return drafts.map((draft) => this.#add(draft, null));
  }

  exploit(number: number | null, why: Why, draft: ChildDraft, expectedNumber: number): TrialParent {
    this.#requireNext(expectedNumber);
    const step = newestCommonStep(this.trials.get(draft.parent), draft.seeds.length);
    const parent = Object.freeze({ trial: draft.parent, step: step ?? refuseParentWithoutCheckpoint(draft.parent) });
    if (number !== null) {
      const held = this.trials.get(number);
      const { state, replicates } = held.trial;
      this.#put(held, afterExploit(state, replicates, exploitedWhy(why, parent, expectedNumber)));
    }
    this.#add(draft, parent);
    return parent;
  }

  fillTrial(number: number, draft: TrialDraft): number {
    const held = this.trials.get(number);
    if (!held.open) throw new TunesmithError("wrong-state", `trial ${number} is not open; only an open one can be filled`);
    const { config, revision, historySeq, why, note, bracket, target } = draft;
    const aimed = held.trial.replicates.map((each) => ({ ...each, target }));
    const change = afterClaim(held.trial.state, aimed, 0);
    this.#emit("trial-filled", number);
    return this.#claimed(held, change, 0, { config, revision, historySeq, why, note, bracket });
  }

  claim(number: number, index: number): number {
    const held = this.trials.get(number);
    if (held.open) throw new TunesmithError("wrong-state", `trial ${number} is open; filling it claims it`);
    replicateOf(held, index);
    return this.#claimed(held, afterClaim(held.trial.state, held.trial.replicates, index), index, {});
  }

  resume(number: number, target: number | null): void {
    const held = this.trials.get(number);
    const change = afterResume(held.trial.state, held.trial.replicates, target);
    this.#emit("resumed", number, null, null, resumedRef(held.trial.replicates));
    this.#put(held, change);
  }

  report(ref: AttemptRef, reports: readonly Report[]): readonly boolean[] {
    const held = this.#running(ref);
    const { reported } = held.runs[ref.replicate];
    const fresh = new Map<number, Report>();
    const isNew = reports.map((report) => {
      const known = reported?.get(report.step) ?? fresh.get(report.step);
      if (known === undefined) fresh.set(report.step, report);
      else if (!identicalReports(known, report)) throw conflictingReport(ref, report.step);
      return known === undefined;
    });
    for (const report of fresh.values()) this.#store(held, ref, report);
    return isNew;
  }

  recordValues(ref: AttemptRef, values: Config): void {
    const held = this.#running(ref);
    const suggested = afterValues(ref.trial, held.trial.suggested, values);
    if (suggested === held.trial.suggested) return;
    this.#emit("values-recorded", ref.trial, ref.replicate, ref.attempt);
    this.trials.replace(held, Object.freeze({ ...held.trial, suggested }));
  }

  decide(ref: AttemptRef, step: number, decision: Decision): void {
    const { decisions } = this.#running(ref);
    const { replicate, attempt } = ref;
    const taken = decisions.find((each) => each.replicate === replicate && each.attempt === attempt && each.step === step);
    if (taken === undefined) {
      const seq = this.#emit("decided", ref.trial, replicate, attempt, step);
      decisions.push(Object.freeze({ seq, replicate, attempt, step, decision }));
    } else if (!identicalDecisions(taken.decision, decision)) {
      throw new TunesmithError("wrong-state", `${taken.decision.kind} was decided at step ${step}; a decision on record stands`);
    }
  }

  end(ref: AttemptRef, end: AttemptEnd): void {
    const held = this.trials.get(ref.trial);
    const replicate = replicateOf(held, ref.replicate);
    const { endedAs } = held.runs[ref.replicate];
    if (isRepeatedEnd(ref, replicate, endedAs && outcomeKey(endedAs), end.outcome)) return;
    this.#end(held, ref.replicate, end);
  }

  cancel(number: number): void {
    const held = this.trials.get(number);
    const { state, replicates } = held.trial;
    const change = afterCancel(state, replicates);
    for (const { index } of replicates.filter((each) => each.state === "running")) {
      held.runs[index].endedAs = { kind: "cancelled" };
      held.runs[index].reported = null;
    }
    this.#put(held, change);
  }

  addReplicates(number: number, seeds: readonly number[]): readonly number[] {
    const held = this.trials.get(number);
    const { state, replicates } = held.trial;
    const added = confirmReplicates(state, replicates, seeds);
    this.#emit("replicates-added", number, null, null, added[0].index);
    this.#put(held, { state, replicates: [...replicates, ...added], finish: null });
    return added.map((each) => each.index);
  }

  addCheckpoint(ref: AttemptRef, checkpoint: Checkpoint): void {
    const run = this.#running(ref).runs[ref.replicate];
    this.#emit("checkpoint", ref.trial, ref.replicate, ref.attempt, checkpoint.step);
    run.checkpoints = [...run.checkpoints.filter((each) => each.step !== checkpoint.step), checkpoint];
  }

  removeCheckpoint(number: number, index: number, step: number): boolean {
    const held = this.trials.get(number);
    replicateOf(held, index);
    const { checkpoints } = held.runs[index];
    if (!checkpoints.some((each) => each.step === step)) return true;
    if (held.children.some((child) => mayBeginFrom(child, index, step))) return false;
    held.runs[index].checkpoints = checkpoints.filter((each) => each.step !== step);
    return true;
  }

  annotate(number: number, tags: readonly string[]): void {
    const held = this.trials.get(number);
    this.#emit("annotated", number);
    this.trials.replace(held, Object.freeze({ ...held.trial, tags }));
  }

  reports(number: number, afterSeq: number): readonly StoredReport[] {
    const reports = this.trials.find(number)?.reports ?? [];
    let first = reports.length;
    while (first > 0 && reports[first - 1].seq > afterSeq) first--;
    return reports.slice(first);
  }

  eventsAfter(afterSeq: number, limit: number): readonly StudyEvent[] {
    return this.#events.after(afterSeq, limit);
  }

  window(lossSigns: readonly number[]): Window {
    const trials = this.trials.snapshots();
    const numbers = selectWindow(trials, lossSigns);
    return {
      trials: numbers.length === trials.length ? trials : numbers.map((number) => trials[number]),
      seq: this.#events.count,
    };
  }

  totals(goal: "minimize" | "maximize"): StudyTotals {
    return { seq: this.#events.count, ...this.trials.totals(goal) };
  }

  /** @returns The event's seq. */
  #emit(
    kind: StudyEvent["kind"],
    trial: number | null = null,
    replicate: number | null = null,
    attempt: number | null = null,
    ref: number | null = null,
  ): number {
    return this.#events.add({ kind, trial, replicate, attempt, ref });
  }

  #requireNext(number: number | undefined): void {
    const { count } = this.trials;
    if (number !== undefined && number !== count)
      throw new TunesmithError("wrong-state", `the next trial is ${count}, not ${number}`);
  }

  #add(draft: TrialDraft, parent: TrialParent | null): number {
    const number = this.trials.count;
    const { config, revision, historySeq, source, fixed, why, note, bracket, begin } = draft;
    const replicates = frozen(newReplicates(draft));
    const createdSeq = this.#emit("trial-added", number);
    const createdAt = this.#wallClockMs();
    const claimed = begin === "claimed";
    // Written out: groups that are spread take ten times as long.
    const trial: Trial = {
      number,
      state: trialStateOf(replicates.map((each) => each.state)),
      config,
      revision,
      historySeq,
      source,
      parent,
      fixed,
      suggested: null,
      why,
      note,
      bracket,
      values: null,
      standardErrors: null,
      metrics: null,
      fidelity: parent?.step ?? null,
      reason: null,
      message: null,
      stopWhy: null,
      tags: noTags,
      createdSeq,
      finishedSeq: null,
      createdAt,
      startedAt: claimed ? createdAt : null,
      finishedAt: null,
      replicates,
    };
    this.trials.add(Object.freeze(trial), begin === "open");
    if (claimed) this.#emit("claimed", number, 0, 1);
    return number;
  }

  #claimed(held: MemoryTrial, change: TrialChange, index: number, patch: Partial<Trial>): number {
    const { attempt } = change.replicates[index];
    held.runs[index].endedAs = null;
    this.#emit("claimed", held.trial.number, index, attempt);
    this.#put(held, change, { ...patch, startedAt: held.trial.startedAt ?? this.#wallClockMs() });
    return attempt;
  }

  #end(held: MemoryTrial, index: number, end: AttemptEnd): void {
    const { state, number, replicates } = held.trial;
    const change = afterEnd(state, replicates, index, end);
    held.runs[index].endedAs = end.outcome;
    held.runs[index].reported = null;
    this.#emit(change.event, number, index, replicates[index].attempt);
    this.#put(held, change);
  }

  #put(held: MemoryTrial, { state, replicates, finish }: TrialChange, patch: Partial<Trial> = {}): void {
    const before = held.trial;
    const finished = finish && {
      ...finish,
      finishedSeq: this.#emit("trial-finished", before.number),
      finishedAt: this.#wallClockMs(),
    };
    this.trials.replace(held, Object.freeze({ ...before, ...patch, ...finished, state, replicates: frozen(replicates) }));
  }

  #store(held: MemoryTrial, ref: AttemptRef, report: Report): void {
    const { replicate, attempt } = ref;
    const seq = this.#emit("reported", ref.trial, replicate, attempt, report.step);
    const stored = Object.freeze({
      step: report.step,
      fidelity: report.fidelity,
      metrics: report.metrics,
      seq,
      replicate,
      attempt,
    });
    held.reports.push(stored);
    remember(held.runs[replicate], stored);
    if (!held.isFinished && !held.replicates[replicate].confirm) held.reach(report.fidelity);
  }

  /** @throws {TunesmithError} `trial-not-found`, `stale-attempt`. */
  #running(ref: AttemptRef): MemoryTrial {
    const held = this.trials.get(ref.trial);
    requireCurrent(ref, replicateOf(held, ref.replicate));
    return held;
  }

  #load({ trial, open, reports, decisions, checkpoints }: SavedTrial): void {
    const held = this.trials.add(trial, open);
    for (const report of reports) {
      held.reports.push(report);
      const { state, attempt } = trial.replicates[report.replicate];
      if (state === "running" && attempt === report.attempt) remember(held.runs[report.replicate], report);
    }
    for (const decision of decisions) held.decisions.push(decision);
    checkpoints.forEach((newestFirst, index) => {
      held.runs[index].checkpoints = newestFirst.toReversed();
    });
  }
}

function replicateOf(held: MemoryTrial, index: number): Replicate {
  const replicate = held.replicates[index];
  if (replicate !== undefined) return replicate;
  throw new TunesmithError(
    "trial-not-found",
    `trial ${held.trial.number} has no replicate ${index}; it has ${held.replicates.length}`,
  );
}

/** The newest step of which every one of the first `count` replicates has a checkpoint; null without one. */
function newestCommonStep({ runs }: MemoryTrial, count: number): number | null {
  const found = runs[0].checkpoints.findLast(({ step }) => {
    for (let i = 1; i < count; i++) if (!runs[i]?.checkpoints.some((each) => each.step === step)) return false;
    return true;
  });
  return found?.step ?? null;
}

/** Whether a replicate of a child may yet need its parent's checkpoint of this step. */
function mayBeginFrom({ trial, runs }: MemoryTrial, index: number, step: number): boolean {
  const replicate = trial.replicates[index];
  if (trial.parent?.step !== step || replicate === undefined || isTerminal(replicate.state)) return false;
  return runs[index].checkpoints.length === 0;
}

function remember(run: MemoryRun, report: StoredReport): void {
  run.reported ??= new Map();
  run.reported.set(report.step, report);
}

function conflictingReport(ref: AttemptRef, step: number): TunesmithError {
  const attempt = `attempt ${ref.attempt} of trial ${ref.trial}, replicate ${ref.replicate}`;
  return new TunesmithError(
    "conflicting-report",
    `${attempt} reported step ${step} before, with other numbers; the first report stands`,
  );
}

function frozen(replicates: readonly Replicate[]): readonly Replicate[] {
  for (const replicate of replicates) Object.freeze(replicate);
  return Object.freeze(replicates);
}
