import type { Host } from "../host.ts";
import type { JsonObject } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import { type Expression, parseExpression, violation } from "../parameters/expression.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import type { SuggestContext } from "../samplers/sampler.ts";
import type { Storage, StudyCause, StudyEvent, StudyRecord, TrialDraft } from "../storage/storage.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec } from "../trial/problem-json.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import type { Decision, Metrics, Outcome, Report, StoredReport, Trial } from "../trial/trial.ts";
import { isTerminal } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { budgetEnd, maySuggest, type Progress } from "./budget.ts";
import type { Checkpoint, Job } from "./engine.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { retryFor } from "./retry.ts";
import { lossesOf, resultFault, resultMetrics, trialResult } from "./trial-result.ts";

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

const eventPageSize = 1_000;
const activeTimeEveryMs = 2_000;

/**
 * One opened study: its history in memory, kept equal to the storage event by event, and the verbs of the trial lifecycle.
 *
 * Decide (pure) → record (one transaction) → act: every method records before it returns, nobody acts on anything unrecorded.
 */
export class StudySession {
  readonly storage: Storage;
  readonly host: Host;
  readonly history: HistoryRecorder;
  readonly problem: Problem;
  readonly progressTracker: ProgressTracker;
  record: StudyRecord;
  settings: StudySettings;
  policy: Policy;
  readonly #makePolicy: PolicyMaker;
  readonly #constraints: readonly Expression[];
  #queue: Promise<unknown> = Promise.resolve();
  #endedCounts = { complete: 0, stopped: 0, failed: 0, cancelled: 0 };
  #stepSum = 0;
  #activeSinceMs: number | null = null;
  readonly #notBeforeMs = new Map<string, number>();

  private constructor(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker) {
    this.storage = storage;
    this.host = host;
    this.record = record;
    this.settings = record.settings as unknown as StudySettings;
    this.problem = compileProblem(record.problem as unknown as ProblemSpec, record.revision, this.settings);
    this.#makePolicy = makePolicy;
    this.policy = this.#acceptPolicy();
    this.history = new HistoryRecorder(this.problem.space, this.problem.objectives.length, this.problem.replicates.count);
    this.progressTracker = new ProgressTracker(this.problem.objectives);
    this.#constraints = this.problem.outcomeConstraints.map(parseExpression);
  }

  /**
   * Opens a study as it is on record.
   * @throws {TunesmithError} `refused` when its sampler or scheduler cannot serve its problem.
   */
  static async open(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker): Promise<StudySession> {
    const session = new StudySession(storage, host, record, makePolicy);
    await session.#load();
    return session;
  }

  get studyId(): string {
    return this.record.id;
  }

