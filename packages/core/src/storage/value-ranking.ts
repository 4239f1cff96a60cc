import type { Trial } from "../trial/trial.ts";

/**
 * The complete trials with a finite value of one objective, best first, ties by number. Values never change, so a trial is put in
 * its place once.
 */
export class ValueRanking {
  readonly #objective: number;
  readonly #sign: 1 | -1;
  readonly #entries: { readonly loss: number; readonly number: number }[] = [];

  constructor(objective: number, goal: "minimize" | "maximize") {
    this.#objective = objective;
    this.#sign = goal === "minimize" ? 1 : -1;
  }

  add(trial: Trial): void {
    const value = trial.state === "complete" ? trial.values?.[this.#objective] : undefined;
    if (value === undefined || !Number.isFinite(value)) return;
    const entry = { loss: this.#sign * value, number: trial.number };
    this.#entries.splice(this.#placeOf(entry.loss, entry.number), 0, entry);
  }

  /** Numbers of the best trials. */
  best(limit: number): readonly number[] {
    return this.#entries.slice(0, limit).map((entry) => entry.number);
  }

  #placeOf(loss: number, number: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#entries[middle];
      if (at.loss < loss || (at.loss === loss && at.number < number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
