import { setTimeout as delay } from "node:timers/promises";

/**
 * Up to which step an attempt's reports are on record, so that its checkpoints follow them: an attempt that continues from a checkpoint
 * does not report again what came before it.
 */
export interface RecordedSteps {
  /** Reports up to this step are on record. */
  reached(step: number): void;
  /** No report is to come any more: nobody has to wait. */
  close(): void;
  /**
   * Resolves when a report of this step or of a later one is on record. Where none comes within the patience, checkpoints are counted
   * otherwise than reports, and from then on nothing waits.
   */
  wait(step: number): Promise<void>;
}

/** @param patienceMs  Longest wait for a report; far longer than one takes. */
export function createRecordedSteps(patienceMs: number): RecordedSteps {
  let newest = Number.NEGATIVE_INFINITY;
  const waiting = new Map<() => void, number>();

  function reached(step: number): void {
    newest = Math.max(newest, step);
    for (const [go, wanted] of waiting) if (wanted <= newest) go();
  }
  const close = (): void => reached(Number.POSITIVE_INFINITY);

  return {
    reached,
    close,
    async wait(step) {
      if (step <= newest) return;
      const over = new AbortController();
      const go = (): void => over.abort();
      waiting.set(go, step);
      const isLate = await delay(patienceMs, true, { ref: false, signal: over.signal }).catch(() => false);
      waiting.delete(go);
      if (isLate) close();
    },
  };
}
