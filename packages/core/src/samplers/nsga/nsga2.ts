import { throwFaults } from "../../tunesmith-error.ts";
import type { Sampler } from "../sampler.ts";
import { type NsgaOptions, nsgaDefaults, nsgaFaults } from "./nsga-options.ts";
import { nsgaSampler } from "./nsga-sampler.ts";
import { crowdedFitness, selectByCrowding } from "./nsga2-selection.ts";

export type Nsga2Options = NsgaOptions;

export const nsga2Defaults = nsgaDefaults;

/**
 * NSGA-II: a genetic algorithm for two or three objectives, for cheap trials by the hundreds. Serves mixed, conditional and constrained
 * spaces, outcome constraints and any number of parallel trials; with one objective it is a plain genetic algorithm.
 *
 * Cost: O(d) per suggestion; at the opening of a generation one look at every trial in view and a sort of the population and of what has
 * ended since.
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function nsga2(options: Nsga2Options = {}): Sampler {
  const settings = { ...nsga2Defaults, ...options };
  throwFaults("nsga2", nsgaFaults(settings));
  const selection = { select: selectByCrowding, fitness: crowdedFitness };
  return nsgaSampler("nsga2", { ...settings }, settings, () => selection);
}
