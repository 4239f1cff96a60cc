import type { Dimension } from "../../parameters/space.ts";
import type { Fault } from "../../tunesmith-error.ts";
import type { DrivingScheduler } from "../driving-scheduler.ts";
import { childConfig, perturbedCoordinate } from "./explore.ts";
import { isTuned, type PopulationOptions, populationDefaults, populationSettings, shareFaults } from "./population-options.ts";
import { populationScheduler } from "./population-policy.ts";

export interface PbtOptions extends PopulationOptions {
  /** Factors; a number of a copied config is multiplied by one of them, drawn. */
  readonly perturb?: readonly number[];
  /** Probability that a value of a copied config is drawn afresh instead. */
  readonly resample?: number;
}

export const pbtDefaults = Object.freeze({
  ...populationDefaults,
  perturb: Object.freeze([0.8, 1.2]) as readonly number[],
  resample: 0.25,
} satisfies PbtOptions);

/**
 * Population-based training: finds a schedule of values instead of one config, while a population of models trains once. See
 * `populationScheduler` for who trains when and who is copied, and `perturbedCoordinate` for how a copied config changes.
 *
 * The study's sampler draws the first population.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: M. Jaderberg et al. (2017), "Population based training of neural networks", Alg. 1, Sec. 4.1.1 (truncation selection, perturb
 * and resample), https://arxiv.org/abs/1711.09846
 * Departs: a member is copied only from one with a better score that has trained at least half as far; a member that failed goes on from
 * one among the best; integers and other stepped numbers move by at least one step.
 */
export function pbt(options: PbtOptions = {}): DrivingScheduler {
  const shown = { ...pbtDefaults, ...options };
  const { perturb, resample, ...common } = shown;
  const settings = populationSettings("pbt", common, [...perturbFaults(perturb), ...shareFaults("resample", resample, 1)]);
  return populationScheduler(settings, shown, ({ problem, history }, parent, context) => {
    const rng = context.rng("pbt-explore");
    const explored = (dimension: Dimension, u: number): number => perturbedCoordinate(dimension, u, { perturb, resample }, rng);
    return childConfig(problem.space, history, history.config(parent.row), (name) => isTuned(settings, name), explored, rng);
  });
}

function perturbFaults(perturb: unknown): Fault[] {
  if (Array.isArray(perturb) && perturb.length > 0 && perturb.every((factor) => factor > 0 && factor < Infinity)) return [];
  return [{ path: "perturb", message: `is ${JSON.stringify(perturb)}; allowed: a list of at least one number above 0` }];
}
