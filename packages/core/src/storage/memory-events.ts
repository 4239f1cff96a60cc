import { growFloat64, growInt32, growUint8 } from "../trial/columns.ts";
import { type StudyEvent, studyEventKinds } from "./storage.ts";

/** The events of one study in memory. In columns, because every trial leaves at least four. */
export class MemoryEvents {
  #count = 0;
  #kinds = new Uint8Array(64);
  // −1 is null.
  #trials = new Int32Array(64);
  #replicates = new Int32Array(64);
  #attempts = new Int32Array(64);
  // NaN is null; a step may be up to 2^53 − 1.
  #refs = new Float64Array(64);

  get count(): number {
    return this.#count;
  }

  /** @returns The event's seq. */
  add({ kind, trial, replicate, attempt, ref }: Omit<StudyEvent, "seq">): number {
    const at = this.#count++;
    if (at === this.#kinds.length) this.#grow(2 * at);
    this.#kinds[at] = studyEventKinds.indexOf(kind);
    this.#trials[at] = trial ?? -1;
    this.#replicates[at] = replicate ?? -1;
    this.#attempts[at] = attempt ?? -1;
    this.#refs[at] = ref ?? Number.NaN;
    return at + 1;
  }

  /** Events after `afterSeq`, ascending, at most `limit`. */
  after(afterSeq: number, limit: number): readonly StudyEvent[] {
    const events: StudyEvent[] = [];
    const end = Math.min(this.#count, afterSeq + limit);
    for (let at = afterSeq; at < end; at++) {
      const ref = this.#refs[at];
      events.push({
        seq: at + 1,
        kind: studyEventKinds[this.#kinds[at]],
        trial: numberOrNull(this.#trials[at]),
        replicate: numberOrNull(this.#replicates[at]),
        attempt: numberOrNull(this.#attempts[at]),
        ref: Number.isNaN(ref) ? null : ref,
      });
    }
    return events;
  }

  #grow(length: number): void {
    this.#kinds = growUint8(this.#kinds, length);
    this.#trials = growInt32(this.#trials, length);
    this.#replicates = growInt32(this.#replicates, length);
    this.#attempts = growInt32(this.#attempts, length);
    this.#refs = growFloat64(this.#refs, length);
  }
}

function numberOrNull(value: number): number | null {
  return value < 0 ? null : value;
}
