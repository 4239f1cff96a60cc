import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { type Fault, throwFaults } from "../tunesmith-error.ts";
import { drawQuasiRandomConfig, type SequenceName } from "./quasi-random-draw.ts";
import type { Sampler, SuggestContext } from "./sampler.ts";

export interface QmcOptions {
  /** Sobol's, for up to 1,111 parameters; or Halton's, for up to 4,096. Parameters beyond that are drawn at random. */
  readonly sequence?: SequenceName;
  /** A random scramble by the study's seed; without it the sequence begins at the lower corner. */
  readonly scramble?: boolean;
}

export const qmcDefaults = Object.freeze({ sequence: "sobol", scramble: true } as const);

/**
 * Quasi-random draws: trial number k gets point k of a sequence that covers the space more evenly than chance. Choices come from the
 * same sequence. Needs no knowledge of other trials, so any number of workers share one sequence.
 *
 * @throws {TunesmithError} `invalid-input` for an option outside its range.
 */
export function qmc(options: QmcOptions = {}): Sampler {
  const settings = { ...qmcDefaults, ...options };
  throwFaults("qmc", optionFaults(settings));
  const { sequence, scramble } = settings;
  return {
    type: "qmc",
    version: 1,
    options: { sequence, scramble },
    refuse: () => null,
    suggest(problem: Problem, history: History, context: SuggestContext) {
      const { trialNumber: index, fixed } = context;
      const request = { stream: "qmc", sequence, index, scramble, fixed, rng: context.rng("qmc") };
      const { config, drawCount, outcome } = drawQuasiRandomConfig(problem, history, request);
      return { config, why: { code: "qmc", outcome, index, drawCount } };
    },
  };
}

function optionFaults({ sequence, scramble }: Required<QmcOptions>): Fault[] {
  const faults: Fault[] = [];
  if (sequence !== "sobol" && sequence !== "halton")
    faults.push({ path: "sequence", message: `is ${JSON.stringify(sequence)}; allowed: sobol, halton` });
  if (typeof scramble !== "boolean")
    faults.push({ path: "scramble", message: `is ${JSON.stringify(scramble)}; allowed: true or false` });
  return faults;
}
