import { type Abort, createAbort, type ObjectiveThread } from "../host.ts";
import type { Outcome } from "../trial/trial.ts";
import type { Job, JobListener, StopReason } from "./engine.ts";
import { failureMessage } from "./failure-message.ts";
import type { ObjectiveSurroundings } from "./objective-surroundings.ts";
import type { DecisionWord } from "./objective-trial.ts";
import { createStateSaver, type SavedState } from "./saved-state.ts";
import { isStaleAttempt } from "./stale-attempt.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";

/** After `stop` an objective has this long to return, then its thread is ended. */
export const threadGraceMs = 5_000;

interface Work {
  readonly listener: JobListener;
  readonly saveState: (saved: SavedState) => Promise<void>;
  readonly onFree: () => void;
  /** Raised when it is over. */
  readonly over: Abort;
  isStopping: boolean;
}

/** One thread and the job it works on. */
export class ThreadSeat {
  readonly #surroundings: ObjectiveSurroundings;
  readonly #thread: ObjectiveThread | null;
  readonly #ends = new Set<Promise<void>>();
  // Said before the module listens; null once it does. A module may load things first, and a runtime drops what nobody hears.
  #unheard: ToThread[] | null = [];
  #work: Work | null = null;
  /** Why the thread is no more. */
  #death: Outcome | null = null;

  constructor(startThread: () => ObjectiveThread, surroundings: ObjectiveSurroundings) {
    this.#surroundings = surroundings;
    this.#thread = this.#open(startThread);
  }

  get isFree(): boolean {
    return this.#work === null;
  }

  get isDead(): boolean {
    return this.#death !== null;
  }

  /** @param onFree  Called when the job is over, before its listener hears of it. */
  start(job: Job, listener: JobListener, onFree: () => void): void {
    this.#work = { listener, saveState: createStateSaver(listener), onFree, over: createAbort(), isStopping: false };
    const { host: _, ...told } = this.#surroundings;
    if (this.#death !== null) this.#end(this.#death);
    else this.#post({ kind: "start", job, ...told });
  }

  stop(reason: StopReason): void {
    const work = this.#work;
    if (work === null || work.isStopping) return;
    work.isStopping = true;
    this.#post({ kind: "stop", reason });
    const grace = this.#surroundings.host.sleep(threadGraceMs, work.over.signal);
    void grace.then(() => {
      if (this.#work === work) this.hurry();
    });
  }

  /** Ends the thread if its job was told to stop. */
  hurry(): void {
    if (this.#work?.isStopping) void this.#thread?.close();
  }

  async close(): Promise<void> {
    await this.#thread?.close();
    await Promise.all(this.#ends);
  }

  #open(startThread: () => ObjectiveThread): ObjectiveThread | null {
    try {
      const thread = startThread();
      thread.onMessage((message) => this.#hear(message as FromThread | null));
      thread.onExit((message) => this.#die(message));
      return thread;
    } catch (error) {
      this.#die(failureMessage(error));
      return null;
    }
  }

  // An objective module may post messages of its own: they are not for us.
  #hear(message: FromThread | null): void {
    if (message?.kind === "ready") this.#tellUnheard();
    if (message?.kind === "end") this.#end(message.outcome);
    if (message?.kind === "report")
      void this.#answer(message.id, async ({ listener }) => (await listener.onReport([message.report])).kind);
    if (message?.kind === "values")
      void this.#answer(message.id, async ({ listener }) => {
        await listener.onValues(message.values);
        return "continue";
      });
    if (message?.kind === "save")
      void this.#answer(message.id, async ({ saveState }) => {
        await saveState(message.saved);
        return "continue";
      });
  }

  async #answer(id: number, record: (work: Work) => Promise<DecisionWord>): Promise<void> {
    if (this.#work === null) return;
    try {
      const word = await record(this.#work);
      this.#post({ kind: "answer", id, word });
    } catch (error) {
      if (isStaleAttempt(error)) {
        this.stop("stale");
        this.#post({ kind: "answer", id, word: "stop" });
      } else this.#post({ kind: "refusal", id, message: failureMessage(error) });
    }
  }

  #die(message: string): void {
    this.#death = { kind: "failed", reason: "error", message };
    this.#end(this.#death);
  }

  #end(outcome: Outcome): void {
    const work = this.#work;
    if (work === null) return;
    this.#work = null;
    work.over.abort("over");
    work.onFree();
    const ended = work.listener.onEnd(outcome).finally(() => this.#ends.delete(ended));
    this.#ends.add(ended);
  }

  #post(message: ToThread): void {
    if (this.#unheard === null) this.#thread?.post(message);
    else this.#unheard.push(message);
  }

  #tellUnheard(): void {
    const unheard = this.#unheard ?? [];
    this.#unheard = null;
    for (const message of unheard) this.#post(message);
  }
}
