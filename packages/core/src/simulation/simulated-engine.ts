import { type Abort, createAbort } from "../host.ts";
import type { Engine, Job, JobListener, StopReason } from "../loop/engine.ts";
import { jobKey } from "../loop/job-key.ts";
import { isStaleAttempt } from "../loop/stale-attempt.ts";
import type { FailureReason, Metrics, Outcome, Report } from "../trial/trial.ts";
import type { SimulatedHost } from "./simulated-host.ts";

/** What a simulated training does, one after the other; it leaves when it is told to, unless it is deaf. */
export interface SimulatedTraining {
  /** Each report and how long it takes to come. */
  readonly reports: readonly { readonly afterMs: number; readonly batch: readonly Report[] }[];
  readonly lastMs: number;
  readonly end:
    | { readonly kind: "complete"; readonly metrics: Metrics }
    | { readonly kind: "failed"; readonly reason: FailureReason; readonly message: string };
  /** How long it takes to leave when it is told to; null if it never hears. */
  readonly graceMs: number | null;
}

export interface SimulatedEngine extends Engine {
  readonly runningCount: number;
}

/** Runs trainings that only pass simulated time. */
export function createSimulatedEngine(host: SimulatedHost, trainingOf: (job: Job) => SimulatedTraining): SimulatedEngine {
  const running = new Map<string, Abort>();

  async function train(training: SimulatedTraining, listener: JobListener, told: Abort): Promise<Outcome> {
    const hears = training.graceMs !== null;
    const signal = hears ? told.signal : createAbort().signal;
    for (const { afterMs, batch } of training.reports) {
      await host.sleep(afterMs, signal);
      if (signal.aborted) break;
      const decision = await listener.onReport(batch).catch((error: unknown) => {
        if (!isStaleAttempt(error)) throw error;
        return { kind: "stop" as const };
      });
      if (decision.kind !== "continue" && hears) told.abort("decision");
    }
    if (!signal.aborted) await host.sleep(training.lastMs, signal);
    if (!signal.aborted) return training.end;
    await host.sleep(training.graceMs ?? 0);
    return { kind: "failed", reason: "signal", message: "SIGTERM" };
  }

  return {
    get runningCount() {
      return running.size;
    },
    start(job: Job, listener: JobListener) {
      const told = createAbort();
      const key = jobKey(job.ref);
      if (running.has(key)) throw new Error(`attempt ${key} was started twice`);
      running.set(key, told);
      void train(trainingOf(job), listener, told)
        .catch((error: unknown): Outcome => ({ kind: "failed", reason: "infra", message: String(error) }))
        .then((outcome) => {
          running.delete(key);
          return listener.onEnd(outcome);
        });
    },
    stop(ref, reason: StopReason) {
      running.get(jobKey(ref))?.abort(reason);
    },
    hurry() {},
    async close() {
      for (const told of running.values()) told.abort("released");
      while (running.size > 0) await host.sleep(1);
    },
  };
}
