import type { JsonObject } from "../../json.ts";
import type { Config } from "../../parameters/parameter.ts";
import { ChangeLog } from "../../trial/change-log.ts";
import { growFloat64, growUint8 } from "../../trial/columns.ts";
import type { Curve, History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { LevelResults, type LevelRule } from "./level-results.ts";

const { complete, failed } = trialStateCodes;

/**
 * A history with one objective, shown as if its trials had been trained to one of the levels only, b. Those that came there are complete
 * with their loss at b, as schedulers compare it: the first at or beyond it. All others are as they are: stopped, paused or pending
 * below b, failed, cancelled.
 *
 * b is the greatest level with at least `leastCount` results; while there is none, the one with the most results, of equal ones the
 * greatest. At the greatest level, and before any result, everything is as it is.
 *
 * A trial that ended without reports has its final loss at every level. A NaN at b shows as a failure. With outcome constraints a trial
 * shows as complete only once its violation is known, that is when it has ended. Of one that has come to b and not ended, `finishSeqs`
 * says 0, before all ends: when it came there is not on record. Configs, points, notes, curves, targets and brackets are as they are.
 *
 * What it shows follows from the history alone: a fresh view is equal to one that saw the history grow.
 *
 * Cost: O(c + log n) per changed trial with c reports; O(n) when b changes.
 * Source: S. Falkner, A. Klein, F. Hutter (2018), "BOHB", Sec. 3.2 (the largest budget with enough results),
 * https://arxiv.org/abs/1807.01774
 * Departs: trials that ended below b are shown, as stopped ones; the paper's model leaves them out.
 */
export class FidelityView implements History {
  states = new Uint8Array(64);
  losses = new Float64Array(64);
  fidelities = new Float64Array(64);
  finishSeqs = new Float64Array(64);
  readonly #rule: LevelRule;
  readonly #history: History;
  readonly #results: LevelResults;
  readonly #changes = new ChangeLog();
  /** By row: by how much it changes the counts below, −1, 0 or 1. */
  #completeMoreOf: number[] = [];
  #finishedMoreOf: number[] = [];
  #completeMore = 0;
  #finishedMore = 0;
  #at: number;

  /** Shows nothing before the first `update`. */
  constructor(rule: LevelRule, history: History) {
    this.#rule = rule;
    this.#history = history;
    this.#results = new LevelResults(rule, history);
    this.#at = rule.levels.length - 1;
  }

  /** Takes in what has changed in the history. @returns This. */
  update(): this {
    const changed = this.#results.update();
    const at = this.#results.chooseLevel();
    const isAnew = changed === null || at !== this.#at;
    this.#at = at;
    if (isAnew) this.#forget();
    this.#grow();
    for (const row of isAnew ? this.#history.rows : changed) this.#show(row);
    return this;
  }

  /** b, in the fidelity's unit. */
  get level(): number {
    return this.#rule.levels[this.#at];
  }

  /** Whether enough trials have a result at b. */
  get isWorthLearning(): boolean {
    return this.#results.countAt(this.#at) >= this.#rule.leastCount;
  }

  #forget(): void {
    this.#changes.restart();
    this.#completeMoreOf = [];
    this.#finishedMoreOf = [];
    this.#completeMore = 0;
    this.#finishedMore = 0;
  }

  #grow(): void {
    const { length } = this.#history.states;
    if (this.states.length >= length) return;
    this.states = growUint8(this.states, length);
    this.losses = growFloat64(this.losses, length);
    this.fidelities = growFloat64(this.fidelities, length);
    this.finishSeqs = growFloat64(this.finishSeqs, length);
  }

  #show(row: number): void {
    const { states, losses, fidelities, finishSeqs } = this.#history;
    const loss = this.#results.lossAt(row, this.#at);
    const isHere = loss !== null;
    this.states[row] = !isHere ? states[row] : Number.isNaN(loss) ? failed : complete;
    this.losses[row] = isHere ? loss : losses[row];
    this.fidelities[row] = isHere ? this.level : fidelities[row];
    this.finishSeqs[row] = isHere && Number.isNaN(finishSeqs[row]) ? 0 : finishSeqs[row];
    this.#tally(row);
    this.#changes.note(row);
  }

  #tally(row: number): void {
    const [shown, real] = [this.states[row], this.#history.states[row]];
    const completeMore = Number(shown === complete) - Number(real === complete);
    // Codes from that of complete on are ends.
    const finishedMore = Number(shown >= complete) - Number(real >= complete);
    this.#completeMore += completeMore - (this.#completeMoreOf[row] ?? 0);
    this.#finishedMore += finishedMore - (this.#finishedMoreOf[row] ?? 0);
    this.#completeMoreOf[row] = completeMore;
    this.#finishedMoreOf[row] = finishedMore;
  }

  get finishedCount(): number {
    return this.#history.finishedCount + this.#finishedMore;
  }

  get completeCount(): number {
    return this.#history.completeCount + this.#completeMore;
  }

  changesSince(cursor: number): { readonly cursor: number; readonly rows: Int32Array } | null {
    return this.#changes.since(cursor);
  }

  get seq(): number {
    return this.#history.seq;
  }

  get dimensionCount(): number {
    return this.#history.dimensionCount;
  }

  get objectiveCount(): number {
    return this.#history.objectiveCount;
  }

  get trialCount(): number {
    return this.#history.trialCount;
  }

  get rows(): Int32Array {
    return this.#history.rows;
  }

  get numbers(): Int32Array {
    return this.#history.numbers;
  }

  get points(): Float64Array {
    return this.#history.points;
  }

  get violations(): Float64Array {
    return this.#history.violations;
  }

  get targets(): Float64Array {
    return this.#history.targets;
  }

  get durationsMs(): Float64Array {
    return this.#history.durationsMs;
  }

  rowOf(trialNumber: number): number {
    return this.#history.rowOf(trialNumber);
  }

  config(row: number): Config {
    return this.#history.config(row);
  }

  note(row: number): JsonObject | null {
    return this.#history.note(row);
  }

  bracket(row: number): number {
    return this.#history.bracket(row);
  }

  curve(row: number): Curve {
    return this.#history.curve(row);
  }

  parent(row: number): number {
    return this.#history.parent(row);
  }

  startFidelity(row: number): number {
    return this.#history.startFidelity(row);
  }

  hasCheckpoint(row: number): boolean {
    return this.#history.hasCheckpoint(row);
  }

  pausedByPerson(row: number): boolean {
    return this.#history.pausedByPerson(row);
  }

  hasConfig(key: string): boolean {
    return this.#history.hasConfig(key);
  }
}
