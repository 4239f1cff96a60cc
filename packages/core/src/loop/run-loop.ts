import { type AbortSignalLike, createAbort } from "../host.ts";
import { createRng } from "../numerics/rng.ts";
import type { StudyCause } from "../storage/storage.ts";
import type { Decision, Outcome, Report, Trial } from "../trial/trial.ts";
import { isTerminal, trialStateCodes } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { Breaker } from "./breaker.ts";
import type { Engine, Job, StopReason } from "./engine.ts";
import { backOffMs } from "./retry.ts";
import type { StudySession } from "./study-session.ts";

/** What a caller can watch; every call tells of something that is on record already. */
export interface LoopObserver {
  jobStarted?(job: Job): void;
  reported?(job: Job, reports: readonly Report[], decision: Decision): void;
  /** An attempt ended; `requeued` if it will be tried again. */
  jobEnded?(job: Job, trial: Trial, requeued: boolean): void;
  /** The search is over and the best are run again on fresh seeds. */
  confirming?(trials: readonly number[]): void;
}

export interface LoopOptions {
  readonly session: StudySession;
  readonly engine: Engine;
  readonly parallel: number;
  /** Ends the run, not the study: running attempts go back to the queue. */
  readonly signal?: AbortSignalLike;
  readonly observer?: LoopObserver;
}

/** Why a run ended: the study is done, paused, or goes on when it is run again. */
export type LoopEnd = "done" | "paused" | "interrupted";

interface Running {
  readonly job: Job;
  decision: Decision | null;
  stopping: StopReason | null;
}

// The loop looks around this often when nothing wakes it: budgets of time run out without an event.
const lookAroundMs = 1_000;

/** Drives a study with an engine until it is done, paused or interrupted. At most `parallel` attempts run at a time. */
export async function runLoop(options: LoopOptions): Promise<LoopEnd> {
  return new StudyLoop(options).run();
}

class StudyLoop {
  readonly #session: StudySession;
  readonly #engine: Engine;
  readonly #parallel: number;
  readonly #signal: AbortSignalLike | undefined;
  readonly #observer: LoopObserver;
  readonly #running = new Map<string, Running>();
  readonly #breaker: Breaker;
  #wake = createAbort();
  #failure: unknown = null;
  // Why nothing new may start; once confirming, `#searchCause` remembers why the search ended.
  #cause: StudyCause | null = null;
  #searchCause: StudyCause | null = null;
  #confirming = false;

  constructor({ session, engine, parallel, signal, observer }: LoopOptions) {
    this.#session = session;
    this.#engine = engine;
    this.#parallel = parallel;
    this.#signal = signal;
    this.#observer = observer ?? {};
    this.#breaker = new Breaker(session.history);
  }

  async run(): Promise<LoopEnd> {
    const wake = (): void => this.#wake.abort();
    const unwatch = this.#session.storage.watch(wake);
    this.#signal?.addEventListener("abort", wake, { once: true });
    await this.#session.noteActiveTime(true);
    try {
      return await this.#steps();
    } finally {
      unwatch();
      this.#signal?.removeEventListener("abort", wake);
      await this.#session.noteActiveTime(false);
    }
  }

  async #steps(): Promise<LoopEnd> {
    for (;;) {
      this.#wake = createAbort();
      if (this.#failure !== null) {
        await this.#drain();
        throw this.#failure;
      }
      await this.#session.sync();
      const end = this.#ending();
      this.#stopWhatMust(end);
      const waitMs = end === null ? await this.#fillSlots() : null;
      if (this.#running.size === 0 && this.#failure === null) {
        const ended = end ?? (await this.#nextPhase(waitMs));
        if (ended !== null) return ended;
      }
      await this.#session.noteActiveTime(true);
      await this.#session.host.sleep(Math.min(waitMs ?? lookAroundMs, lookAroundMs), this.#wake.signal);
    }
  }

  /** Whether the run has to end now, and how. */
  #ending(): LoopEnd | null {
    const { record } = this.#session;
    if (this.#signal?.aborted) return "interrupted";
    if (record.state === "paused") return "paused";
    if (record.state === "done") return "done";
    if (!this.#confirming) this.#cause ??= this.#session.budgetEnd();
    return null;
  }

  #stopWhatMust(end: LoopEnd | null): void {
    const { history, record } = this.#session;
    for (const running of this.#running.values()) {
      const { ref, confirm } = running.job;
      if (end === "interrupted") this.#stop(running, "released");
      else if (end === "done" && record.cause === "stopped") this.#stop(running, "stopped");
      else if (this.#cause !== null && this.#cause !== "trials" && this.#cause !== "exhausted" && !confirm)
        this.#stop(running, "stopped");
      else if (!confirm) {
        const row = history.rowOf(ref.trial);
        if (row >= 0 && history.states[row] === trialStateCodes.cancelled) this.#stop(running, "cancelled");
        else if (row >= 0 && history.states[row] > trialStateCodes.paused) this.#stop(running, "stale");
      }
    }
  }

  #stop(running: Running, reason: StopReason): void {
    if (running.stopping !== null) return;
    running.stopping = reason;
    this.#engine.stop(running.job.ref, reason);
  }

