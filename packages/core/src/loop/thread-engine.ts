import type { ObjectiveThread } from "../host.ts";
import type { Engine, Job, JobListener, StopReason } from "./engine.ts";
import { jobKey } from "./job-key.ts";
import type { ObjectiveSurroundings } from "./objective-surroundings.ts";
import { ThreadSeat } from "./thread-seat.ts";

/** Runs an objective module in threads, one trial per thread at a time; a thread that dies fails its trial and is replaced. */
export function createThreadEngine(startThread: () => ObjectiveThread, surroundings: ObjectiveSurroundings): Engine {
  return new ThreadEngine(startThread, surroundings);
}

class ThreadEngine implements Engine {
  readonly #startThread: () => ObjectiveThread;
  readonly #surroundings: ObjectiveSurroundings;
  readonly #seats = new Set<ThreadSeat>();
  readonly #busy = new Map<string, ThreadSeat>();

  constructor(startThread: () => ObjectiveThread, surroundings: ObjectiveSurroundings) {
    this.#startThread = startThread;
    this.#surroundings = surroundings;
  }

  start(job: Job, listener: JobListener): void {
    const seat = this.#freeSeat();
    const key = jobKey(job.ref);
    this.#busy.set(key, seat);
    seat.start(job, listener, () => this.#busy.delete(key));
  }

  stop(ref: Job["ref"], reason: StopReason): void {
    this.#busy.get(jobKey(ref))?.stop(reason);
  }

  hurry(): void {
    for (const seat of this.#busy.values()) seat.hurry();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#seats].map((seat) => seat.close()));
  }

  #freeSeat(): ThreadSeat {
    for (const seat of this.#seats) {
      if (seat.isDead) this.#seats.delete(seat);
      else if (seat.isFree) return seat;
    }
    const seat = new ThreadSeat(this.#startThread, this.#surroundings);
    this.#seats.add(seat);
    return seat;
  }
}