  /** Finished trials by how they ended. */
  get endedCounts(): Readonly<Record<"complete" | "stopped" | "failed" | "cancelled", number>> {
    return this.#endedCounts;
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
      stepSum: this.#stepSum,
      goalReached: this.progressTracker.goalReached,
    };
  }

  /** The limit that ends the search now, if any. */
  budgetEnd(): StudyCause | null {
    return budgetEnd(this.settings.budget, this.progress());
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

  /** Claims what waits, else asks the policy; the job is on record as running when this resolves. */
  next(only: "search" | "confirm"): Promise<NextStep> {
    return this.#exclusive(async () => {
      await this.#sync();
      const waiting = await this.#claimWaiting(only === "confirm");
      if (waiting !== null) return waiting;
      if (only === "confirm") return { kind: "finish", cause: "trials" };
      if (!maySuggest(this.settings.budget, this.progress())) return { kind: "finish", cause: "trials" };
      return this.#suggest("sampler");
    });
  }

  /** A new trial for a caller that trains by itself (`ask`); null when the search is finished or has to wait. */
  ask(fixed: Config): Promise<NextStep> {
    return this.#exclusive(async () => {
      await this.#sync();
      if (!maySuggest(this.settings.budget, this.progress())) return { kind: "finish", cause: "trials" };
      if (Object.keys(fixed).length === 0) return this.#suggest("ask");
      return this.#suggest("ask", fixed);
    });
  }

  /** Records reports and decides. */
  async report(job: Job, reports: readonly Report[]): Promise<Decision> {
    const fresh = await this.storage.report(job.ref, reports);
    if (job.confirm || !fresh.includes(true)) return { kind: "continue" };
    return this.#exclusive(async () => {
      await this.#sync();
      const row = this.history.rowOf(job.ref.trial);
      if (row < 0) return { kind: "continue" };
      const decision = this.policy.onReport(this.problem, this.history, row);
      if (decision.kind !== "continue") await this.storage.decide(job.ref, reports[reports.length - 1].step, decision);
      return decision;
    });
  }

  checkpoint(job: Job, checkpoint: Checkpoint): Promise<void> {
    return this.storage.addCheckpoint(job.ref, checkpoint);
  }

  /**
   * Records how an attempt ended: turns the training's word into the trial's (pause below the maximum, missing or non-finite
   * results, retries) and computes the trial's values when this ends it.
   *
   * @param decision  A decision other than continue that was taken about it; it stands whatever the training said since.
   */
  async end(job: Job, said: Outcome, decision: Decision | null): Promise<EndedJob> {
    const record = async (): Promise<EndedJob> => {
      const { ref } = job;
      const outcome = this.#settle(job, await this.#withResult(job, said, decision));
      const before = await this.#trial(ref.trial);
      const retry = outcome.kind === "failed" ? this.#retry(job, before, outcome.reason) : null;
      const result = retry === null ? this.#result(job, before, outcome) : null;
      await this.storage.end(ref, { outcome, retry, result });
      const trial = await this.#trial(ref.trial);
      return { trial, requeued: trial.replicates[ref.replicate].state === "queued" };
    };
    const ended = await (this.problem.replicates.count > 1 ? this.#exclusive(record) : record());
    await this.sync();
    return ended;
  }

  /** Keeps a replicate in the queue from being claimed before `delayMs` have passed. */
  backOff(trial: number, replicate: number, delayMs: number): void {
    this.#notBeforeMs.set(`${trial}.${replicate}`, this.host.monotonicMs() + delayMs);
  }

  violationOf(metrics: Metrics | null): number {
    if (this.#constraints.length === 0) return 0;
    if (metrics === null) return Number.NaN;
    return this.#constraints.reduce((sum, constraint) => sum + violation(constraint, (name) => metrics[name]), 0);
  }

  // ── the history ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #exclusive<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #load(): Promise<void> {
    const signs = this.problem.objectives.map(({ goal }) => (goal === "minimize" ? 1 : -1));
    const { trials, seq } = await this.storage.readWindow(this.studyId, signs);
    const record = await this.storage.getStudy(this.studyId);
    if (record === null) throw new TunesmithError("study-not-found", `${this.record.name} is gone`);
    this.record = record;
    const { complete, stopped, failed, cancelled } = record.stateCounts;
    this.#endedCounts = { complete, stopped, failed, cancelled };
    this.history.setCounts({
      trialCount: record.trialCount,
      finishedCount: complete + stopped + failed + cancelled,
      completeCount: complete,
    });
    for (const trial of trials) await this.#loadTrial(trial);
    const finished = trials.filter((trial) => trial.finishedSeq !== null);
    finished.sort((a, b) => (a.finishedSeq ?? 0) - (b.finishedSeq ?? 0));
    for (const trial of finished) this.#noteFinish(trial, (number, end, at) => this.history.loadFinish(number, end, at));
    this.history.seq = seq;
  }

  async #loadTrial(trial: Trial): Promise<void> {
    this.history.load({ ...trial, config: trial.config, state: isTerminal(trial.state) ? "running" : trial.state });
    if (trial.fidelity === null) return;
    for (const report of await this.storage.getReports(this.studyId, trial.number)) this.#noteReport(trial, report);
  }

  async #sync(): Promise<void> {
    for (;;) {
      const events = await this.storage.eventsAfter(this.studyId, this.history.seq, eventPageSize);
      if (events.length > 0) await this.#applyAll(events);
      if (events.length < eventPageSize) return;
    }
  }

  async #applyAll(events: readonly StudyEvent[]): Promise<void> {
    const trials = new Map<number, Trial>();
    const reports = new Map<number, readonly StoredReport[]>();
    const firstSeq = events[0].seq;
    for (const event of events) {
      if (event.trial !== null && !trials.has(event.trial)) trials.set(event.trial, await this.#trial(event.trial));
      if (event.kind === "reported" && event.trial !== null && !reports.has(event.trial))
        reports.set(event.trial, await this.storage.getReports(this.studyId, event.trial, firstSeq - 1));
    }
    if (events.some(({ kind }) => kind === "study-state" || kind === "study-revised")) await this.#reread();
    for (const event of events) {
      const trial = event.trial === null ? null : trials.get(event.trial);
      if (trial) this.#apply(event, trial, reports.get(trial.number) ?? []);
      this.history.seq = event.seq;
    }
  }

  #apply(event: StudyEvent, trial: Trial, reports: readonly StoredReport[]): void {
    const { history } = this;
    switch (event.kind) {
      case "trial-added": {
        // An enqueued config is what the person fixed until the sampler has filled it (`trial-filled`).
        const config = trial.fixed ?? trial.config;
        history.add({ number: trial.number, config, note: trial.note, bracket: trial.bracket, state: "queued" });
        return;
      }
      case "trial-filled":
        return history.fill(trial.number, trial.config, trial.note, trial.bracket);
      case "claimed":
        return history.setState(trial.number, "running");
      case "resumed":
      case "requeued":
        return history.setState(trial.number, "queued");
      case "reported": {
        const report = reports.find(({ seq }) => seq === event.seq);
        if (report) this.#noteReport(trial, report);
        return;
      }
      case "replicate-ended":
        if (trial.state === "paused") history.setState(trial.number, "paused");
        if (event.replicate !== null) history.leave(trial.number, event.replicate);
        return;
      case "trial-finished":
        if (isTerminal(trial.state)) this.#endedCounts[trial.state]++;
        return this.#noteFinish(trial, (number, end, seq) => history.finish(number, end, seq));
      default:
        return;
    }
  }

  #noteReport(trial: Trial, report: StoredReport): void {
    if (trial.replicates[report.replicate].confirm) return;
    const row = this.history.rowOf(trial.number);
    const before = row < 0 ? 0 : this.history.fidelities[row] || 0;
    this.history.report(trial.number, { ...report, losses: lossesOf(report.metrics, this.problem.objectives) });
    if (row >= 0) this.#stepSum += Math.max(0, (this.history.fidelities[row] || 0) - before);
  }

  #noteFinish(trial: Trial, finish: HistoryRecorder["finish"]): void {
    const losses = trial.values?.map((value, k) => (this.problem.objectives[k].goal === "minimize" ? value : -value)) ?? null;
    const violationSum = this.violationOf(trial.metrics);
    finish.call(this.history, trial.number, { state: trial.state, losses, violation: violationSum }, trial.finishedSeq ?? 0);
    this.progressTracker.finish(trial.number, trial.state, losses, violationSum);
  }

  async #reread(): Promise<void> {
    const record = await this.storage.getStudy(this.studyId);
    if (record === null) throw new TunesmithError("study-not-found", `${this.record.name} is gone`);
    if (record.deletedAt !== null) throw new TunesmithError("study-not-found", `${record.name} was deleted`);
    const settings = record.settings as unknown as StudySettings;
    const newPolicy =
      JSON.stringify([settings.sampler, settings.scheduler]) !== JSON.stringify([this.settings.sampler, this.settings.scheduler]);
    this.record = { ...record, activeMs: this.record.activeMs };
    this.settings = settings;
    if (newPolicy) this.policy = this.#acceptPolicy();
  }

  #acceptPolicy(): Policy {
    const policy = this.#makePolicy(this.settings);
    const refusal = policy.refuse(this.problem);
    if (refusal !== null) throw new TunesmithError("refused", refusal);
    return policy;
  }

  async #trial(number: number): Promise<Trial> {
    const trial = await this.storage.getTrial(this.studyId, number);
    if (trial === null) throw new TunesmithError("trial-not-found", `${this.record.name} has no trial ${number}`);
    return trial;
  }

  // ── what next ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #claimWaiting(confirmOnly: boolean): Promise<NextStep | null> {
    let retryAtMs: number | null = null;
    for (const open of await this.storage.openReplicates(this.studyId)) {
      if (open.state !== "queued" || open.confirm !== confirmOnly) continue;
      const notBeforeMs = this.#notBeforeMs.get(`${open.trial}.${open.replicate}`) ?? 0;
      if (notBeforeMs > this.host.monotonicMs()) {
        retryAtMs = Math.min(retryAtMs ?? notBeforeMs, notBeforeMs);
        continue;
      }
      if (open.open) return this.#fill(open.trial);
      const attempt = await this.storage.claim(this.studyId, open.trial, open.replicate);
      return { kind: "job", job: await this.#job(open.trial, open.replicate, attempt) };
    }
    return retryAtMs === null ? null : { kind: "wait", retryAtMs };
  }

  async #fill(trialNumber: number): Promise<NextStep> {
    const trial = await this.#trial(trialNumber);
    const context = this.#context(trialNumber, trial.fixed ?? {});
    const intent = await this.policy.fill(this.problem, this.history, context);
    if (intent.kind !== "start") return { kind: "wait", retryAtMs: null };
    const draft = this.#draft(intent, trialNumber, trial.source, trial.fixed);
    const attempt = await this.storage.fillTrial(this.studyId, trialNumber, draft);
    return { kind: "job", job: await this.#job(trialNumber, 0, attempt) };
  }

  async #suggest(source: Trial["source"], fixed?: Config): Promise<NextStep> {
    const trialNumber = this.history.trialCount;
    const context = this.#context(trialNumber, fixed ?? {});
    const intent = fixed
      ? await this.policy.fill(this.problem, this.history, context)
      : await this.policy.next(this.problem, this.history, context);
    if (intent.kind === "wait") return { kind: "wait", retryAtMs: null };
    if (intent.kind === "finish") return { kind: "finish", cause: "exhausted" };
    if (intent.kind === "resume") {
      await this.storage.resume(this.studyId, intent.trial, intent.target);
      return (await this.#claimWaiting(false)) ?? { kind: "wait", retryAtMs: null };
    }
    const draft = this.#draft(intent, trialNumber, source, fixed ?? null);
    try {
      await this.storage.addTrials(this.studyId, [draft], this.settings.budget.trials ?? null, trialNumber);
    } catch (error) {
      // Another process enqueued meanwhile: its trial took the number. Think again with it in the history.
      if (!(error instanceof TunesmithError) || error.code !== "wrong-state") throw error;
      await this.#sync();
      return this.#suggest(source, fixed);
    }
    return { kind: "job", job: await this.#job(trialNumber, 0, 1) };
  }

  #context(trialNumber: number, fixed: Config): SuggestContext {
    return { trialNumber, fixed, rng: (purpose) => createRng(this.problem.seed, trialNumber, purpose) };
  }

  #draft(
    intent: Extract<Intent, { kind: "start" }>,
    trialNumber: number,
    source: Trial["source"],
    fixed: Config | null,
  ): TrialDraft {
    return {
      config: intent.suggestion.config,
      revision: this.problem.revision,
      historySeq: this.history.seq,
      source,
      fixed,
      why: intent.suggestion.why,
      note: (intent.suggestion.note ?? null) as JsonObject | null,
      bracket: intent.bracket,
      target: intent.target,
      seeds: replicateSeeds(this.problem, trialNumber),
      begin: "claimed",
    };
  }

  async #job(trialNumber: number, replicate: number, attempt: number): Promise<Job> {
    const trial = await this.#trial(trialNumber);
    const { seed, confirm, target } = trial.replicates[replicate];
    const { fidelity, replicates } = this.problem;
    const checkpoints =
      attempt === 1 || fidelity?.resume === "no" ? [] : await this.storage.getCheckpoints(this.studyId, trialNumber, replicate);
    return {
      ref: { studyId: this.studyId, trial: trialNumber, replicate, attempt },
      config: trial.config,
      seed,
      fold: replicates.kind === "folds" && !confirm ? replicate : null,
      target: confirm ? (fidelity?.max ?? null) : target,
      maxFidelity: fidelity?.max ?? null,
      checkpoint: checkpoints[0] ?? null,
      decisionFidelities: confirm ? [] : this.policy.decisionFidelities(this.problem, trial.bracket),
      confirm,
    };
  }

  // ── the end of an attempt ────────────────────────────────────────────────────────────────────────────────────────────────

  /** What the training said, with the result that its reports make and the decision that was taken about it. */
  async #withResult(job: Job, said: Outcome, decision: Decision | null): Promise<Outcome> {
    if (decision?.kind === "pause" && said.kind !== "failed") return { kind: "paused" };
    if (decision?.kind === "stop") return { kind: "stopped", why: decision.why, metrics: await this.#metrics(job, null) };
    if (said.kind === "stopped") return { ...said, metrics: await this.#metrics(job, said.metrics) };
    if (said.kind === "complete") return { kind: "complete", metrics: (await this.#metrics(job, said.metrics)) ?? {} };
    return said;
  }

  /** Rules that hold for every engine: a pause below the maximum fidelity, no completion without finite values. */
  #settle(job: Job, outcome: Outcome): Outcome {
    if (outcome.kind !== "complete") return outcome;
    if (job.target !== null && job.maxFidelity !== null && job.target < job.maxFidelity) return { kind: "paused" };
    const fault = resultFault(outcome.metrics, this.problem.objectives);
    return fault === null ? outcome : { kind: "failed", ...fault };
  }

  async #metrics(job: Job, final: Metrics | null): Promise<Metrics | null> {
    const { objectives } = this.problem;
    const enough = objectives.every(({ name, take }) => take === "last" && final?.[name] !== undefined);
    if (enough) return final;
    const stored = await this.storage.getReports(this.studyId, job.ref.trial);
    return resultMetrics(acceptedReports(stored, job.ref.replicate), final, objectives);
  }

  #retry(job: Job, trial: Trial, reason: Parameters<typeof retryFor>[0]): "infra" | "error" | null {
    if (isTerminal(trial.state) && !job.confirm) return null;
    return retryFor(reason, trial.replicates[job.ref.replicate], this.settings.retries);
  }

  #result(job: Job, trial: Trial, outcome: Outcome): ReturnType<typeof trialResult> | null {
    if (job.confirm || (outcome.kind !== "complete" && outcome.kind !== "stopped") || outcome.metrics === null) return null;
    const others = trial.replicates.filter(({ index, confirm }) => !confirm && index !== job.ref.replicate);
    if (outcome.kind === "complete" && others.some(({ state }) => state !== "complete")) return null;
    const done = others.filter(({ state, metrics }) => state === "complete" && metrics !== null);
    const results = [...done.map(({ metrics }) => metrics as Metrics), outcome.metrics];
    const result = trialResult(results, this.problem.objectives);
    const known = result.values?.every((value) => value !== undefined && !Number.isNaN(value));
    return known ? result : { ...result, values: null, standardErrors: null };
  }
}

/** Seeds of a trial's replicates: different per replicate for repeats, one for all folds. 31 bits, so that every library takes them. */
export function replicateSeeds(problem: Problem, trialNumber: number): readonly number[] {
  const { kind, count } = problem.replicates;
  return Array.from({ length: count }, (_, index) =>
    createRng(problem.seed, trialNumber, "replicate", kind === "folds" ? 0 : index).int(2 ** 31),
  );
}

/** The reports of one replicate that count: a newer attempt's replace the older ones' from its first step on. Ascending by step. */
function acceptedReports(reports: readonly StoredReport[], replicate: number): readonly StoredReport[] {
  const own = reports.filter((report) => report.replicate === replicate);
  const firstSteps = new Map<number, number>();
  for (const { attempt, step } of own) firstSteps.set(attempt, Math.min(step, firstSteps.get(attempt) ?? step));
  const accepted = own.filter(({ attempt, step }) => {
    for (const [other, firstStep] of firstSteps) if (other > attempt && firstStep <= step) return false;
    return true;
  });
  return accepted.sort((a, b) => a.step - b.step);
}
