import { type Abort, createAbort, type Host } from "../host.ts";

interface Timer {
  readonly untilMs: number;
  readonly abort: Abort;
}

/**
 * What a loop waits at: until somebody rings, or some time has passed. One who waits at a time; a ring that nobody waits for ends the next
 * wait at once.
 *
 * A timer that a ring has made idle is kept for the next wait, because setting one costs more than a short round of the loop: a wait may
 * therefore end too early, but never more often than timers are set. To be closed.
 */
export class Bell {
  readonly #host: Pick<Host, "monotonicMs" | "sleep">;
  #isRung = false;
  #wake: (() => void) | null = null;
  #timer: Timer | null = null;

  constructor(host: Pick<Host, "monotonicMs" | "sleep">) {
    this.#host = host;
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Forgets that it was rung. */
  silence(): void {
    this.#isRung = false;
  }

  async wait(longestMs: number): Promise<void> {
    if (this.#isRung) return;
    this.#setTimer(longestMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  close(): void {
    this.#timer?.abort.abort("closed");
    this.#timer = null;
  }

  #setTimer(longestMs: number): void {
    const untilMs = this.#host.monotonicMs() + longestMs;
    if (this.#timer !== null && this.#timer.untilMs <= untilMs) return;
    this.close();
    const timer = { untilMs, abort: createAbort() };
    this.#timer = timer;
    void this.#host.sleep(longestMs, timer.abort.signal).then(() => {
      if (this.#timer !== timer) return;
      this.#timer = null;
      this.ring();
    });
  }
}
