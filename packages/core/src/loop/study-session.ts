import type { Host } from "../host.ts";
import { canonicalJson } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import { type Policy, requireServing } from "../policies/policy.ts";
import type { Storage, StudyCause, StudyEvent, StudyRecord } from "../storage/storage.ts";
import type { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec } from "../trial/problem-json.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import type { AttemptRef, Decision, Metrics, Outcome, Report, Trial } from "../trial/trial.ts";
import { isTerminal } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { resultOfEnd, settledOutcome } from "./attempt-end.ts";
import { budgetEnd, type Progress } from "./budget.ts";
import { DecisionBook } from "./decision-book.ts";
import type { Checkpoint, Job } from "./engine.ts";
import { HistoryFollower } from "./history-follower.ts";
import { JobSource, type NextStep } from "./job-source.ts";
import type { ProgressTracker } from "./progress-tracker.ts";
import { backOffMs, retryFor } from "./retry.ts";
import { resultFault } from "./trial-result.ts";

/** Makes the policy that a study's settings name; the catalogue's task. */
export type PolicyMaker = (settings: StudySettings) => Policy;

/** What became of an attempt. */
export interface EndedJob {
  readonly trial: Trial;
  /** Whether it went back to the queue. */
  readonly requeued: boolean;
}

const activeTimeEveryMs = 2_000;
// Each time another process took what was about to be taken; more often than this it is no coincidence.
const takenLimit = 100;

/**
 * One opened study: its history in memory, kept equal to the storage event by event, and the verbs of the trial lifecycle.
 *
 * Decide (pure) → record (one transaction) → act: every method records before it returns, nobody acts on anything unrecorded.
 */
export class StudySession {
  readonly storage: Storage;
  readonly host: Host;
  record: StudyRecord;
  settings: StudySettings;
  problem: Problem;
  policy: Policy;
  readonly #makePolicy: PolicyMaker;
  readonly #follower: HistoryFollower;
  readonly #decisions: DecisionBook;
  readonly #jobs: JobSource;
  readonly #listeners = new Set<() => void>();
  /** Decisions that went on record and are not looked at yet. */
  readonly #decidedEvents: StudyEvent[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  #activeSinceMs: number | null = null;

