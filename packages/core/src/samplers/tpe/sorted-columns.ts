import type { History } from "../../trial/history.ts";

/**
 * The visible rows of a history in ascending order of each coordinate, ties by trial number, kept up to date from call to
 * call. Inactive coordinates are left out. What it answers depends on the history alone, not on what it saw before.
 *
 * Cost: O(d log n) comparisons and O(d n) moved bytes per changed row; O(d n log n) for a history it does not know.
 */
export class SortedColumns {
  #history: History | null = null;
  #cursor = 0;
  #disturbed = true;
  #orders: Int32Array[] = [];
  #counts: Int32Array = new Int32Array(0);
  // The coordinates and numbers the rows were sorted by: a history may reuse them for other trials.
  #points = new Float64Array(0);
  #numbers = new Float64Array(0);

  update(history: History): void {
    const changes = this.#history === history ? history.changesSince(this.#cursor) : null;
    this.#disturbed = changes === null;
    if (changes === null) this.#rebuild(history);
    else {
      this.#cursor = changes.cursor;
      for (const row of changes.rows) this.#refresh(history, row);
    }
  }

  /** Whether the last update did more than insert rows. */
  get disturbed(): boolean {
    return this.#disturbed;
  }

  /** Rows with this coordinate active, ascending. */
  order(column: number): Int32Array {
    return this.#orders[column].subarray(0, this.#counts[column]);
  }

  /** Where in `order` a row of this update stands, or would stand. */
  position(j: number, row: number): number {
    let low = 0;
    let high = this.#counts[j];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(j, this.#orders[j][middle], row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rebuild(history: History): void {
    const d = history.dimensionCount;
    this.#history = history;
    // Nothing has changed since the end of time: this only asks for the present cursor.
    this.#cursor = history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? 0;
    this.#orders = Array.from({ length: d }, () => new Int32Array(0));
    this.#counts = new Int32Array(d);
    this.#points = new Float64Array(0);
    this.#numbers = new Float64Array(0);
    for (const row of history.rows) this.#remember(history, row);
    for (let j = 0; j < d; j++) {
      const rows = history.rows.filter((row) => !Number.isNaN(this.#points[row * d + j]));
      this.#orders[j] = rows.sort((a, b) => this.#compare(j, a, b));
      this.#counts[j] = rows.length;
    }
  }

  #refresh(history: History, row: number): void {
    const d = history.dimensionCount;
    const visible = row < history.numbers.length && history.rowOf(history.numbers[row]) === row;
    if (visible && this.#isAsRemembered(history, row)) return;
    if (row < this.#numbers.length && this.#numbers[row] >= 0) {
      for (let j = 0; j < d; j++) if (!Number.isNaN(this.#points[row * d + j])) this.#remove(j, row);
      this.#numbers[row] = -1;
      this.#disturbed = true;
    }
    if (!visible) return;
    this.#remember(history, row);
    for (let j = 0; j < d; j++) if (!Number.isNaN(this.#points[row * d + j])) this.#insert(j, row);
  }

  #isAsRemembered(history: History, row: number): boolean {
    if (row >= this.#numbers.length || this.#numbers[row] !== history.numbers[row]) return false;
    const d = history.dimensionCount;
    for (let i = row * d; i < (row + 1) * d; i++) if (!Object.is(this.#points[i], history.points[i])) return false;
    return true;
  }

  #remember(history: History, row: number): void {
    const d = history.dimensionCount;
    if (row >= this.#numbers.length) this.#grow(Math.max(64, 2 * row), d);
    this.#numbers[row] = history.numbers[row];
    this.#points.set(history.points.subarray(row * d, (row + 1) * d), row * d);
  }

  #grow(capacity: number, d: number): void {
    const numbers = new Float64Array(capacity).fill(-1);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const points = new Float64Array(capacity * d);
    points.set(this.#points);
    this.#points = points;
  }

  #insert(j: number, row: number): void {
    const count = this.#counts[j];
    if (count === this.#orders[j].length) {
      const longer = new Int32Array(Math.max(64, 2 * count));
      longer.set(this.#orders[j]);
      this.#orders[j] = longer;
    }
    const at = this.position(j, row);
    this.#orders[j].copyWithin(at + 1, at, count);
    this.#orders[j][at] = row;
    this.#counts[j]++;
  }

  #remove(j: number, row: number): void {
    const at = this.position(j, row);
    this.#orders[j].copyWithin(at, at + 1, this.#counts[j]);
    this.#counts[j]--;
  }

  #compare(j: number, a: number, b: number): number {
    const d = this.#orders.length;
    return this.#points[a * d + j] - this.#points[b * d + j] || this.#numbers[a] - this.#numbers[b];
  }
}
