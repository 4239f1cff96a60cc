import type { Trial } from "../trial/trial.ts";
import { failureKind } from "./failure-kind.ts";

const alikeLimit = 5;

/** Notices when a study cannot work: its first five trials failed, all in the same way (R14). Cancelled trials do not count. */
export class Breaker {
  #kind: string | null = null;
  #alikeCount = 0;
  #isArmed: boolean;

  /** @param finished  What had finished before, in any order. */
  constructor(finished: readonly Trial[]) {
    this.#isArmed = true;
    for (const trial of finished) this.afterEnd(trial);
  }

  /** How many of the first trials tell whether it is still to be watched for. */
  static readonly lookBackCount = alikeLimit;

  /** @returns One line for people when the study should pause, else null. */
  afterEnd(trial: Trial): string | null {
    if (!this.#isArmed || trial.state === "cancelled") return null;
    const message = `${trial.reason}: ${trial.message}`;
    const kind = failureKind(message);
    if (trial.state !== "failed" || (this.#kind ?? kind) !== kind) {
      this.#isArmed = false;
      return null;
    }
    this.#kind = kind;
    this.#alikeCount++;
    if (this.#alikeCount < alikeLimit) return null;
    this.#isArmed = false;
    return trial.message ?? message;
  }
}
