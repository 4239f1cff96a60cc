import type { Host } from "../host.ts";

/** A host whose time passes only when nothing else can happen. */
export interface SimulatedHost extends Host {
  /**
   * Waits for `work` while time passes.
   * @throws {Error} If nothing is left that could ever end it, or it goes on for ever.
   */
  run<Result>(work: Promise<Result>): Promise<Result>;
}

interface Sleeper {
  readonly untilMs: number;
  wake(): void;
}

// As long as a chain of promises gets in these turns, time stands still for it.
const turnCount = 100;
const lastTurnCount = 20_000;
// No real timer can end what goes on for ever on promises alone.
const wakeLimit = 50_000;

/** @param seed  What `entropy` counts on from. */
export function createSimulatedHost(seed = 0): SimulatedHost {
  let nowMs = 0;
  let drawnCount = 0;
  const sleepers = new Set<Sleeper>();

  /** Wakes the next sleeper; of equals the one that slept first. @returns Whether there was one. */
  function advance(): boolean {
    let next: Sleeper | null = null;
    for (const sleeper of sleepers) if (next === null || sleeper.untilMs < next.untilMs) next = sleeper;
    if (next === null) return false;
    nowMs = Math.max(nowMs, next.untilMs);
    next.wake();
    return true;
  }

  return {
    monotonicMs: () => nowMs,
    wallClockMs: () => nowMs,
    entropy: () => seed + drawnCount++,
    sleep(delayMs, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper: Sleeper = { untilMs: nowMs + Math.max(0, delayMs), wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
      });
    },
    async run(work) {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      work.then(end, end);
      for (let wakeCount = 0; wakeCount < wakeLimit; wakeCount++) {
        for (let turn = 0; turn < turnCount && !isOver; turn++) await Promise.resolve();
        if (isOver) return work;
        if (advance()) continue;
        for (let turn = 0; turn < lastTurnCount && !isOver && sleepers.size === 0; turn++) await Promise.resolve();
        if (!isOver && sleepers.size === 0) throw new Error(`nothing is left that could happen after ${nowMs} ms`);
      }
      throw new Error(`it still goes on after ${nowMs} ms`);
    },
  };
}