  private constructor(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker) {
    this.storage = storage;
    this.host = host;
    this.record = record;
    this.settings = record.settings as unknown as StudySettings;
    this.problem = compileProblem(record.problem as unknown as ProblemSpec, record.revision, this.settings);
    this.#makePolicy = makePolicy;
    this.policy = this.#acceptPolicy();
    this.#decisions = new DecisionBook((row) => this.policy.onReport(this.problem, this.history, row));
    this.#follower = new HistoryFollower(storage, record.id, this.problem, {
      onFidelity: (event) => this.#decide(event),
      onDecided: (event) => this.#decidedEvents.push(event),
    });
    this.#jobs = new JobSource(this, (ref) => this.#decisions.open(ref));
  }

  /**
   * Opens a study as it is on record.
   * @throws {TunesmithError} `refused` when its sampler or scheduler cannot serve its problem; `study-not-found`.
   */
  static async open(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker): Promise<StudySession> {
    const session = new StudySession(storage, host, await currentRecord(storage, record), makePolicy);
    await session.#follower.load(session.record);
    // The history has taken in without a word what was revised between the two readings.
    if (session.history.seq > session.record.seq) await session.#reread();
    return session;
  }

  get studyId(): string {
    return this.record.id;
  }

  get history(): HistoryRecorder {
    return this.#follower.history;
  }

  get progressTracker(): ProgressTracker {
    return this.#follower.progressTracker;
  }

  /** Finished trials by how they ended. */
  get endedCounts(): Readonly<Record<"complete" | "stopped" | "failed" | "cancelled", number>> {
    return this.#follower.endedCounts;
  }

  /** Calls `listener` when another process, or this one by `announce`, may have changed something; returns the way to stop it. */
  watch(listener: () => void): () => void {
    const unwatch = this.storage.watch(listener);
    this.#listeners.add(listener);
    return () => {
      unwatch();
      this.#listeners.delete(listener);
    };
  }

  /** Tells who watches that this process has changed something. */
  announce(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Brings the history up to what is on record. */
  sync(): Promise<void> {
    return this.#exclusive(() => this.#sync());
  }

  progress(): Progress {
    const runningMs = this.#activeSinceMs === null ? 0 : this.host.monotonicMs() - this.#activeSinceMs;
    return {
      trialCount: this.history.trialCount - this.#follower.childCount,
      activeMs: this.record.activeMs + runningMs,
      sinceBestCount: this.progressTracker.sinceBestCount,
      stepSum: this.#follower.stepSum,
      goalReached: this.progressTracker.goalReached,
    };
  }

  /** The limit that ends the search now, if any. */
  budgetEnd(): StudyCause | null {
    return budgetEnd(this.settings.budget, this.progress());
  }

  /** Whether a trial is queued, running or paused. */
  isUnfinished(trialNumber: number): boolean {
    return this.#follower.isUnfinished(trialNumber);
  }

  /** Starts, goes on or ends counting active time; what was counted goes on record at the end and every few seconds. */
  async noteActiveTime(active: boolean): Promise<void> {
    const nowMs = this.host.monotonicMs();
    const elapsedMs = this.#activeSinceMs === null ? 0 : nowMs - this.#activeSinceMs;
    if (active && this.#activeSinceMs !== null && elapsedMs < activeTimeEveryMs) return;
    this.#activeSinceMs = active ? nowMs : null;
    if (elapsedMs <= 0) return;
    this.record = { ...this.record, activeMs: this.record.activeMs + elapsedMs };
    await this.storage.addActiveTime(this.studyId, elapsedMs);
  }

  /**
   * Claims what waits, else asks the policy; the job is on record as running when this resolves.
   *
   * @param inOrder  Whether nothing new is suggested while a failed replicate waits for its next try: the order of trials then does
   *                 not depend on how long that takes.
   */
  next(only: "search" | "confirm", inOrder = true): Promise<NextStep> {
    return this.#untilNotTaken(() => (only === "confirm" ? this.#jobs.nextToConfirm() : this.#jobs.next(inOrder)));
  }

  /**
   * A trial for a caller that trains by itself (`ask`): one that waits, else a new one. Values that the caller fixes always make a
   * new one.
   * @throws {TunesmithError} `wrong-state` while the study is paused, or was stopped.
   */
  ask(fixed: Config): Promise<NextStep> {
    return this.#untilNotTaken(
      () => this.#jobs.ask(fixed),
      () => this.#requireGoingOn(),
    );
  }

  /** Records reports and decides. */
  async report(job: Job, reports: readonly Report[]): Promise<Decision> {
    await this.storage.report(job.ref, reports);
    if (job.confirm) return { kind: "continue" };
    await this.sync();
    const decided = this.#decisions.of(job.ref);
    if (decided === null) return { kind: "continue" };
    try {
      await this.storage.decide(job.ref, decided.step, decided.decision);
    } catch (error) {
      if (!isTaken(error)) throw error;
      // A person was faster, at the very same step.
      await this.#hear(job.ref, decided.step);
    }
    return this.#decisions.known(job.ref) ?? decided.decision;
  }

  /** What another process decided about an attempt that runs here: it has to end. */
  heardDecision(ref: AttemptRef): Decision | null {
    return this.#decisions.heard(ref);
  }

  checkpoint(job: Job, checkpoint: Checkpoint): Promise<void> {
    return this.storage.addCheckpoint(job.ref, checkpoint);
  }

  /** @returns False while a child may need it. */
  dropCheckpoint({ ref }: Job, { step }: Checkpoint): Promise<boolean> {
    return this.storage.removeCheckpoint(ref.studyId, ref.trial, ref.replicate, step);
  }

  /**
   * Records how an attempt ended: turns the training's word into the trial's (`settledOutcome`, retries) and computes the trial's
   * values when this ends it.
   *
   * @param decision  A decision other than continue that was taken about it.
   * @param backsOff  Whether a failed attempt that is tried again waits its time first.
   */
  async end(job: Job, said: Outcome, decision: Decision | null, backsOff = false): Promise<EndedJob> {
    await this.#reportTarget(job, said);
    const record = (): Promise<EndedJob> => this.#end(job, said, decision ?? this.#decisions.known(job.ref), backsOff);
    const ended = await (this.problem.replicates.count > 1 ? this.#exclusive(record) : record());
    this.#decisions.forget(job.ref);
    await this.sync();
    return ended;
  }

  /** A training that tells nothing but its final result tells it of the target: below the greatest fidelity schedulers compare reports. */
  async #reportTarget(job: Job, said: Outcome): Promise<void> {
    const { ref, target, maxFidelity } = job;
    if (said.kind !== "complete" || job.confirm || target === null || maxFidelity === null || target >= maxFidelity) return;
    if (resultFault(said.metrics, this.problem.objectives) !== null) return;
    const reports = await this.storage.getReports(this.studyId, ref.trial);
    if (reports.some(({ replicate, attempt }) => replicate === ref.replicate && attempt === ref.attempt)) return;
    await this.report(job, [{ step: Math.ceil(target), fidelity: target, metrics: said.metrics }]);
  }

  violationOf(metrics: Metrics | null): number {
    return this.#follower.violationOf(metrics);
  }

  #exclusive<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #sync(): Promise<void> {
    // Again after each reading, which may be ahead of the history: a suggestion sees both as they were at one event.
    while (await this.#follower.sync()) await this.#reread();
    for (const event of this.#decidedEvents.splice(0)) {
      const ref = refOf(this.studyId, event);
      if (ref !== null && this.#decisions.isUndecided(ref)) await this.#hear(ref, event.ref as number);
    }
  }

  /** Takes in a decision that is on record. */
  async #hear(ref: AttemptRef, step: number): Promise<void> {
    const decisions = await this.storage.getDecisions(ref.studyId, ref.trial);
    const own = decisions.find((each) => each.replicate === ref.replicate && each.attempt === ref.attempt && each.step === step);
    if (own !== undefined) this.#decisions.hear(ref, step, own.decision);
  }

  async #reread(): Promise<void> {
    const record = await currentRecord(this.storage, this.record);
    if (record.deletedAt !== null) throw new TunesmithError("study-not-found", `${record.name} was deleted`);
    if (canonicalJson(record.problem) !== canonicalJson(this.record.problem))
      throw new TunesmithError("wrong-state", `the problem of ${record.name} was changed while it ran; run it again`);
    const settings = record.settings as unknown as StudySettings;
    const isSearchedOtherwise = searchKey(settings) !== searchKey(this.settings);
    this.record = { ...record, activeMs: this.record.activeMs };
    this.settings = settings;
    const { budget, parallel } = settings;
    this.problem = { ...this.problem, revision: record.revision, trialBudget: budget.trials ?? null, parallel };
    if (isSearchedOtherwise) this.policy = this.#acceptPolicy();
  }

  #acceptPolicy(): Policy {
    return requireServing(this.#makePolicy(this.settings), this.problem);
  }

  #decide(event: StudyEvent): void {
    const ref = refOf(this.studyId, event);
    if (ref !== null) this.#decisions.decide(ref, event.ref as number, this.history.rowOf(ref.trial));
  }

  async #trial(number: number): Promise<Trial> {
    const trial = await this.storage.getTrial(this.studyId, number);
    if (trial === null) throw new TunesmithError("trial-not-found", `${this.record.name} has no trial ${number}`);
    return trial;
  }

  /**
   * Takes a step with the newest history; again when another process was faster: it enqueued, claimed, or cancelled.
   * @param admit  Throws if no step may be taken now.
   */
  #untilNotTaken(step: () => Promise<NextStep>, admit: () => void = () => {}): Promise<NextStep> {
    return this.#exclusive(async () => {
      for (let takenCount = 0; ; takenCount++) {
        await this.#sync();
        admit();
        try {
          return await step();
        } catch (error) {
          if (!isTaken(error) || takenCount >= takenLimit) throw error;
        }
      }
    });
  }

  #requireGoingOn(): void {
    const { name, state, cause } = this.record;
    if (state === "paused" || cause === "stopped")
      throw new TunesmithError("wrong-state", `${name} is ${state === "paused" ? "paused" : "stopped"}; resume it first`);
  }

  async #end(job: Job, said: Outcome, decision: Decision | null, backsOff: boolean): Promise<EndedJob> {
    const { ref, confirm } = job;
    const before = await this.#trial(ref.trial);
    const replicate = before.replicates[ref.replicate];
    const reports = before.fidelity === null ? [] : await this.storage.getReports(this.studyId, ref.trial);
    const outcome = settledOutcome(this.problem, job, said, decision, reports);
    const mayRetry = outcome.kind === "failed" && (confirm || !isTerminal(before.state));
    const retry = mayRetry ? retryFor(outcome.reason, replicate, this.settings.retries) : null;
    const result = retry === null ? resultOfEnd(this.problem, job, before, outcome) : null;
    // Before it is in the queue, where a free slot finds it at once.
    if (retry !== null && backsOff) {
      const retryCount = replicate.infraRetryCount + replicate.errorRetryCount + 1;
      this.#jobs.backOff(ref.trial, ref.replicate, this.host.monotonicMs() + backOffMs(retryCount));
    }
    await this.storage.end(ref, { outcome, retry, result });
    const trial = await this.#trial(ref.trial);
    const { state, attempt } = trial.replicates[ref.replicate];
    // Another slot may have claimed it since.
    return { trial, requeued: state === "queued" || attempt > ref.attempt };
  }
}

/** The attempt that an event is about. */
function refOf(studyId: string, { trial, replicate, attempt }: StudyEvent): AttemptRef | null {
  return trial === null || replicate === null || attempt === null ? null : { studyId, trial, replicate, attempt };
}

/** Whether another process was faster. */
function isTaken(error: unknown): boolean {
  return error instanceof TunesmithError && (error.code === "wrong-state" || error.code === "budget-spent");
}

function searchKey({ sampler, scheduler }: StudySettings): string {
  return canonicalJson([sampler, scheduler]);
}

async function currentRecord(storage: Storage, { id, name }: StudyRecord): Promise<StudyRecord> {
  const record = await storage.getStudy(id);
  if (record === null) throw new TunesmithError("study-not-found", `${name} is gone`);
  return record;
}
