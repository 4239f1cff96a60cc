import { createBreather } from "./breather.ts";
import type { Engine, Job, JobListener } from "./engine.ts";
import { jobKey } from "./job-key.ts";
import { LazyAbort } from "./lazy-abort.ts";
import type { ObjectiveSurroundings } from "./objective-surroundings.ts";
import { type Objective, runObjective } from "./objective-trial.ts";
import { createStateSaver } from "./saved-state.ts";
import { isStaleAttempt } from "./stale-attempt.ts";

/**
 * Runs objectives as functions in this thread. A function cannot be ended from outside: `stop` raises its signal and waits for
 * it to return.
 */
export function createInlineEngine(objective: Objective, { host, ...told }: ObjectiveSurroundings): Engine {
  const running = new Map<string, LazyAbort>();
  const ends = new Set<Promise<void>>();
  const breathe = createBreather(host);

  async function run(job: Job, listener: JobListener, abort: LazyAbort): Promise<void> {
    await breathe();
    const outcome = await runObjective(objective, job, {
      ...told,
      abort,
      monotonicMs: () => host.monotonicMs(),
      recordValues: (values) => listener.onValues(values),
      saveState: createStateSaver(listener),
      async report(report) {
        try {
          await breathe();
          return (await listener.onReport([report])).kind;
        } catch (error) {
          if (!isStaleAttempt(error)) throw error;
          abort.abort("stale");
          return "stop";
        }
      },
    });
    running.delete(jobKey(job.ref));
    await listener.onEnd(outcome);
  }

  return {
    start(job, listener) {
      const abort = new LazyAbort();
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
