import type { Fault } from "../../tunesmith-error.ts";

/** What schedulers with a model have in common. */
export interface ModelOptions {
  /**
   * The sampler learns from the greatest fidelity with at least this many results, and never fewer than two more than there are
   * parameters. A whole number from 1.
   */
  readonly leastResults?: number;
  /** Probability that a suggestion is drawn at random instead, once the sampler has something to learn from; from 0 to 1. */
  readonly randomShare?: number;
}

export function modelFaults({ leastResults, randomShare }: ModelOptions): Fault[] {
  const faults: Fault[] = [];
  if (!Number.isSafeInteger(leastResults) || (leastResults as number) < 1)
    faults.push({ path: "leastResults", message: `is ${JSON.stringify(leastResults)}; allowed: a whole number from 1` });
  if (typeof randomShare !== "number" || !(randomShare >= 0 && randomShare <= 1))
    faults.push({ path: "randomShare", message: `is ${JSON.stringify(randomShare)}; allowed: a number from 0 to 1` });
  return faults;
}
