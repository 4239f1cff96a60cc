import type { AbortSignalLike } from "../host.ts";
import type { Config } from "../parameters/parameter.ts";
import type { StudyCause } from "../storage/storage.ts";
import type { Decision, Outcome, Report, Trial } from "../trial/trial.ts";
import { isTerminal } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { Bell } from "./bell.ts";
import { Breaker } from "./breaker.ts";
import { addConfirmations } from "./confirmation.ts";
import type { Engine, Job } from "./engine.ts";
import type { JobStep, NextStep } from "./job-source.ts";
import { type RunningJob, RunningJobs } from "./running-jobs.ts";
import type { EndedJob, StudySession } from "./study-session.ts";

/** What a caller can watch; every call tells of something that is on record already. One that throws ends the run. */
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

// The loop looks around this often when nothing wakes it.
const lookAroundMs = 1_000;

/**
 * Drives a study with an engine until it is done, paused or interrupted. At most `parallel` attempts run at a time, and none when this
 * resolves or rejects: what a sampler, a storage or an observer throws ends the run after the running attempts went back to the queue.
 */
export async function runLoop(options: LoopOptions): Promise<LoopEnd> {
  const { storage, history, studyId } = options.session;
  const states = ["complete", "stopped", "failed"] as const;
  const first = history.finishedCount === 0 ? [] : await storage.getTrials(studyId, { states, limit: Breaker.lookBackCount });
  return new StudyLoop(options, new Breaker(first)).run();
}

class StudyLoop {
  readonly #session: StudySession;
  readonly #engine: Engine;
  readonly #parallel: number;
  readonly #signal: AbortSignalLike | undefined;
  readonly #observer: LoopObserver;
  readonly #breaker: Breaker;
  readonly #running: RunningJobs;
  readonly #bell: Bell;
  #failure: { readonly error: unknown } | null = null;
  /** A search that is over is followed by confirmation runs, and those by another look whether the search is still over. */
  #phase: "search" | "confirm" | "confirmed" = "search";

  constructor({ session, engine, parallel, signal, observer }: LoopOptions, breaker: Breaker) {
    this.#session = session;
    this.#engine = engine;
    this.#parallel = parallel;
    this.#signal = signal;
    this.#observer = observer ?? {};
    this.#breaker = breaker;
    this.#running = new RunningJobs(engine);
    this.#bell = new Bell(session.host);
  }

  async run(): Promise<LoopEnd> {
    const wake = (): void => this.#bell.ring();
    const unwatch = this.#session.watch(wake);
    this.#signal?.addEventListener("abort", wake, { once: true });
    try {
      const end = await this.#drive();
      await this.#session.noteActiveTime(false);
      return end;
    } catch (error) {
      // If the storage is what failed, it fails here again.
      await this.#session.noteActiveTime(false).catch(() => {});
      throw error;
    } finally {
      unwatch();
      this.#signal?.removeEventListener("abort", wake);
      this.#bell.close();
    }
  }

  async #drive(): Promise<LoopEnd> {
    for (;;) {
      this.#bell.silence();
      const step = await this.#step().catch((error: unknown) => this.#fail(error));
      if (this.#failure !== null) return this.#leave(this.#failure.error);
      if (typeof step === "string") return step;
      await this.#bell.wait(step ?? 0);
    }
  }

  /** Does what can be done now. @returns How the run ended, else after how many milliseconds to look around again. */
  async #step(): Promise<LoopEnd | number> {
    const session = this.#session;
    await session.noteActiveTime(true);
    await session.sync();
    const { end, limit } = this.#stopWhatMust();
    const next: NextStep | null =
      end !== null ? null : limit !== null ? { kind: "finish", cause: limit } : await this.#fillSlots();
    if (this.#running.count === 0 && this.#failure === null) {
      if (end !== null) return end;
      if (next?.kind === "finish") return (await this.#nextPhase(next.cause)) ?? 0;
    }
    return this.#waitMs(next);
  }

