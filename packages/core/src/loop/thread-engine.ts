import type { ObjectiveThread } from "../host.ts";
import type { Decision, Outcome, Report } from "../trial/trial.ts";
import type { Engine, Job, JobListener, StopReason } from "./engine.ts";
import { jobKey } from "./inline-engine.ts";

export type ToThread =
  | { readonly kind: "start"; readonly job: Job; readonly objectiveNames: readonly string[] }
  | { readonly kind: "decision"; readonly decision: Decision }
  | { readonly kind: "stop"; readonly reason: StopReason };

export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "end"; readonly outcome: Outcome };

interface Seat {
  readonly thread: ObjectiveThread;
  job: Job | null;
  listener: JobListener | null;
}

/** Runs an objective module in threads, one trial per thread at a time; a thread that dies fails its trial and is replaced. */
export function createThreadEngine(startThread: () => ObjectiveThread, objectiveNames: readonly string[]): Engine {
  const idle: Seat[] = [];
  const busy = new Map<string, Seat>();
  const ends = new Set<Promise<void>>();

  function open(): Seat {
    const seat: Seat = { thread: startThread(), job: null, listener: null };
    seat.thread.onMessage((message) => hear(seat, message as FromThread));
    seat.thread.onExit((message) => {
      const at = idle.indexOf(seat);
      if (at >= 0) idle.splice(at, 1);
      end(seat, { kind: "failed", reason: "error", message });
    });
    return seat;
  }

  function hear(seat: Seat, message: FromThread): void {
    if (message.kind === "report" && seat.listener !== null) {
      const answered = seat.listener.onReport([message.report]);
      void answered.then(
        (decision) => seat.thread.post({ kind: "decision", decision } satisfies ToThread),
        () => seat.thread.post({ kind: "stop", reason: "stale" } satisfies ToThread),
      );
    }
    if (message.kind === "end") {
      const { job } = seat;
      end(seat, message.outcome);
      if (job !== null) idle.push(seat);
    }
  }

  function end(seat: Seat, outcome: Outcome): void {
    const { job, listener } = seat;
    if (job === null || listener === null) return;
    seat.job = null;
    seat.listener = null;
    busy.delete(jobKey(job.ref));
    const ended = listener.onEnd(outcome).finally(() => ends.delete(ended));
    ends.add(ended);
  }

  return {
    start(job, listener) {
      const seat = idle.pop() ?? open();
      seat.job = job;
      seat.listener = listener;
      busy.set(jobKey(job.ref), seat);
      seat.thread.post({ kind: "start", job, objectiveNames } satisfies ToThread);
    },
    stop(ref, reason) {
      busy.get(jobKey(ref))?.thread.post({ kind: "stop", reason } satisfies ToThread);
    },
    hurry() {
      for (const seat of [...busy.values()]) void seat.thread.close();
    },
    async close() {
      await Promise.all([...idle, ...busy.values()].map(({ thread }) => thread.close()));
      await Promise.all(ends);
    },
  };
}
