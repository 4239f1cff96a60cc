import type { Fidelity } from "../trial/problem.ts";
import { bracketSizes } from "./rungs.ts";

/** One bracket of successive halving. */
export interface BracketPlan {
  /** Fidelities at which its trials are compared, ascending; the last is the greatest fidelity, which decides nothing any more. */
  readonly levels: readonly number[];
  /** How many trials it starts. */
  readonly size: number;
}

/**
 * Hyperband's round of brackets: s = s_max, …, 1, 0 with ⌈(s_max + 1) / (s + 1) · eta^s⌉ trials that start at max / eta^s, where s_max is
 * the greatest s with min · eta^s ≤ max.
 *
 * Where min and max are whole numbers, so are the levels: rounded to the nearest, never below min.
 *
 * @param eta  At least 2.
 *
 * Source: L. Li et al. (2018), "Hyperband", Alg. 1. https://jmlr.org/papers/v18/16-558.html
 * Departs: s_max is counted by multiplication instead of taken from a logarithm (ln 1000 / ln 10 < 3).
 */
export function bracketTable(fidelity: Fidelity, eta: number): readonly BracketPlan[] {
  const deepest = rungCountBelowMax(fidelity, eta);
  return bracketSizes(deepest, eta).map((size, i) => ({ levels: levelsOf(fidelity, eta, deepest - i), size }));
}

/**
 * How many trials of a bracket train to each of its levels: the first `size`, then ⌊n / eta⌋ of the n before, at least one.
 *
 * Departs: the paper's sizes reach zero where a bracket has fewer than eta^s trials; here the best one always goes on.
 */
export function rungSizes(size: number, levelCount: number, eta: number): number[] {
  const sizes = [size];
  while (sizes.length < levelCount) sizes.push(keptOf(sizes[sizes.length - 1], eta));
  return sizes;
}

/** How many of `count` trials at a rung go on. */
export function keptOf(count: number, eta: number): number {
  return Math.max(1, Math.floor(count / eta));
}

function rungCountBelowMax({ min, max }: Fidelity, eta: number): number {
  let count = 0;
  // A last digit lost in the product must not cost a rung: 0.1 · 3 · 3 > 0.9.
  for (let level = min * eta; level <= max * (1 + 1e-9); level *= eta) count++;
  return count;
}

function levelsOf({ min, max }: Fidelity, eta: number, rungCount: number): number[] {
  const isWhole = Number.isInteger(min) && Number.isInteger(max);
  const levels: number[] = [];
  for (let i = rungCount; i > 0; i--) {
    const level = max / eta ** i;
    levels.push(isWhole ? Math.round(level) : Math.max(min, level));
  }
  levels.push(max);
  return levels;
}
