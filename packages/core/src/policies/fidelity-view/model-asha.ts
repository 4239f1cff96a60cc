import { asha, ashaDefaults } from "../../schedulers/asha.ts";
import { etaFaults } from "../../schedulers/rung-rules.ts";
import { rungLevels } from "../../schedulers/rungs.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import { compose } from "../compose.ts";
import type { DrivingScheduler } from "../driving-scheduler.ts";
import { type ModelOptions, modelFaults } from "./model-options.ts";
import { rungAware } from "./rung-aware-sampler.ts";

export interface ModelAshaOptions extends ModelOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
  /** How many variants run side by side, bracket b without the first b rungs. */
  readonly brackets?: number;
}

export const modelAshaDefaults = Object.freeze({
  ...ashaDefaults,
  leastResults: 10,
  randomShare: 0.1,
} satisfies ModelAshaOptions);

/**
 * Model-based asynchronous successive halving: `asha` decides how far trials train, and the study's sampler, which sees them at one
 * fidelity, which ones are tried.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: A. Klein et al. (2020), "Model-based asynchronous hyperparameter and neural architecture search",
 * https://arxiv.org/abs/2003.10865
 * Departs: a model of one fidelity, chosen as in BOHB, in place of a joint one.
 */
export function modelAsha(options: ModelAshaOptions = {}): DrivingScheduler {
  const settings = { ...modelAshaDefaults, ...options };
  const { eta, brackets, ...model } = settings;
  throwFaults("model-asha", [...etaFaults(eta), ...bracketsFaults(brackets), ...modelFaults(model)]);
  const scheduler = asha({ eta, brackets });
  return {
    type: "model-asha",
    version: 1,
    options: settings,
    finds: "config",
    refuse: (problem) => scheduler.refuse(problem)?.replace(/^asha/, "model-asha") ?? null,
    drive: (sampler) =>
      compose(
        rungAware(sampler, {
          type: "model-asha",
          levels: ({ min, max }) => [...rungLevels(min, max, eta), max],
          ...model,
        }),
        scheduler,
      ),
  };
}

function bracketsFaults(brackets: unknown): Fault[] {
  if (Number.isSafeInteger(brackets) && (brackets as number) >= 1) return [];
  return [{ path: "brackets", message: `is ${JSON.stringify(brackets)}; allowed: a whole number from 1` }];
}