  #stopWhatMust(): { readonly end: LoopEnd | null; readonly limit: StudyCause | null } {
    const end = this.#ending();
    // Confirmation runs are not counted against a budget.
    const limit = end === null && this.#phase !== "confirm" ? this.#session.budgetEnd() : null;
    this.#running.stopWhatMust(end, limit, this.#session);
    return { end, limit };
  }

  /** Whether the run has to end now, and how. */
  #ending(): LoopEnd | null {
    if (this.#signal?.aborted) return "interrupted";
    const { state } = this.#session.record;
    return state === "active" ? null : state;
  }

  /** @returns Why no more could be started; null if all slots are full, the run has to end, or it is too early to say. */
  async #fillSlots(): Promise<NextStep | null> {
    while (this.#running.count < this.#parallel && this.#failure === null && this.#ending() === null) {
      const isIdle = this.#running.count === 0;
      const next = await this.#session.next(this.#phase === "confirm" ? "confirm" : "search", this.#parallel === 1);
      // What ran may have ended since, as a pause for instance, and there is more to do.
      if (next.kind === "finish" && !isIdle) return null;
      if (next.kind !== "job") return next;
      if (!next.job.confirm) this.#phase = "search";
      this.#start(next);
    }
    return null;
  }

  #waitMs(next: NextStep | null): number {
    const { host, settings } = this.#session;
    let waitMs = lookAroundMs;
    if (next?.kind === "wait" && next.retryAtMs !== null) waitMs = Math.min(waitMs, next.retryAtMs - host.monotonicMs());
    const { timeMs } = settings.budget;
    // A budget of time runs out without an event; once it has, there is nothing to hurry for.
    const leftMs = timeMs === undefined ? 0 : timeMs - this.#session.progress().activeMs;
    if (leftMs > 0) waitMs = Math.min(waitMs, leftMs);
    return Math.max(1, waitMs);
  }

  #start({ job, decided }: JobStep): void {
    const running = this.#running.add(job);
    this.#tell(() => this.#observer.jobStarted?.(job));
    if (decided !== null) {
      running.decision = decided;
      void this.#onEnd(running, { kind: "released", reason: "lease_lost" });
      return;
    }
    this.#engine.start(job, {
      onReport: (reports) => this.#onReport(running, reports),
      onValues: (values) => this.#onValues(running, values),
      onCheckpoint: (checkpoint) => this.#session.checkpoint(job, checkpoint),
      onCheckpointDropped: (checkpoint) => this.#session.dropCheckpoint(job, checkpoint),
      onEnd: (outcome) => this.#onEnd(running, outcome),
    });
  }

  async #onReport(running: RunningJob, reports: readonly Report[]): Promise<Decision> {
    if (running.decision !== null) return running.decision;
    try {
      const decision = await this.#session.report(running.job, reports);
      if (decision.kind !== "continue") running.decision = decision;
      this.#tell(() => this.#observer.reported?.(running.job, reports, decision));
      // The report may have used up a limit on steps: then there is no next step.
      this.#stopWhatMust();
      return decision;
    } catch (error) {
      if (!isAboutAttempt(error)) this.#fail(error);
      throw error;
    } finally {
      this.#bell.ring();
    }
  }

  async #onValues({ job }: RunningJob, values: Config): Promise<void> {
    try {
      await this.#session.storage.recordValues(job.ref, values);
    } catch (error) {
      if (!isAboutAttempt(error)) this.#fail(error);
      throw error;
    }
  }

  async #onEnd(running: RunningJob, outcome: Outcome): Promise<void> {
    const { job } = running;
    try {
      const said = this.#running.settled(running, outcome);
      const { trial, requeued } = await this.#recordEnd(running, said);
      if (!requeued && !job.confirm && isTerminal(trial.state)) await this.#checkBreaker(trial);
      this.#tell(() => this.#observer.jobEnded?.(job, trial, requeued));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running.remove(job);
      this.#bell.ring();
    }
  }

  async #recordEnd({ job, decision }: RunningJob, said: Outcome): Promise<EndedJob> {
    const session = this.#session;
    try {
      return await session.end(job, said, decision, true);
    } catch (error) {
      if (!isAboutAttempt(error)) throw error;
      // Metrics that no storage takes are the training's fault.
      if (error.code === "invalid-input")
        return session.end(job, { kind: "failed", reason: "error", message: error.message }, null, true);
      // It has lost its say, to a person's cancel for instance.
      await session.sync();
      const trial = await session.storage.getTrial(session.studyId, job.ref.trial);
      if (trial === null) throw error;
      return { trial, requeued: false };
    }
  }

  async #checkBreaker(trial: Trial): Promise<void> {
    const message = this.#breaker.afterEnd(trial);
    if (message !== null) await this.#session.storage.setStudyState(this.#session.studyId, "paused", "breaker", message);
  }

  /** The search is over and nothing runs: confirm the best, then end the study. @returns Null to go on. */
  async #nextPhase(cause: StudyCause): Promise<LoopEnd | null> {
    if (this.#phase === "confirm") {
      this.#phase = "confirmed";
      return null;
    }
    if (this.#phase === "search" && this.#session.settings.confirm !== null) {
      this.#phase = "confirm";
      const trials = await addConfirmations(this.#session);
      if (trials.length > 0) this.#tell(() => this.#observer.confirming?.(trials));
      return null;
    }
    await this.#session.storage.setStudyState(this.#session.studyId, "done", cause);
    await this.#session.sync();
    return "done";
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The run ends: what runs goes back to the queue, at once, so that no attempt is blamed. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#running.stopAll("released");
    this.#bell.ring();
  }

  async #leave(error: unknown): Promise<never> {
    // What was started since.
    this.#running.stopAll("released");
    while (this.#running.count > 0) {
      await this.#bell.wait(lookAroundMs);
      this.#bell.silence();
    }
    throw error;
  }
}

/** Whether the fault lies with one attempt and not with the whole run. */
function isAboutAttempt(error: unknown): error is TunesmithError {
  const codes: readonly string[] = ["stale-attempt", "conflicting-report", "invalid-input"];
  return error instanceof TunesmithError && codes.includes(error.code);
}
