import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import { drawQuasiRandomConfig } from "../quasi-random-draw.ts";
import type { Sampler, SuggestContext, Suggestion } from "../sampler.ts";
import { startsWithDefaults } from "../starts-with-defaults.ts";
import { untriedConfigs } from "../untried-configs.ts";
import { ModelSuggestions } from "./model-suggestions.ts";
import { observe } from "./observations.ts";

export interface GpOptions {
  /** Trials with a result before the model takes over; until then Sobol points. A whole number ≥ 1; null: d + 1, from 5 to 10. */
  readonly startupCount?: number | null;
  /** Points at which the model is asked first, a whole number ≥ 8. */
  readonly candidateCount?: number;
  /** Local searches per suggestion, a whole number ≥ 1. */
  readonly searchCount?: number;
  /** Whether the bad tail of the losses is compressed before they are modelled. */
  readonly warpLosses?: boolean;
  /** Whether parameters may be warped, where that makes the losses more likely: they then vary faster at one end of a range. */
  readonly warpInputs?: boolean;
  /** The same config always gives the same loss. */
  readonly noiseless?: boolean;
}

export const gpDefaults = Object.freeze({
  startupCount: null,
  candidateCount: 512,
  searchCount: 5,
  warpLosses: true,
  warpInputs: false,
  noiseless: false,
});

type Settings = Required<GpOptions>;

const DIMENSION_LIMIT = 1_000;
const LOOK_LIMIT = 20_000;

/**
 * Bayesian optimisation with a Gaussian process: learns the most from few trials, in mixed and conditional spaces, with outcome constraints,
 * one to several objectives, failures, declared priors and parallel trials. A suggestion costs O(n²) to O(n³) of the trials, so it is for
 * trainings that take seconds or more and up to several hundred of them.
 *
 * The very first trial takes the declared defaults if every parameter declares one. A config is repeated only when a finite space has
 * nothing else left. The fitted kernel is in the note of each suggestion, where later ones find it.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function gp(options: GpOptions = {}): Sampler {
  const settings: Settings = { ...gpDefaults, ...options };
  throwFaults("gp", optionFaults(settings));
  const modelSuggestions = new ModelSuggestions(settings);
  return {
    type: "gp",
    version: 3,
    options: { ...settings },
    refuse({ space: { dimensions } }: Problem) {
      if (dimensions.length <= DIMENSION_LIMIT) return null;
      return `gp models at most ${DIMENSION_LIMIT} parameters, but ${dimensions.length} are searched`;
    },
    suggest(problem: Problem, history: History, context: SuggestContext) {
      const { space } = problem;
      if (startsWithDefaults(space, history, context)) return { config: space.defaults(), why: { code: "defaults" } };
      const observations = observe(history);
      const startupCount = settings.startupCount ?? Math.min(10, Math.max(5, space.dimensions.length + 1));
      if (observations.results.length < startupCount || space.dimensions.length === 0)
        return suggestStartup(problem, history, context, startupCount);
      return modelSuggestions.suggest({ problem, history, context, observations, startupCount });
    },
  };
}

function suggestStartup(problem: Problem, history: History, context: SuggestContext, startupCount: number): Suggestion {
  const { space } = problem;
  const { trialNumber: index, fixed } = context;
  const request = { stream: "gp", index, scramble: true, fixed, rng: context.rng("gp-startup") };
  const { config, outcome, drawCount } = drawQuasiRandomConfig(problem, history, request);
  const why: Why = { code: "gp-startup", outcome, index, drawCount, startupCount };
  if (!history.hasConfig(space.key(config))) return { config, why };
  const [untried] = untriedConfigs(space, history, fixed, context.rng("gp-untried"), 1, LOOK_LIMIT);
  return untried === undefined
    ? { config, why: { ...why, repeats: true } }
    : { config: untried, why: { ...why, outcome: "left" } };
}

function optionFaults({ startupCount, candidateCount, searchCount, warpLosses, warpInputs, noiseless }: Settings): Fault[] {
  const faults: Fault[] = [];
  const demand = (holds: boolean, path: string, value: unknown, allowed: string): void => {
    if (!holds) faults.push({ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` });
  };
  const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;
  demand(startupCount === null || isCount(startupCount, 1), "startupCount", startupCount, "a whole number from 1, or null");
  demand(isCount(candidateCount, 8), "candidateCount", candidateCount, "a whole number from 8");
  demand(isCount(searchCount, 1), "searchCount", searchCount, "a whole number from 1");
  demand(typeof warpLosses === "boolean", "warpLosses", warpLosses, "true or false");
  demand(typeof warpInputs === "boolean", "warpInputs", warpInputs, "true or false");
  demand(typeof noiseless === "boolean", "noiseless", noiseless, "true or false");
  return faults;
}
