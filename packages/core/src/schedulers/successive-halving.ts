import { type Fault, throwFaults } from "../tunesmith-error.ts";
import { bracketTable } from "./bracket-table.ts";
import { etaFaults } from "./rung-rules.ts";
import type { Scheduler } from "./scheduler.ts";
import { synchronousHalving } from "./synchronous-halving.ts";

export interface SuccessiveHalvingOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
  /** Trials that a bracket starts; null: as many as leave one at the greatest fidelity. */
  readonly count?: number | null;
}

export const successiveHalvingDefaults = Object.freeze({ eta: 3, count: null });

/**
 * Successive halving: brackets of `count` trials, each like the first bracket of Hyperband. See `synchronousHalving` for what happens in
 * a bracket; its levels are those of `bracketTable`.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function successiveHalving(options: SuccessiveHalvingOptions = {}): Scheduler {
  const { eta, count }: Required<SuccessiveHalvingOptions> = { ...successiveHalvingDefaults, ...options };
  throwFaults("successive-halving", [...etaFaults(eta), ...countFaults(count)]);
  return synchronousHalving({
    type: "successive-halving",
    options: { eta, count },
    eta,
    round(fidelity) {
      const [{ levels, size }] = bracketTable(fidelity, eta);
      return [{ levels, size: count ?? size }];
    },
  });
}

function countFaults(count: unknown): Fault[] {
  if (count === null || (Number.isSafeInteger(count) && (count as number) >= 1)) return [];
  return [{ path: "count", message: `is ${JSON.stringify(count)}; allowed: a whole number from 1, or null` }];
}
