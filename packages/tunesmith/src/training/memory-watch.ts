import { readFileSync } from "node:fs";
import { processTable } from "./process-table.ts";
import { groupedPids, membersOf, type TreeTarget } from "./process-tree.ts";

/** One tree whose memory is limited. */
export interface MemoryLimit {
  readonly tree: TreeTarget;
  readonly limitBytes: number;
  /** Called once, with what was in use. */
  readonly onOver: (usedBytes: number) => void;
}

/** Compares the memory of trees with their limits; looks only while there is one to look at. */
export interface MemoryWatch {
  /** @returns Takes the limit off again. */
  add(limit: MemoryLimit): () => void;
  close(): void;
}

const intervalMs = 250;

/** Counts resident memory, so that pages which processes of a tree share count once for each. */
export function createMemoryWatch(): MemoryWatch {
  return new PollingMemoryWatch();
}

class PollingMemoryWatch implements MemoryWatch {
  readonly #limits = new Set<MemoryLimit>();
  #timer: NodeJS.Timeout | null = null;

  add(limit: MemoryLimit): () => void {
    this.#limits.add(limit);
    this.#timer ??= setTimeout(() => this.#look(), intervalMs);
    return () => this.#limits.delete(limit);
  }

  close(): void {
    this.#limits.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    // A look that fails for want of file descriptors is made up for by the next.
    const looked = this.#compare().catch(() => undefined);
    void looked.then(() => {
      this.#timer = this.#limits.size === 0 ? null : setTimeout(() => this.#look(), intervalMs);
    });
  }

  async #compare(): Promise<void> {
    const table = await processTable({ markers: false });
    for (const limit of this.#limits) {
      const usedBytes = membersOf(limit.tree, table, groupedPids(limit.tree)).reduce(
        (sum, entry) => sum + entry.residentBytes,
        0,
      );
      if (usedBytes <= limit.limitBytes) continue;
      this.#limits.delete(limit);
      limit.onOver(usedBytes);
    }
  }
}

/** Tells whether the system has lately ended processes for want of memory: a counter of Linux; never where there is none. */
export function createOutOfMemoryProbe(): () => boolean {
  const memoryMs = 5_000;
  let count = killCount();
  let lastGrowthAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = killCount();
    if (now > count) lastGrowthAt = performance.now();
    count = now;
    return performance.now() - lastGrowthAt < memoryMs;
  };
}

function killCount(): number {
  let total = 0;
  for (const file of ["/proc/vmstat", "/sys/fs/cgroup/memory.events"]) {
    try {
      total += Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, "latin1"))?.[1] ?? 0);
    } catch {
      // another system, or no control group
    }
  }
  return total;
}
