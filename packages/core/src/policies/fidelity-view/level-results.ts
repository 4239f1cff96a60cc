import { BracketLedger } from "../../schedulers/bracket-ledger.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity } from "../../trial/problem.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/** What decides which level of a history is looked at. */
export interface LevelRule {
  readonly fidelity: Fidelity;
  /** Fidelities at which trials are compared, ascending; the last is the greatest. Places in it are called `at`. */
  readonly levels: readonly number[];
  /** How many results make a level worth learning from. */
  readonly leastCount: number;
  /** Whether there are outcome constraints. */
  readonly constrained: boolean;
}

/**
 * The results of a history's trials at each level, and which level has enough of them; kept up to date from call to call. What it answers
 * depends on the history alone, not on what it saw before.
 *
 * Cost: O(c + log n) per changed trial with c reports.
 */
export class LevelResults {
  readonly #rule: LevelRule;
  readonly #history: History;
  readonly #ledger: BracketLedger;
  #cursor = -1;
  /** By row: the levels at which it has a result. */
  #levelsOf: (readonly number[])[] = [];
  readonly #counts: Int32Array;

  constructor(rule: LevelRule, history: History) {
    const { levels } = rule;
    this.#rule = rule;
    this.#history = history;
    this.#ledger = new BracketLedger(
      () => ({ levels, size: Infinity }),
      () => 0,
    );
    this.#counts = new Int32Array(levels.length);
  }

  /** @returns The rows that have changed since the last call; null if anything may have. */
  update(): Int32Array | null {
    this.#ledger.read(this.#rule.fidelity, this.#history);
    const changes = this.#history.changesSince(this.#cursor);
    if (changes === null) {
      this.#counts.fill(0);
      this.#levelsOf = [];
    }
    for (const row of changes?.rows ?? this.#history.rows) this.#count(row);
    this.#cursor = changes?.cursor ?? this.#history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? -1;
    return changes?.rows ?? null;
  }

  /** How many trials have a result at a level. */
  countAt(at: number): number {
    return this.#counts[at];
  }

  /** The greatest level with enough results; without one, that with the most, of equal ones the greatest. */
  chooseLevel(): number {
    const enough = this.#counts.findLastIndex((count) => count >= this.#rule.leastCount);
    return enough >= 0 ? enough : this.#counts.lastIndexOf(Math.max(...this.#counts));
  }

  /** Loss of a trial at a level below the greatest, perhaps NaN; null if it has none there but what it is in the history. */
  lossAt(row: number, at: number): number | null {
    const state = this.#history.states[row];
    if (at === this.#rule.levels.length - 1) return null;
    if (state === trialStateCodes.failed || state === trialStateCodes.cancelled) return null;
    if (this.#rule.constrained && Number.isNaN(this.#history.violations[row])) return null;
    return this.#ledger.standing(row)?.results[at]?.loss ?? null;
  }

  #count(row: number): void {
    for (const at of this.#levelsOf[row] ?? []) this.#counts[at]--;
    const found: number[] = [];
    for (let at = 0; at < this.#counts.length; at++) if (this.#hasResult(row, at)) found.push(at);
    for (const at of found) this.#counts[at]++;
    this.#levelsOf[row] = found;
  }

  #hasResult(row: number, at: number): boolean {
    const loss = this.lossAt(row, at);
    if (loss !== null) return !Number.isNaN(loss);
    return this.#history.states[row] === trialStateCodes.complete && !Number.isNaN(this.#history.losses[row]);
  }
}
