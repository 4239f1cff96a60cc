import type { Config } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import { drawConfig, withFixed } from "../draw-config.ts";
import { drawQuasiRandomConfig } from "../quasi-random-draw.ts";
import type { Sampler, SuggestContext, Suggestion } from "../sampler.ts";
import { startsWithDefaults } from "../starts-with-defaults.ts";
import { untriedConfigs } from "../untried-configs.ts";
import { Arena } from "./arena.ts";
import { Densities, type Model } from "./densities.ts";
import { type Split, splitHistory } from "./split.ts";
import { goodTrialCount } from "./tpe.ts";

export interface TpeOptions {
  /** Trials with a result before the model takes over; until then Sobol points. A whole number ≥ 1. */
  readonly startupCount?: number;
  /** Candidates per suggestion, a whole number ≥ 1. More make it greedier, not better. */
  readonly candidateCount?: number;
  /** Share of the trials that count as good, in (0, 1). */
  readonly goodFraction?: number;
  /** How many count as good at most, a whole number ≥ 1; twice as many with several objectives. */
  readonly goodLimit?: number;
  /**
   * Least and greatest exponent e, in [0, 3]; each suggestion draws one between them. No bandwidth of the density of m good trials
   * is below (2 + m)^−e of a parameter's range: a small e looks around them, a great one refines them.
   */
  readonly sharpness?: readonly [number, number];
  /** Chance in [0, 1] that a coordinate of a recombined candidate comes from another trial. */
  readonly crossover?: number;
}

/** Chosen by measurement, see docs/samplers/tpe.md. */
export const tpeDefaults = Object.freeze({
  startupCount: 10,
  candidateCount: 24,
  goodFraction: 0.1,
  goodLimit: 25,
  sharpness: Object.freeze([1.25, 2.25] as const),
  crossover: 0.2,
});

type Settings = Required<TpeOptions>;

// A front needs more trials to show its shape; what more of them add costs cubic time to choose.
const FRONT_FACTOR = 2;
const REDRAW_LIMIT = 5;
const LOOK_LIMIT = 20_000;

/**
 * The tree-structured Parzen estimator: learns from few to thousands of trials, in mixed and conditional spaces, with outcome
 * constraints, several objectives, early stopping, failures and any number of parallel trials.
 *
 * The very first trial takes the declared defaults if every parameter declares one. A config is repeated only when a finite space
 * has nothing else left.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function tpe(options: TpeOptions = {}): Sampler {
  const settings = { ...tpeDefaults, ...options };
  throwFaults("tpe", optionFaults(settings));
  const arena = new Arena();
  const densities = new Densities(arena);
  return {
    type: "tpe",
    version: 3,
    options: { ...settings },
    refuse: () => null,
    suggest(problem: Problem, history: History, context: SuggestContext) {
      const { space } = problem;
      if (startsWithDefaults(space, history, context)) return { config: space.defaults(), why: { code: "defaults" } };
      arena.clear();
      const split = splitByQuality(problem, history, settings, arena);
      if (split.finishedCount < settings.startupCount || space.dimensions.length === 0)
        return suggestStartup(problem, history, context, settings);
      return suggestByModel(problem, history, context, settings, split, densities);
    },
  };
}

function splitByQuality(problem: Problem, history: History, { goodFraction, goodLimit }: Settings, arena: Arena): Split {
  const limit = problem.objectives.length > 1 ? FRONT_FACTOR * goodLimit : goodLimit;
  const constrained = problem.outcomeConstraints.length > 0;
  return splitHistory(history, constrained, (n) => goodTrialCount(n, goodFraction, limit), arena);
}

function suggestStartup(problem: Problem, history: History, context: SuggestContext, { startupCount }: Settings): Suggestion {
  const { space } = problem;
  const { trialNumber: index, fixed } = context;
  const request = { stream: "tpe", index, scramble: true, fixed, rng: context.rng("tpe-startup") };
  const { config, outcome, drawCount } = drawQuasiRandomConfig(problem, history, request);
  const why: Why = { code: "tpe-startup", outcome, index, drawCount, startupCount };
  if (!history.hasConfig(space.key(config))) return { config, why };
  const [untried] = untriedConfigs(space, history, fixed, context.rng("tpe-untried"), 1, LOOK_LIMIT);
  return untried === undefined
    ? { config, why: { ...why, repeats: true } }
    : { config: untried, why: { ...why, outcome: "left" } };
}

function suggestByModel(
  { space, objectives }: Problem,
  history: History,
  context: SuggestContext,
  settings: Settings,
  split: Split,
  densities: Densities,
): Suggestion {
  const rng = context.rng("tpe");
  const [least, greatest] = settings.sharpness;
  const sharpness = least + (greatest - least) * rng.uniform();
  const model = densities.fit(space, history, split, sharpness, objectives.length > 1);
  const why: Why = { code: "tpe", goodCount: split.below.length, otherCount: split.above.length, sharpness };
  let repeat: Scored | null = null;
  for (let redraw = 0; redraw <= REDRAW_LIMIT; redraw++) {
    const x = model.draw(rng, settings.crossover, settings.candidateCount);
    for (const scored of bestFirst(model, x, configReader(space, context, x))) {
      if (!space.satisfies(scored.config)) continue;
      if (!history.hasConfig(space.key(scored.config)))
        return { config: scored.config, why: { ...why, logRatio: scored.logRatio, redraw } };
      repeat ??= scored;
    }
  }
  return repeat === null
    ? suggestAdmissible(space, history, context, why)
    : suggestUntried(space, history, context, model, why, repeat);
}

interface Scored {
  readonly config: Config;
  /** log ℓ − log g. */
  readonly logRatio: number;
}