  /** @returns How long until a back-off is over, or null. */
  async #fillSlots(): Promise<number | null> {
    while (this.#running.size < this.#parallel && !this.#signal?.aborted) {
      if (this.#cause !== null && !this.#confirming) return null;
      const next = await this.#session.next(this.#confirming ? "confirm" : "search");
      if (next.kind === "job") this.#start(next.job);
      else if (next.kind === "wait")
        return next.retryAtMs === null ? null : Math.max(1, next.retryAtMs - this.#session.host.monotonicMs());
      else {
        this.#cause = next.cause;
        return null;
      }
    }
    return null;
  }

  #start(job: Job): void {
    const key = `${job.ref.trial}.${job.ref.replicate}`;
    const running: Running = { job, decision: null, stopping: null };
    this.#running.set(key, running);
    this.#observer.jobStarted?.(job);
    this.#engine.start(job, {
      onReport: (reports) => this.#onReport(running, reports),
      onCheckpoint: (checkpoint) => this.#session.checkpoint(job, checkpoint),
      onEnd: (outcome) => this.#onEnd(key, running, outcome),
    });
  }

  async #onReport(running: Running, reports: readonly Report[]): Promise<Decision> {
    if (running.decision !== null) return running.decision;
    const decision = await this.#session.report(running.job, reports);
    if (decision.kind !== "continue") running.decision = decision;
    this.#observer.reported?.(running.job, reports, decision);
    // A limit on steps, or siblings of a stopped trial, may now have to be acted on.
    this.#wake.abort();
    return decision;
  }

  async #onEnd(key: string, running: Running, outcome: Outcome): Promise<void> {
    try {
      const settled = this.#settle(running, outcome);
      const { trial, requeued } = await this.#session.end(running.job, settled, running.decision);
      if (requeued && settled.kind === "failed") {
        const { infraRetryCount, errorRetryCount } = trial.replicates[running.job.ref.replicate];
        this.#session.backOff(trial.number, running.job.ref.replicate, backOffMs(infraRetryCount + errorRetryCount));
      }
      if (!requeued && isTerminal(trial.state)) await this.#checkBreaker(trial);
      this.#observer.jobEnded?.(running.job, trial, requeued);
    } catch (error) {
      // A stale attempt has lost its say; everything else is a fault of the store and ends the run.
      if (!(error instanceof TunesmithError && error.code === "stale-attempt")) this.#failure ??= error;
    } finally {
      this.#running.delete(key);
      this.#wake.abort();
    }
  }

  /** The training's word, overruled by why it was ended. */
  #settle({ stopping, decision }: Running, outcome: Outcome): Outcome {
    if (decision !== null || stopping === null) return outcome;
    // It had finished by itself before the signal reached it.
    if (outcome.kind === "complete") return outcome;
    if (stopping === "released") return { kind: "released", reason: "preempted" };
    if (stopping === "cancelled") return { kind: "cancelled" };
    return { kind: "stopped", why: { code: "budget", cause: this.#cause ?? "stopped" }, metrics: null };
  }

  async #checkBreaker(trial: Trial): Promise<void> {
    const message = this.#breaker.afterEnd(trial);
    if (message !== null) await this.#session.storage.setStudyState(this.#session.studyId, "paused", "breaker", message);
  }

  /** Nothing runs and nothing could start: confirm, end the study, or wait for others. */
  async #nextPhase(waitMs: number | null): Promise<LoopEnd | null> {
    if (waitMs !== null) return null;
    if (this.#cause === null) return null;
    if (!this.#confirming && this.#session.settings.confirm !== null) {
      this.#confirming = true;
      const trials = await this.#addConfirmations();
      if (trials.length > 0) {
        this.#observer.confirming?.(trials);
        this.#wake.abort();
        return null;
      }
    }
    const cause = this.#searchCause ?? this.#cause;
    await this.#session.storage.setStudyState(this.#session.studyId, "done", cause);
    await this.#session.sync();
    return "done";
  }

  /** Gives the best trials, and the default configuration if it was tried, fresh seeds; those that have them already keep them. */
  async #addConfirmations(): Promise<readonly number[]> {
    const { storage, studyId, settings, problem, history } = this.#session;
    this.#searchCause = this.#cause;
    const { top, seeds: seedCount } = settings.confirm ?? { top: 0, seeds: 0 };
    const [objective] = problem.objectives;
    const best = await storage.bestTrials(studyId, 0, objective.goal, top);
    const trials = best.map(({ number }) => number);
    const defaultsKey = problem.space.key(problem.space.defaults());
    for (const row of history.rows) {
      const finished = history.states[row] === trialStateCodes.complete || history.states[row] === trialStateCodes.stopped;
      if (!finished || problem.space.key(history.config(row)) !== defaultsKey) continue;
      if (!trials.includes(history.numbers[row])) trials.push(history.numbers[row]);
      break;
    }
    for (const number of trials) {
      const trial = await storage.getTrial(studyId, number);
      const have = trial?.replicates.filter(({ confirm }) => confirm).length ?? 0;
      // The same seeds for every trial: what differs between them is then the configuration alone.
      const seeds = Array.from({ length: seedCount }, (_, i) => createRng(problem.seed, "confirm", i).int(2 ** 31)).slice(have);
      if (seeds.length > 0) await storage.addReplicates(studyId, number, seeds);
    }
    return trials;
  }

  async #drain(): Promise<void> {
    for (const running of this.#running.values()) this.#stop(running, "released");
    while (this.#running.size > 0) {
      this.#wake = createAbort();
      await this.#session.host.sleep(1_000, this.#wake.signal);
    }
  }
}
