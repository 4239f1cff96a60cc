import { throwFaults } from "../tunesmith-error.ts";
import { bracketTable } from "./bracket-table.ts";
import { etaFaults } from "./rung-rules.ts";
import type { Scheduler } from "./scheduler.ts";
import { synchronousHalving } from "./synchronous-halving.ts";

export interface HyperbandOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
}

export const hyperbandDefaults = Object.freeze({ eta: 3 });

/**
 * Hyperband: rounds of brackets of successive halving, the first with many trials that are compared early, the last with few that all
 * train to the greatest fidelity, as a guard against losses that mislead early. See `bracketTable` for how many, and
 * `synchronousHalving` for what happens in a bracket.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: L. Li et al. (2018), "Hyperband", Alg. 1. https://jmlr.org/papers/v18/16-558.html
 */
export function hyperband(options: HyperbandOptions = {}): Scheduler {
  const { eta } = { ...hyperbandDefaults, ...options };
  throwFaults("hyperband", etaFaults(eta));
  return synchronousHalving({ type: "hyperband", options: { eta }, eta, round: (fidelity) => bracketTable(fidelity, eta) });
}
