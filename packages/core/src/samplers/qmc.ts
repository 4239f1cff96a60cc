import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import type { Sampler, SuggestContext } from "./sampler.ts";
import { drawSobolConfig } from "./sobol-draw.ts";

export interface QmcOptions {
  /** A random scramble by the study's seed; without it the sequence begins at the lower corner. */
  readonly scramble?: boolean;
}

export const qmcDefaults = Object.freeze({ scramble: true });

/**
 * Quasi-random draws: trial number k gets point k of a Sobol sequence, which covers the space more evenly than chance. Choices
 * come from the same sequence. Needs no knowledge of other trials, so any number of workers share one sequence.
 */
export function qmc(options: QmcOptions = {}): Sampler {
  const { scramble } = { ...qmcDefaults, ...options };
  return {
    type: "qmc",
    version: 1,
    options: { scramble },
    refuse: () => null,
    suggest(problem: Problem, history: History, context: SuggestContext) {
      const { trialNumber: index, fixed } = context;
      const request = { sequence: "qmc", index, scramble, fixed, rng: context.rng("qmc") };
      const { config, drawCount, outcome } = drawSobolConfig(problem, history, request);
      return { config, why: { code: "qmc", outcome, index, drawCount } };
    },
  };
}
