import type { JsonObject } from "../../json.ts";
import type { Config } from "../../parameters/parameter.ts";
import type { Curve, History } from "../../trial/history.ts";

/** What a trial that `auto` suggested carries: whose suggestion it is, that sampler's own note, and who failed before it. */
export interface AutoNote extends JsonObject {
  readonly engine: string;
  readonly note: JsonObject | null;
  /** Names of the samplers that were asked before and threw. */
  readonly failed: readonly string[];
}

/** @returns Null for a trial that `auto` did not suggest. */
export function autoNote(note: JsonObject | null): AutoNote | null {
  return note !== null && typeof note.engine === "string" && Array.isArray(note.failed) ? (note as AutoNote) : null;
}

/**
 * A history in which only the trials of one engine have a note, and it is that engine's own: to each engine the trials of the others
 * look as if a person had enqueued them.
 */
export class OwnNotes implements History {
  readonly #history: History;
  readonly #engine: string;

  constructor(history: History, engine: string) {
    this.#history = history;
    this.#engine = engine;
  }

  note(row: number): JsonObject | null {
    const note = autoNote(this.#history.note(row));
    return note?.engine === this.#engine ? note.note : null;
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

  get finishedCount(): number {
    return this.#history.finishedCount;
  }

  get completeCount(): number {
    return this.#history.completeCount;
  }

  get rows(): Int32Array {
    return this.#history.rows;
  }

  get numbers(): Int32Array {
    return this.#history.numbers;
  }

  get states(): Uint8Array {
    return this.#history.states;
  }

  get points(): Float64Array {
    return this.#history.points;
  }

  get losses(): Float64Array {
    return this.#history.losses;
  }

  get violations(): Float64Array {
    return this.#history.violations;
  }

  get fidelities(): Float64Array {
    return this.#history.fidelities;
  }

  get targets(): Float64Array {
    return this.#history.targets;
  }

  get finishSeqs(): Float64Array {
    return this.#history.finishSeqs;
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

  changesSince(cursor: number): { readonly cursor: number; readonly rows: Int32Array } | null {
    return this.#history.changesSince(cursor);
  }
}
