import type { History } from "../trial/history.ts";
import type { Trial } from "../trial/trial.ts";

const alikeLimit = 5;

/** Notices when a study cannot work: its first five trials failed, all in the same way (R14). */
export class Breaker {
  readonly #history: History;
  #message: string | null = null;
  #alikeCount = 0;
  #armed: boolean;

  constructor(history: History) {
    this.#history = history;
    this.#armed = history.finishedCount === 0;
  }

  /** @returns One line for people when the study should pause, else null. */
  afterEnd(trial: Trial): string | null {
    if (!this.#armed || trial.state === "cancelled") return null;
    const message = `${trial.reason}: ${trial.message}`;
    if (trial.state !== "failed" || this.#history.completeCount > 0 || (this.#message ?? message) !== message) {
      this.#armed = false;
      return null;
    }
    this.#message = message;
    this.#alikeCount++;
    if (this.#alikeCount < alikeLimit) return null;
    this.#armed = false;
    return trial.message ?? message;
  }
}
