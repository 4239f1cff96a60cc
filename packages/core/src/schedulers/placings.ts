/** A trial at a rung. */
export interface Placing {
  readonly row: number;
  readonly number: number;
  /** At the rung; may be NaN. */
  readonly loss: number;
}

/** Trials by loss, best first: NaN last, ties by trial number. Cost: finding a place O(log n), a change one memory move. */
export class Placings {
  readonly #ordered: Placing[] = [];

  get count(): number {
    return this.#ordered.length;
  }

  /** @param rank  From 0. */
  at(rank: number): Placing {
    return this.#ordered[rank];
  }

  add(placing: Placing): void {
    this.#ordered.splice(this.rankOf(placing), 0, placing);
  }

  remove(placing: Placing): void {
    this.#ordered.splice(this.rankOf(placing), 1);
  }

  /** How many come before it, whether it is among them or not. */
  rankOf(placing: Placing): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#ordered[middle], placing)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: Placing, b: Placing): boolean {
  if (Number.isNaN(a.loss) !== Number.isNaN(b.loss)) return Number.isNaN(b.loss);
  if (a.loss < b.loss) return true;
  return !(a.loss > b.loss) && a.number < b.number;
}
