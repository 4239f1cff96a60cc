import type { History } from "../../trial/history.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";

/** One sample with its verdict. */
export interface Individual {
  /** NaN where a coordinate was inactive or its choice unknown. */
  readonly genotype: Float64Array;
  /** Whether it came from elsewhere than the generation's distribution: its step is capped. */
  readonly foreign: boolean;
  readonly verdict: Verdict;
}

/**
 * How good a finished trial is, the lower class first: 0 complete and feasible, by loss; 1 stopped early with a loss, the furthest first;
 * 2 complete but infeasible, by violation; 3 without a value. Ties by trial number.
 */
export interface Verdict {
  readonly rank: 0 | 1 | 2 | 3;
  readonly first: number;
  readonly second: number;
  readonly trial: number;
}

export function verdictOf(history: History, row: number, constrained: boolean): Verdict {
  const { states, losses, violations, fidelities, numbers } = history;
  const trial = numbers[row];
  const loss = losses[row];
  const none: Verdict = { rank: 3, first: 0, second: 0, trial };
  if (Number.isNaN(loss)) return none;
  if (states[row] === trialStateCodes.stopped) {
    const fidelity = fidelities[row];
    return { rank: 1, first: Number.isNaN(fidelity) ? 0 : -fidelity, second: loss, trial };
  }
  if (states[row] !== trialStateCodes.complete) return none;
  if (!constrained || violations[row] <= 0) return { rank: 0, first: loss, second: 0, trial };
  return { rank: 2, first: Number.isNaN(violations[row]) ? Infinity : violations[row], second: loss, trial };
}

/** Negative if `a` is better. */
export function compareVerdicts(a: Verdict, b: Verdict): number {
  return a.rank - b.rank || compare(a.first, b.first) || compare(a.second, b.second) || a.trial - b.trial;
}

/** Also right for infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Whether a trial has come to an end that says something about its config; a person's cancel does not. */
export function isJudged(history: History, row: number): boolean {
  const state = history.states[row];
  return state === trialStateCodes.complete || state === trialStateCodes.stopped || state === trialStateCodes.failed;
}

/**
 * The ranked samples of one generation: its own, and of those that came from elsewhere or too late the ones better than its better half.
 *
 * @param own    As many as the generation samples.
 * @param late   In any order.
 * @param mu     How many of a generation pull.
 * @returns      The best `own.length`, best first.
 */
export function rankPopulation(own: readonly Individual[], late: readonly Individual[], mu: number): readonly Individual[] {
  const byVerdict = (a: Individual, b: Individual): number => compareVerdicts(a.verdict, b.verdict);
  const ranked = [...own].sort(byVerdict);
  const bar = ranked[mu - 1].verdict;
  const better = late.filter(({ verdict }) => compareVerdicts(verdict, bar) < 0).sort(byVerdict);
  if (better.length === 0) return ranked;
  return [...ranked, ...better.slice(0, mu)].sort(byVerdict).slice(0, own.length);
}
