import type { Host } from "../host.ts";
import { canonicalJson } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import type { Storage, StudyCause, StudyEvent, StudyRecord } from "../storage/storage.ts";
import type { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec } from "../trial/problem-json.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import type { AttemptRef, Decision, Metrics, Outcome, Report, Trial } from "../trial/trial.ts";
import { isTerminal, trialStateCodes } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { resultOfEnd, settledOutcome } from "./attempt-end.ts";
import { budgetEnd, maySuggest, type Progress } from "./budget.ts";
import { DecisionBook } from "./decision-book.ts";
import type { Checkpoint, Job } from "./engine.ts";
import { HistoryFollower } from "./history-follower.ts";
import { attemptJob, suggestContext, trialDraft } from "./next-job.ts";
import type { ProgressTracker } from "./progress-tracker.ts";
import { retryFor } from "./retry.ts";

/** Makes the policy that a study's settings name; the catalogue's task. */
export type PolicyMaker = (settings: StudySettings) => Policy;

/** What to do with a free slot. */
export type NextStep =
  | { readonly kind: "job"; readonly job: Job }
  /** Nothing can start now; `retryAtMs` on the host's monotonic clock if a back-off is what keeps it. */
  | { readonly kind: "wait"; readonly retryAtMs: number | null }
  /** The search may start no more trials; those that run may still end. */
  | { readonly kind: "finish"; readonly cause: StudyCause };

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
  readonly #notBeforeMs = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
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
    this.#follower = new HistoryFollower(storage, record.id, this.problem, (event) => this.#decide(event));
  }

  /**
   * Opens a study as it is on record.
   * @throws {TunesmithError} `refused` when its sampler or scheduler cannot serve its problem; `study-not-found`.
   */
  static async open(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker): Promise<StudySession> {
    const session = new StudySession(storage, host, await currentRecord(storage, record), makePolicy);
    await session.#follower.load(session.record, session.settings.budget);
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
      trialCount: this.history.trialCount,
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
    return this.#untilNotTaken(async () => {
      if (only === "confirm") return (await this.#claimWaiting(true)) ?? { kind: "finish", cause: "trials" };
      const end = this.budgetEnd();
      if (end !== null) return { kind: "finish", cause: end };
      const waiting = await this.#claimWaiting(false);
      if (waiting?.kind === "job" || (inOrder && waiting !== null)) return waiting;
      const suggested = await this.#suggest("sampler", null);
      return suggested.kind === "job" ? suggested : (waiting ?? suggested);
    });
  }

  /**
   * A trial for a caller that trains by itself (`ask`): one that waits, else a new one. Values that the caller fixes always make a
   * new one.
   */
  ask(fixed: Config): Promise<NextStep> {
    return this.#untilNotTaken(async () => {
      const end = this.budgetEnd();
      if (end !== null) return { kind: "finish", cause: end };
      if (Object.keys(fixed).length > 0) return this.#suggest("ask", fixed);
      const waiting = await this.#claimWaiting(false);
      return waiting?.kind === "job" ? waiting : this.#suggest("ask", null);
    });
  }

  /** Records reports and decides. */
  async report(job: Job, reports: readonly Report[]): Promise<Decision> {
    await this.storage.report(job.ref, reports);
    if (job.confirm) return { kind: "continue" };
    await this.sync();
    const decided = this.#decisions.of(job.ref);
    if (decided === null) return { kind: "continue" };
    await this.storage.decide(job.ref, decided.step, decided.decision);
    return decided.decision;
  }

  checkpoint(job: Job, checkpoint: Checkpoint): Promise<void> {
    return this.storage.addCheckpoint(job.ref, checkpoint);
  }

  dropCheckpoint({ ref }: Job, { step }: Checkpoint): Promise<void> {
    return this.storage.removeCheckpoint(ref.studyId, ref.trial, ref.replicate, step);
  }

  /**
   * Records how an attempt ended: turns the training's word into the trial's (`settledOutcome`, retries) and computes the trial's
   * values when this ends it.
   *
   * @param decision  A decision other than continue that was taken about it.
   */
  async end(job: Job, said: Outcome, decision: Decision | null): Promise<EndedJob> {
    const record = (): Promise<EndedJob> => this.#end(job, said, decision ?? this.#decisions.known(job.ref));
    const ended = await (this.problem.replicates.count > 1 ? this.#exclusive(record) : record());
    this.#decisions.forget(job.ref);
    await this.sync();
    return ended;
  }

  /** Keeps a replicate in the queue from being claimed before `delayMs` have passed. */
  backOff(trial: number, replicate: number, delayMs: number): void {
    this.#notBeforeMs.set(`${trial}.${replicate}`, this.host.monotonicMs() + delayMs);
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
    if (await this.#follower.sync()) await this.#reread();
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
    await this.#follower.countFor(budget);
  }

  #acceptPolicy(): Policy {
    const policy = this.#makePolicy(this.settings);
    const refusal = policy.refuse(this.problem);
    if (refusal !== null) throw new TunesmithError("refused", refusal);
    return policy;
  }

  #decide({ trial, replicate, attempt, ref: step }: StudyEvent): void {
    if (trial === null || replicate === null || attempt === null || step === null) return;
    this.#decisions.decide({ studyId: this.studyId, trial, replicate, attempt }, step, this.history.rowOf(trial));
  }

  async #trial(number: number): Promise<Trial> {
    const trial = await this.storage.getTrial(this.studyId, number);
    if (trial === null) throw new TunesmithError("trial-not-found", `${this.record.name} has no trial ${number}`);
    return trial;
  }

  /** Takes a step with the newest history; again when another process was faster: it enqueued, claimed, or cancelled. */
  #untilNotTaken(step: () => Promise<NextStep>): Promise<NextStep> {
    return this.#exclusive(async () => {
      for (let takenCount = 0; ; takenCount++) {
        await this.#sync();
        try {
          return await step();
        } catch (error) {
          const isTaken = error instanceof TunesmithError && (error.code === "wrong-state" || error.code === "budget-spent");
          if (!isTaken || takenCount >= takenLimit) throw error;
        }
      }
    });
  }

  /** @returns Null if nothing waits. */
  async #claimWaiting(confirm: boolean): Promise<NextStep | null> {
    let retryAtMs: number | null = null;
    for (const open of await this.storage.openReplicates(this.studyId)) {
      if (open.state !== "queued" || open.confirm !== confirm) continue;
      const notBeforeMs = this.#notBeforeMs.get(`${open.trial}.${open.replicate}`) ?? Number.NEGATIVE_INFINITY;
      if (notBeforeMs > this.host.monotonicMs()) {
        retryAtMs = Math.min(retryAtMs ?? notBeforeMs, notBeforeMs);
        continue;
      }
      if (open.open) return this.#fill(open.trial);
      const attempt = await this.storage.claim(this.studyId, open.trial, open.replicate);
      this.#notBeforeMs.delete(`${open.trial}.${open.replicate}`);
      return this.#job(open.trial, open.replicate, attempt);
    }
    return retryAtMs === null ? null : { kind: "wait", retryAtMs };
  }

  async #fill(trialNumber: number): Promise<NextStep> {
    const { fixed, source } = await this.#trial(trialNumber);
    const { problem, history } = this;
    const intent = await this.policy.fill(problem, history, suggestContext(problem, trialNumber, fixed ?? {}));
    if (intent.kind !== "start") return { kind: "wait", retryAtMs: null };
    const draft = trialDraft(problem, history.seq, intent, trialNumber, { source, fixed });
    return this.#job(trialNumber, 0, await this.storage.fillTrial(this.studyId, trialNumber, draft));
  }

  async #suggest(source: Trial["source"], fixed: Config | null): Promise<NextStep> {
    const { problem, history } = this;
    const isSpent = !maySuggest(this.settings.budget, this.progress());
    // Paused trials may go on when no new one may start.
    if (isSpent && (fixed !== null || !this.#hasPaused())) return { kind: "finish", cause: "trials" };
    const trialNumber = history.trialCount;
    const context = suggestContext(problem, trialNumber, fixed ?? {});
    const intent: Intent = await (fixed === null
      ? this.policy.next(problem, history, context)
      : this.policy.fill(problem, history, context));
    if (intent.kind === "wait") return { kind: "wait", retryAtMs: null };
    if (intent.kind === "finish") return { kind: "finish", cause: isSpent ? "trials" : "exhausted" };
    if (intent.kind === "resume") {
      await this.storage.resume(this.studyId, intent.trial, intent.target);
      return (await this.#claimWaiting(false)) ?? { kind: "wait", retryAtMs: null };
    }
    if (isSpent) return { kind: "finish", cause: "trials" };
    const draft = trialDraft(problem, history.seq, intent, trialNumber, { source, fixed });
    await this.storage.addTrials(this.studyId, [draft], this.settings.budget.trials ?? null, trialNumber);
    return this.#job(trialNumber, 0, 1);
  }

  #hasPaused(): boolean {
    const { rows, states } = this.history;
    return rows.some((row) => states[row] === trialStateCodes.paused);
  }

  async #job(number: number, replicate: number, attempt: number): Promise<NextStep> {
    const trial = await this.#trial(number);
    const ref: AttemptRef = { studyId: this.studyId, trial: number, replicate, attempt };
    const resumes = attempt > 1 && this.problem.fidelity?.resume !== "no";
    const checkpoints = resumes ? await this.storage.getCheckpoints(this.studyId, number, replicate) : [];
    const job = attemptJob(this.problem, this.policy, ref, trial, checkpoints[0] ?? null);
    if (!job.confirm) this.#decisions.open(ref);
    return { kind: "job", job };
  }

  async #end(job: Job, said: Outcome, decision: Decision | null): Promise<EndedJob> {
    const { ref, confirm } = job;
    const before = await this.#trial(ref.trial);
    const reports = before.fidelity === null ? [] : await this.storage.getReports(this.studyId, ref.trial);
    const outcome = settledOutcome(this.problem, job, said, decision, reports);
    const mayRetry = outcome.kind === "failed" && (confirm || !isTerminal(before.state));
    const retry = mayRetry ? retryFor(outcome.reason, before.replicates[ref.replicate], this.settings.retries) : null;
    const result = retry === null ? resultOfEnd(this.problem, job, before, outcome) : null;
    await this.storage.end(ref, { outcome, retry, result });
    const trial = await this.#trial(ref.trial);
    return { trial, requeued: trial.replicates[ref.replicate].state === "queued" };
  }
}

function searchKey({ sampler, scheduler }: StudySettings): string {
  return canonicalJson([sampler, scheduler]);
}

async function currentRecord(storage: Storage, { id, name }: StudyRecord): Promise<StudyRecord> {
  const record = await storage.getStudy(id);
  if (record === null) throw new TunesmithError("study-not-found", `${name} is gone`);
  return record;
}
