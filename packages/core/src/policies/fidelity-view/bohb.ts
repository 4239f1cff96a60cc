import { bracketTable } from "../../schedulers/bracket-table.ts";
import { hyperband, hyperbandDefaults } from "../../schedulers/hyperband.ts";
import { etaFaults } from "../../schedulers/rung-rules.ts";
import { throwFaults } from "../../tunesmith-error.ts";
import { compose } from "../compose.ts";
import type { DrivingScheduler } from "../driving-scheduler.ts";
import { type ModelOptions, modelFaults } from "./model-options.ts";
import { rungAware } from "./rung-aware-sampler.ts";

export interface BohbOptions extends ModelOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
}

/** Chosen in simulated time, where the paper's share of a third at random found no more. */
export const bohbDefaults = Object.freeze({ ...hyperbandDefaults, leastResults: 30, randomShare: 0.1 } satisfies BohbOptions);

/**
 * BOHB: Hyperband decides how far trials train, and the study's sampler, which sees them at one fidelity, which ones are tried.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: S. Falkner, A. Klein, F. Hutter (2018), "BOHB: robust and efficient hyperparameter optimization at scale",
 * https://arxiv.org/abs/1807.01774
 * Departs: the sampler is the study's; with `tpe` its densities take the place of the paper's, and trials that ended below the fidelity
 * in view count as bad. See `bohbDefaults` for what else differs.
 */
export function bohb(options: BohbOptions = {}): DrivingScheduler {
  const settings = { ...bohbDefaults, ...options };
  const { eta, ...model } = settings;
  throwFaults("bohb", [...etaFaults(eta), ...modelFaults(model)]);
  const scheduler = hyperband({ eta });
  return {
    type: "bohb",
    version: 1,
    options: settings,
    finds: "config",
    refuse: (problem) => scheduler.refuse(problem)?.replace(/^hyperband/, "bohb") ?? null,
    drive: (sampler) =>
      compose(
        rungAware(sampler, { type: "bohb", levels: (fidelity) => bracketTable(fidelity, eta)[0].levels, ...model }),
        scheduler,
      ),
  };
}
