import type { OpenReplicate } from "./storage.ts";

/**
 * The queued and running replicates of a study in the order of `Storage.openReplicates`.
 *
 * Cost: finding a place O(log n), a change one memory move.
 */
export class OpenQueue {
  // Two sorted lists: a claim takes from the front of one and puts into the other, which is short.
  readonly #begun: OpenReplicate[] = [];
  readonly #fresh: OpenReplicate[] = [];

  list(): readonly OpenReplicate[] {
    return this.#begun.concat(this.#fresh);
  }

  add(replicate: OpenReplicate): void {
    const list = this.#listOf(replicate);
    const last = list.at(-1);
    if (last === undefined || isBefore(last, replicate)) list.push(replicate);
    else list.splice(placeOf(list, replicate), 0, replicate);
  }

  remove(replicate: OpenReplicate): void {
    const list = this.#listOf(replicate);
    list.splice(placeOf(list, replicate), 1);
  }

  #listOf(replicate: OpenReplicate): OpenReplicate[] {
    return replicate.attempt > 0 ? this.#begun : this.#fresh;
  }
}

function isBefore(a: OpenReplicate, b: OpenReplicate): boolean {
  return a.trial !== b.trial ? a.trial < b.trial : a.replicate < b.replicate;
}

/** First index whose entry is not before `replicate`. */
function placeOf(list: readonly OpenReplicate[], replicate: OpenReplicate): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(list[middle], replicate)) low = middle + 1;
    else high = middle;
  }
  return low;
}
