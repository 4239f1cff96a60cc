import { growInt32 } from "./columns.ts";

/**
 * Which configs some rows have, by the text that names each (`Space.key`).
 *
 * Rows are numbered from 0. A row is looked at when somebody first asks, and of its text only a hash is kept: a hit is checked against
 * the text, which the owner can always make again.
 *
 * Cost: 8 bytes per row and a hash table; the texts of the rows added since at the next question.
 */
export class ConfigIndex {
  readonly #keyOf: (row: number) => string;
  /** Rows below it are in the table. */
  #count = 0;
  #hashes = new Int32Array(64);
  /** The next row with the same hash, −1 after the last. */
  #following = new Int32Array(64);
  readonly #firsts = new Map<number, number>();

  /** @param keyOf  The text of a row as it is now. */
  constructor(keyOf: (row: number) => string) {
    this.#keyOf = keyOf;
  }

  /** @param rowCount  How many rows there are. */
  has(key: string, rowCount: number): boolean {
    for (; this.#count < rowCount; this.#count++) this.#insert(this.#count, hashOf(this.#keyOf(this.#count)));
    for (let row = this.#firsts.get(hashOf(key)) ?? -1; row >= 0; row = this.#following[row])
      if (this.#keyOf(row) === key) return true;
    return false;
  }

  /** A row has another config now. */
  change(row: number): void {
    if (row >= this.#count) return;
    this.#remove(row);
    this.#insert(row, hashOf(this.#keyOf(row)));
  }

  /** Only these rows are left, ascending, and numbered anew. */
  keep(rows: readonly number[]): void {
    const hashes = rows.filter((row) => row < this.#count).map((row) => this.#hashes[row]);
    this.#firsts.clear();
    this.#count = hashes.length;
    hashes.forEach((hash, row) => {
      this.#insert(row, hash);
    });
  }

  #insert(row: number, hash: number): void {
    if (row === this.#hashes.length) {
      this.#hashes = growInt32(this.#hashes, 2 * row);
      this.#following = growInt32(this.#following, 2 * row);
    }
    this.#hashes[row] = hash;
    this.#following[row] = this.#firsts.get(hash) ?? -1;
    this.#firsts.set(hash, row);
  }

  #remove(row: number): void {
    const hash = this.#hashes[row];
    const first = this.#firsts.get(hash) as number;
    const after = this.#following[row];
    if (first === row) {
      if (after < 0) this.#firsts.delete(hash);
      else this.#firsts.set(hash, after);
      return;
    }
    let before = first;
    while (this.#following[before] !== row) before = this.#following[before];
    this.#following[before] = after;
  }
}

/**
 * 30 bits, which a table holds without a box.
 *
 * Source: FNV-1a by G. Fowler, L. C. Noll, K.-P. Vo, http://www.isthe.com/chongo/tech/comp/fnv/
 * Departs: takes UTF-16 code units for bytes; the upper bits are folded in.
 */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}
