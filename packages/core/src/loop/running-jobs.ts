import type { StudyCause } from "../storage/storage.ts";
import type { Decision, Outcome, Why } from "../trial/trial.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import type { Engine, Job, StopReason } from "./engine.ts";
import { oneLine } from "./failure-message.ts";
import { jobKey } from "./job-key.ts";
import type { LoopEnd } from "./run-loop.ts";
import type { StudySession } from "./study-session.ts";

export interface RunningJob {
  readonly job: Job;
  decision: Decision | null;
  /** Why the loop is ending it. */
  stopping: { readonly reason: StopReason; readonly why: Why } | null;
}

/** The attempts that an engine runs for a loop, and why some of them have to end. */
export class RunningJobs {
  readonly #engine: Engine;
  readonly #running = new Map<string, RunningJob>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get count(): number {
    return this.#running.size;
  }

  add(job: Job): RunningJob {
    const running: RunningJob = { job, decision: null, stopping: null };
    this.#running.set(jobKey(job.ref), running);
    return running;
  }

  remove({ ref }: Job): void {
    this.#running.delete(jobKey(ref));
  }

  /**
   * Ends what should no longer run: everything when the run is interrupted or a person stopped the study; the search when a limit
   * other than the number of trials is reached; what belongs to a trial that has ended; what another process decided to end.
   */
  stopWhatMust(end: LoopEnd | null, limit: StudyCause | null, session: StudySession): void {
    if (end === "interrupted") {
      this.stopAll("released");
      return;
    }
    const isStopped = end === "done" && session.record.cause === "stopped";
    for (const running of this.#running.values()) {
      const { ref, confirm } = running.job;
      this.#obey(running, session.heardDecision(ref));
      if (isStopped) this.#stop(running, "stopped", { code: "budget", cause: "stopped" });
      else if (confirm) continue;
      else if (!session.isUnfinished(ref.trial)) this.#stopEnded(running, session);
      else if (limit !== null) this.#stop(running, "stopped", { code: "budget", cause: limit });
    }
  }

  /** Ends what another process decided to end. */
  #obey(running: RunningJob, decision: Decision | null): void {
    if (decision === null || decision.kind === "continue" || running.decision !== null) return;
    running.decision = decision;
    this.#stop(running, decision.kind === "pause" ? "paused" : "stopped", decision.why);
  }

  #stopEnded(running: RunningJob, { history }: StudySession): void {
    const row = history.rowOf(running.job.ref.trial);
    const isCancelled = row >= 0 && history.states[row] === trialStateCodes.cancelled;
    this.#stop(running, isCancelled ? "cancelled" : "stale", { code: "trial-ended" });
  }

  stopAll(reason: StopReason): void {
    for (const running of this.#running.values()) this.#stop(running, reason, { code: reason });
  }

  /** The training's word, overruled by why it was ended. */
  settled({ stopping }: RunningJob, outcome: Outcome): Outcome {
    // It had finished by itself before it heard of it.
    if (stopping === null || outcome.kind === "complete")
      return outcome.kind === "failed" ? { ...outcome, message: oneLine(outcome.message) } : outcome;
    if (stopping.reason === "released") return { kind: "released", reason: "preempted" };
    return { kind: "stopped", why: stopping.why, metrics: outcome.kind === "stopped" ? outcome.metrics : null };
  }

  #stop(running: RunningJob, reason: StopReason, why: Why): void {
    if (running.stopping !== null) return;
    running.stopping = { reason, why };
    this.#engine.stop(running.job.ref, reason);
  }
}