/** The candidates from the greatest ratio on, ties by index; each config is made, and each ratio computed, only when needed. */
function* bestFirst(model: Model, x: readonly Float64Array[], configAt: (c: number) => Config): Generator<Scored> {
  const ratios = model.compare(x);
  for (let c = ratios.takeGreatest(); c >= 0; c = ratios.takeGreatest())
    yield { config: configAt(c), logRatio: ratios.bounds[c] };
}

/**
 * Config of candidate c. Where fixed values or conditions make it differ from what was drawn, the columns are rewritten
 * to what it really is, inactive coordinates NaN.
 */
function configReader(space: Space, context: SuggestContext, x: readonly Float64Array[]): (c: number) => Config {
  const point = new Float64Array(x.length);
  const read = (c: number): Config => {
    for (let j = 0; j < x.length; j++) point[j] = x[j][c];
    return space.decode(point);
  };
  if (!space.conditional && Object.keys(context.fixed).length === 0) return read;
  const rng = context.rng("tpe-fixed");
  const configs = Array.from(x[0], (_, c) => withFixed(space, read(c), context.fixed, rng));
  writeColumns(space, configs, x);
  return (c) => configs[c];
}

function writeColumns(space: Space, configs: readonly Config[], x: readonly Float64Array[]): void {
  configs.forEach((config, c) => {
    const point = space.encode(config);
    for (let j = 0; j < x.length; j++) x[j][c] = point[j];
  });
}

/** No candidate satisfied the parameter constraints: rejection over the whole space. */
function suggestAdmissible(space: Space, history: History, context: SuggestContext, why: Why): Suggestion {
  const rng = context.rng("tpe-admissible");
  const propose = (_: number, point: Float64Array): void => {
    for (let j = 0; j < point.length; j++) point[j] = space.dimensions[j].fromPrior(rng.uniform());
  };
  const { config, outcome, drawCount } = drawConfig({ space, history, fixed: context.fixed, rng, propose });
  return { config, why: { ...why, outcome, drawCount } };
}

/** All candidates had been tried: the best of some untried configs of a finite space, else a repetition. */
function suggestUntried(
  space: Space,
  history: History,
  context: SuggestContext,
  model: Model,
  why: Why,
  repeat: Scored,
): Suggestion {
  const untried = untriedConfigs(space, history, context.fixed, context.rng("tpe-untried"), 24, LOOK_LIMIT);
  if (untried.length === 0) return { config: repeat.config, why: { ...why, logRatio: repeat.logRatio, repeats: true } };
  const x = space.dimensions.map(() => new Float64Array(untried.length));
  writeColumns(space, untried, x);
  const [best] = bestFirst(model, x, (c) => untried[c]);
  return { config: best.config, why: { ...why, logRatio: best.logRatio, outcome: "left" } };
}

function optionFaults({ startupCount, candidateCount, goodFraction, goodLimit, sharpness, crossover }: Settings): Fault[] {
  const faults: Fault[] = [];
  const demand = (holds: boolean, path: string, value: unknown, allowed: string): void => {
    if (!holds) faults.push({ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` });
  };
  const isExponent = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 3;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
  demand(isCount(startupCount), "startupCount", startupCount, "a whole number from 1");
  demand(isCount(candidateCount), "candidateCount", candidateCount, "a whole number from 1");
  demand(
    typeof goodFraction === "number" && goodFraction > 0 && goodFraction < 1,
    "goodFraction",
    goodFraction,
    "a number between 0 and 1",
  );
  demand(isCount(goodLimit), "goodLimit", goodLimit, "a whole number from 1");
  demand(
    Array.isArray(sharpness) && sharpness.length === 2 && sharpness.every(isExponent) && sharpness[0] <= sharpness[1],
    "sharpness",
    sharpness,
    "two numbers in [0, 3], the greater one last",
  );
  demand(typeof crossover === "number" && crossover >= 0 && crossover <= 1, "crossover", crossover, "a number from 0 to 1");
  return faults;
}
