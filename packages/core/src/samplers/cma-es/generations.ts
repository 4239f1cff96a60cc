import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import { type MemberNote, readMemberNote } from "./member-note.ts";
import { isJudged } from "./population.ts";

/** The trials of one generation. */
export interface Generation {
  /** In no particular order. */
  readonly rows: number[];
  /** Parts of the packed evolution by index, each of the first trial that has it. */
  readonly parts: { readonly trial: number; readonly text: string; readonly check: number }[];
  /** The first trial's. */
  trial: number;
  since: number;
  run: number;
}

/**
 * Which generation each visible trial belongs to, and on finite spaces which trial first tried a config; kept up to date from call to
 * call. What it answers depends on the history alone, not on what it saw before.
 */
export class Generations {
  latest = -1;
  #history: History | null = null;
  #strain = 0;
  #cursor = 0;
  #generations = new Map<number, Generation>();
  #members = new Set<number>();
  #judgedByKey = new Map<string, number>();

  update(space: Space, history: History, strain: number): void {
    const known = this.#history === history && this.#strain === strain;
    const changes = known ? history.changesSince(this.#cursor) : null;
    if (changes === null) this.#rebuild(space, history, strain);
    else {
      this.#cursor = changes.cursor;
      for (const row of changes.rows) this.#take(space, history, row);
    }
  }

  at(generation: number): Generation | undefined {
    return this.#generations.get(generation);
  }

  /** Whether this sampler made the trial. */
  isMember(row: number): boolean {
    return this.#members.has(row);
  }

  /** The first trial with this config that has come to an end; only on finite spaces. */
  judgedTrial(key: string): number | undefined {
    return this.#judgedByKey.get(key);
  }

  #rebuild(space: Space, history: History, strain: number): void {
    this.#history = history;
    this.#strain = strain;
    // Nothing has changed since the end of time: this only asks for the present cursor.
    this.#cursor = history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? 0;
    this.#generations = new Map();
    this.#members = new Set();
    this.#judgedByKey = new Map();
    this.latest = -1;
    for (const row of history.rows) this.#take(space, history, row);
  }

  #take(space: Space, history: History, row: number): void {
    if (space.cardinality < Infinity && isJudged(history, row)) this.#takeConfig(space, history, row);
    if (this.#members.has(row)) return;
    const note = readMemberNote(history.note(row), this.#strain);
    if (note === null) return;
    this.#members.add(row);
    const trial = history.numbers[row];
    const generation = this.#generations.get(note.generation) ?? this.#open(note, trial);
    generation.rows.push(row);
    if (trial < generation.trial) Object.assign(generation, { trial, since: note.since, run: note.run });
    const part = generation.parts[note.index];
    if (note.part !== undefined && (part === undefined || trial < part.trial))
      generation.parts[note.index] = { trial, text: note.part, check: note.check ?? 0 };
  }

  #open(note: MemberNote, trial: number): Generation {
    const generation = { rows: [], parts: [], trial, since: note.since, run: note.run };
    this.#generations.set(note.generation, generation);
    this.latest = Math.max(this.latest, note.generation);
    return generation;
  }

  #takeConfig(space: Space, history: History, row: number): void {
    const key = space.key(history.config(row));
    const trial = history.numbers[row];
    const first = this.#judgedByKey.get(key);
    if (first === undefined || trial < first) this.#judgedByKey.set(key, trial);
  }
}
