import type { JsonObject } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/** What a suggestion leaves in the history. */
export interface GenerationNote {
  /** 0 = initial design. */
  readonly generation: number;
  /** Trial numbers of its own parents: none, one (only mutated) or two. */
  readonly parents: readonly number[];
  /** Of the suggestion that opens a generation ≥ 1: trial numbers of the population that all its children come from. */
  readonly population?: readonly number[];
  /** With `population`: the event of the newest end that it was chosen among. */
  readonly through?: number;
}

/** The newest generation that notes in view tell of. */
export interface Standing {
  /** −1 before the first. */
  readonly generation: number;
  /** Its complete, stopped and failed trials. */
  readonly endedCount: number;
  /** Row of the trial that opened it, the highest number if several had to; −1 if there is none in view. */
  readonly openingRow: number;
}

export function noteJson(sampler: string, { generation, parents, population, through }: GenerationNote): JsonObject {
  const own = { sampler, generation, parents };
  return population === undefined || through === undefined ? own : { ...own, population, through };
}

/** Null for a note of another sampler. */
export function readNote(note: JsonObject | null, sampler: string): GenerationNote | null {
  if (note === null || note.sampler !== sampler) return null;
  const { generation, parents, population, through } = note;
  if (!Number.isSafeInteger(generation) || (generation as number) < 0 || !isNumbers(parents)) return null;
  const own = { generation: generation as number, parents };
  return isNumbers(population) && typeof through === "number" ? { ...own, population, through } : own;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((member) => typeof member === "number");
}

/** Whether the trial has ended in a way that says something about its config. */
export function hasEnded({ states }: History, row: number): boolean {
  const state = states[row];
  return state === trialStateCodes.complete || state === trialStateCodes.stopped || state === trialStateCodes.failed;
}

const NO_GENERATION = -1;

/**
 * Where the generations of one sampler stand, from the notes of a history, kept up to date from call to call. What it answers depends
 * on the history alone, not on what it saw before.
 *
 * Cost: O(1) per changed row; O(n) for a history it does not know.
 */
export class Generations {
  readonly #sampler: string;
  #history: History | null = null;
  #cursor = 0;
  #epoch = 0;
  // By row: the note, its generation, and whether the trial has ended.
  #notes: (JsonObject | null)[] = [];
  #generations: number[] = [];
  #ended: boolean[] = [];
  #endedCounts = new Map<number, number>();
  #openingRows = new Map<number, number>();
  #newest = NO_GENERATION;
  #endedCount = 0;

  constructor(sampler: string) {
    this.#sampler = sampler;
  }

  /** Another number whenever rows may mean other trials than before. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Complete, stopped and failed trials in view, whoever made them. */
  get endedCount(): number {
    return this.#endedCount;
  }

  get standing(): Standing {
    return {
      generation: this.#newest,
      endedCount: this.#endedCounts.get(this.#newest) ?? 0,
      openingRow: this.#openingRows.get(this.#newest) ?? -1,
    };
  }

  update(history: History): void {
    const changes = this.#history === history ? history.changesSince(this.#cursor) : null;
    if (changes !== null) {
      this.#cursor = changes.cursor;
      if (this.#takeAll(history, changes.rows)) return;
    }
    this.#reset(history);
    this.#takeAll(history, history.rows);
  }

  #reset(history: History): void {
    this.#history = history;
    // Nothing has changed since the end of time: this only asks for the present cursor.
    this.#cursor = history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? 0;
    this.#epoch++;
    this.#notes = [];
    this.#generations = [];
    this.#ended = [];
    this.#endedCounts.clear();
    this.#openingRows.clear();
    this.#newest = NO_GENERATION;
    this.#endedCount = 0;
  }

  /** @returns False if something known has changed, so that all must be read anew. */
  #takeAll(history: History, rows: Int32Array): boolean {
    for (let i = 0; i < rows.length; i++) if (!this.#take(history, rows[i])) return false;
    return true;
  }

  #take(history: History, row: number): boolean {
    if (history.rowOf(history.numbers[row]) !== row || !this.#takeNote(history, row)) return false;
    if (this.#ended[row] === true || !hasEnded(history, row)) return true;
    const generation = this.#generations[row];
    this.#ended[row] = true;
    this.#endedCount++;
    this.#endedCounts.set(generation, (this.#endedCounts.get(generation) ?? 0) + 1);
    return true;
  }

  #takeNote(history: History, row: number): boolean {
    const note = history.note(row);
    if (this.#notes[row] === note) return true;
    const read = readNote(note, this.#sampler);
    const generation = read?.generation ?? NO_GENERATION;
    const before = this.#generations[row] ?? NO_GENERATION;
    if (generation !== before && (before !== NO_GENERATION || this.#ended[row] === true)) return false;
    this.#notes[row] = note;
    this.#generations[row] = generation;
    if (read !== null) this.#open(history, row, read);
    return true;
  }

  #open(history: History, row: number, { generation, population }: GenerationNote): void {
    this.#newest = Math.max(this.#newest, generation);
    if (population === undefined) return;
    const known = this.#openingRows.get(generation);
    if (known === undefined || history.numbers[row] > history.numbers[known]) this.#openingRows.set(generation, row);
  }
}
