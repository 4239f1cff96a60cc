import type { Problem } from "../../trial/problem.ts";
import type { Fault } from "../../tunesmith-error.ts";
import type { VariationRates } from "./variation.ts";

/** What both algorithms of the family can be told. */
export interface NsgaOptions {
  /** Trials of a generation, a whole number in [2, 1000]; null: 4 √trials, at least 16 and at most 50. */
  readonly population?: number | null;
  /** Chance in [0, 1] that a child has two parents. */
  readonly crossoverChance?: number;
  /** Distribution index of the crossover, in [0, 1000]: larger, closer to the parents; null: 20, with one objective 2. */
  readonly crossoverIndex?: number | null;
  /** Chance in [0, 1] of each parameter to mutate; null: one of the active ones on average. */
  readonly mutationChance?: number | null;
  /** Distribution index of the mutation, in [0, 1000]: larger, smaller steps. */
  readonly mutationIndex?: number;
}

/** Source: K. Deb et al. (2002), Sec. V. Departs: the population, and η of one objective, which has no front to keep (ALGORITHMS.md 10.1). */
export const nsgaDefaults = Object.freeze({
  population: null,
  crossoverChance: 0.9,
  crossoverIndex: null,
  mutationChance: null,
  mutationIndex: 20,
});

export type NsgaSettings = Required<NsgaOptions>;

const BUDGET_IF_NONE = 50;

/** How many trials a generation has. */
export function populationOf({ trialBudget }: Problem, { population }: NsgaSettings): number {
  return population ?? Math.min(50, Math.max(16, Math.round(4 * Math.sqrt(trialBudget ?? BUDGET_IF_NONE))));
}

export function variationRatesOf({ objectives }: Problem, settings: NsgaSettings): VariationRates {
  const { crossoverChance, crossoverIndex, mutationChance, mutationIndex } = settings;
  return { crossoverChance, crossoverIndex: crossoverIndex ?? (objectives.length === 1 ? 2 : 20), mutationChance, mutationIndex };
}

export function nsgaFaults(settings: NsgaSettings): Fault[] {
  const { population, crossoverChance, crossoverIndex, mutationChance, mutationIndex } = settings;
  return [
    ...wholeFaults("population", population, 2, 1_000),
    ...rangeFaults("crossoverChance", crossoverChance, 1, false),
    ...rangeFaults("crossoverIndex", crossoverIndex, 1_000, true),
    ...rangeFaults("mutationChance", mutationChance, 1, true),
    ...rangeFaults("mutationIndex", mutationIndex, 1_000, false),
  ];
}

export function wholeFaults(path: string, value: unknown, least: number, greatest: number): Fault[] {
  if (value === null) return [];
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= greatest) return [];
  return [{ path, message: `is ${JSON.stringify(value)}; allowed: null or a whole number from ${least} to ${greatest}` }];
}

function rangeFaults(path: string, value: unknown, greatest: number, mayBeNull: boolean): Fault[] {
  if (value === null && mayBeNull) return [];
  if (typeof value === "number" && value >= 0 && value <= greatest) return [];
  return [
    { path, message: `is ${JSON.stringify(value)}; allowed: ${mayBeNull ? "null or " : ""}a number from 0 to ${greatest}` },
  ];
}
