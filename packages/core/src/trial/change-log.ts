// Beyond this many entries the older half is forgotten: whoever fell that far behind starts anew.
const keptEntryCount = 1 << 17;

/** Which rows of a table changed, in order, for readers that come back with a cursor. */
export class ChangeLog {
  #rows: number[] = [];
  #base = 0;

  note(row: number): void {
    this.#rows.push(row);
    if (this.#rows.length <= keptEntryCount) return;
    const dropCount = keptEntryCount / 2;
    this.#rows.splice(0, dropCount);
    this.#base += dropCount;
  }

  /** Row numbers mean something else from now on: every cursor is too old. */
  restart(): void {
    this.#base += this.#rows.length + 1;
    this.#rows = [];
  }

  /** Rows that changed since `cursor`, each once, ascending; null when it is too old. */
  since(cursor: number): { readonly cursor: number; readonly rows: Int32Array } | null {
    if (cursor < this.#base) return null;
    const changed = new Set(this.#rows.slice(cursor - this.#base));
    return { cursor: this.#base + this.#rows.length, rows: Int32Array.from(changed).sort() };
  }
}
