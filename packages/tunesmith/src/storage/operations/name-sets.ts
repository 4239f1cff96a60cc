import { type Operation, type Row, type SqlValue, statement } from "../statement.ts";

const maxCachedCount = 4_096;

/**
 * Lists of names (parameters of a config, metrics of a report) that many rows share: stored once, known by a number.
 *
 * What is stored never changes, so it is cached; `forget` it after a rollback, which may have undone what was learnt.
 */
export class NameSets {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, readonly string[]>();

  forget(): void {
    this.#numbers.clear();
    this.#names.clear();
  }

  /** The number of a list of names, in this order; a new one is stored. */
  *numberOf(names: readonly string[]): Operation<number> {
    const text = JSON.stringify(names);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const found = yield statement("SELECT name_set FROM name_sets WHERE names = ?", text);
    const rows = found.length > 0 ? found : yield statement("INSERT INTO name_sets (names) VALUES (?) RETURNING name_set", text);
    const number = rows[0][0] as number;
    this.#keep(number, names, text);
    return number;
  }

  /** Loads the lists that the rows refer to in these columns, so that `names` knows them. */
  *learn(rows: readonly Row[], ...columns: readonly number[]): Operation<void> {
    if (this.#names.size > maxCachedCount) this.forget();
    for (const row of rows) {
      for (const column of columns) {
        const number = row[column];
        if (number !== null && !this.#names.has(number as number)) yield* this.#load(number);
      }
    }
  }

  /** A list that was learnt. */
  names(number: SqlValue): readonly string[] {
    return this.#names.get(number as number) as readonly string[];
  }

  *#load(number: SqlValue): Operation<void> {
    const [row] = yield statement("SELECT names FROM name_sets WHERE name_set = ?", number);
    const text = row[0] as string;
    this.#keep(number as number, JSON.parse(text) as string[], text);
  }

  #keep(number: number, names: readonly string[], text: string): void {
    this.#numbers.set(text, number);
    this.#names.set(number, names);
  }
}
