import { type Abort, createAbort } from "../host.ts";
import type { AttemptRef } from "../trial/trial.ts";
import type { Engine, Job, JobListener } from "./engine.ts";
import { type Objective, runObjective } from "./objective-trial.ts";

/**
 * Runs objectives as functions in this thread. A function cannot be ended from outside: `stop` raises its signal and waits for
 * it to return.
 */
export function createInlineEngine(objective: Objective, objectiveNames: readonly string[]): Engine {
  const running = new Map<string, Abort>();
  const ends = new Set<Promise<void>>();

  async function run(job: Job, listener: JobListener, abort: Abort): Promise<void> {
    const outcome = await runObjective(objective, job, {
      objectiveNames,
      signal: abort.signal,
      report: (report) => listener.onReport([report]),
    });
    running.delete(jobKey(job.ref));
    await listener.onEnd(outcome);
  }

  return {
    start(job, listener) {
      const abort = createAbort();
      running.set(jobKey(job.ref), abort);
      const end = run(job, listener, abort).finally(() => ends.delete(end));
      ends.add(end);
    },
    stop(ref, reason) {
      running.get(jobKey(ref))?.abort(reason);
    },
    hurry() {},
    async close() {
      for (const abort of running.values()) abort.abort("released");
      await Promise.all(ends);
    },
  };
}

/** Names a running attempt within one engine. */
export function jobKey({ trial, replicate, attempt }: AttemptRef): string {
  return `${trial}.${replicate}.${attempt}`;
}
