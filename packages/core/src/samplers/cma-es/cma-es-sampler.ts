import type { Rng } from "../../numerics/rng.ts";
import type { Config } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";
import { drawConfig } from "../draw-config.ts";
import { drawQuasiRandomConfig } from "../quasi-random-draw.ts";
import type { Sampler, SuggestContext, Suggestion } from "../sampler.ts";
import { untriedConfigs } from "../untried-configs.ts";
import { choiceOf } from "./choice-distribution.ts";
import { defaultPopulationSize, sample } from "./cma-es.ts";
import { createStrain, type Strain } from "./evolution.ts";
import { largestDeviation } from "./evolve.ts";
import { express, genotypeOf } from "./genes.ts";
import { Lineage, type Present, partCountOf, type Situation } from "./lineage.ts";
import { type MemberNote, roomInNote, writeMemberNote } from "./member-note.ts";

export interface CmaEsOptions {
  /** Samples per generation, a whole number from 4; null: 4 + ⌊3 ln d⌋, or as many as run in parallel if that is more. */
  readonly populationSize?: number | null;
  /** Initial step size as a share of every parameter's range, in (0, 1/3]. */
  readonly sigma?: number;
  /** Whether to start again, with larger and smaller populations in turn, when a run has nothing more to find. */
  readonly restarts?: boolean;
  /** Whether learning rates adapt: for noise and many local optima and many thousands of trials; it needs more where neither is. */
  readonly adaptLearningRates?: boolean;
  /** Whether the spread of earlier good trials by others, where there are enough, shapes the first distribution. */
  readonly warmStart?: boolean;
}

export const cmaEsDefaults = Object.freeze({
  populationSize: null,
  sigma: 0.125,
  restarts: true,
  adaptLearningRates: false,
  warmStart: true,
});

type Settings = Required<CmaEsOptions>;

const LARGEST_POPULATION = 1_000;
const REDRAW_LIMIT = 100;
const LOOK_LIMIT = 20_000;

/**
 * CMA-ES with margin: for hundreds to thousands of trials of numeric, stepped and categorical parameters, one objective.
 *
 * It begins around the better half of a generation of Sobol points, or at the best trial if somebody else made it. Any number of trials
 * may run at a time: a generation is complete when λ of its trials have ended, and what ends later or was tried by others joins in if
 * it is good.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: see cma-es.ts, margin.ts, choice-distribution.ts, restarts.ts, learning-rates.ts, start.ts.
 */
export function cmaEs(options: CmaEsOptions = {}): Sampler {
  const settings: Settings = { ...cmaEsDefaults, ...options };
  throwFaults("cma-es", optionFaults(settings));
  const lineage = new Lineage();
  const strains = new WeakMap<Space, Strain>();
  const strainOf = (space: Space): Strain => {
    const strain = strains.get(space) ?? createStrain(space, settings.adaptLearningRates);
    strains.set(space, strain);
    return strain;
  };
  return {
    type: "cma-es",
    version: 2,
    options: { ...settings },
    refuse: (problem) => refuseCmaEs(problem, strainOf(problem.space), settings),
    suggest(problem: Problem, history: History, context: SuggestContext) {
      if (problem.space.dimensions.length === 0)
        return { config: problem.space.decode(new Float64Array(0)), why: { code: "cma-es-design", index: 0, populationSize: 1 } };
      const strain = strainOf(problem.space);
      const lambda = populationSize(problem, strain, settings);
      const situation = { problem, history, strain, lambda, settings };
      const present = lineage.present(situation);
      return present.kind === "design"
        ? suggestDesign(situation, context, present.index)
        : suggestSample(situation, context, present, lineage);
    },
  };
}

function populationSize({ parallel }: Problem, { genes }: Strain, settings: Settings): number {
  if (settings.populationSize !== null) return settings.populationSize;
  return Math.min(LARGEST_POPULATION, Math.max(defaultPopulationSize(Math.max(1, genes.count)), parallel));
}

function refuseCmaEs(problem: Problem, strain: Strain, settings: Settings): string | null {
  if (problem.objectives.length > 1)
    return `cma-es follows one objective, but there are ${problem.objectives.length}; nsga2 serves several`;
  if (problem.defineByRun) return "cma-es needs every parameter declared: it samples them together";
  const lambda = populationSize(problem, strain, settings);
  const partCount = partCountOf(strain, lambda);
  return partCount > lambda
    ? `cma-es keeps its state in the notes of a generation's trials: ${partCount} of them hold it, but a generation has ${lambda}; raise populationSize`
    : null;
}

function isFixed({ fixed }: SuggestContext): boolean {
  return Object.keys(fixed).length > 0;
}

function suggestDesign(situation: Situation, context: SuggestContext, index: number): Suggestion {
  const { problem, history, strain, lambda } = situation;
  const { space } = problem;
  const { fixed, trialNumber } = context;
  const request = { stream: "cma-es", index: trialNumber, scramble: true, fixed, rng: context.rng("cma-es-design") };
  const drawn = drawQuasiRandomConfig(problem, history, request);
  const why: Why = { code: "cma-es-design", index, populationSize: lambda, outcome: drawn.outcome };
  const note = isFixed(context)
    ? undefined
    : writeMemberNote({ strain: strain.fingerprint, run: 0, generation: 0, index, since: -1, genotype: "" });
  if (!history.hasConfig(space.key(drawn.config))) return { config: drawn.config, why, note };
  const [untried] = untriedConfigs(space, history, fixed, context.rng("cma-es-untried"), 1, LOOK_LIMIT);
  return untried === undefined
    ? { config: drawn.config, why: { ...why, repeats: true }, note }
    : { config: untried, why: { ...why, outcome: "left" }, note };
}

type Sampling = Extract<Present, { kind: "sample" }>;

/** One member of a generation as it was drawn. */
interface Drawn {
  readonly config: Config;
  readonly outcome: string;
  /** Null: the config was chosen otherwise. */
  readonly genotype: Float64Array | null;
  readonly seen: readonly (readonly [number, string])[];
}

function suggestSample(situation: Situation, context: SuggestContext, present: Sampling, lineage: Lineage): Suggestion {
  const { strain, problem } = situation;
  const { evolution, index } = present;
  const { run, generation, since, lambda, gaussian } = evolution;
  const stored = isFixed(context) ? null : lineage.part(strain, evolution, index);
  const room = roomInNote(strain.genes.count) - (stored?.part.length ?? 0);
  const { config, outcome, genotype, seen } = drawUntried(situation, context, present, lineage, room);
  const why: Why = { code: "cma-es", run, generation, index, populationSize: lambda, sigma: gaussian.sigma, outcome };
  if (isFixed(context)) return { config, why };
  const genes = genotype ?? genotypeOf(strain.genes, problem.space.encode(config));
  const plain: MemberNote = { strain: strain.fingerprint, run, generation, index, since, genotype: lineage.codec.encode(genes) };
  const isPlain = genotype !== null && seen.length === 0 && stored === null;
  return { config, why, note: writeMemberNote(isPlain ? plain : { ...plain, ...extras(genotype === null, seen), ...stored }) };
}

function extras(foreign: boolean, seen: Drawn["seen"]): Partial<MemberNote> {
  return { ...(foreign ? { foreign } : {}), ...(seen.length > 0 ? { seen } : {}) };
}

/**
 * Draws until a config is new. What is known already counts as seen, as long as the note and the generation have room for it: the
 * generation moves on as if it had been tried again.
 */
function drawUntried(situation: Situation, context: SuggestContext, present: Sampling, lineage: Lineage, room: number): Drawn {
  const { problem, history } = situation;
  const { space } = problem;
  const rng = context.rng("cma-es");
  const first = drawMember(situation, context, present, rng);
  if (space.cardinality === Infinity) return { ...first, seen: [] };
  const seen: (readonly [number, string])[] = [];
  const seenLimit = isFixed(context) ? 0 : present.evolution.lambda - 1;
  let left = room;
  let drawn = first;
  for (let redraw = 0; redraw < REDRAW_LIMIT; redraw++) {
    const key = space.key(drawn.config);
    if (!history.hasConfig(key)) return { ...drawn, seen };
    const trial = lineage.generations.judgedTrial(key);
    if (trial !== undefined && drawn.genotype !== null && seen.length < seenLimit) {
      const text = lineage.codec.encode(drawn.genotype);
      left -= text.length + 24;
      if (left >= 0) seen.push([trial, text]);
    }
    drawn = drawMember(situation, context, present, rng);
  }
  const [untried] = untriedConfigs(space, history, context.fixed, context.rng("cma-es-untried"), 1, LOOK_LIMIT);
  return untried === undefined
    ? { ...first, outcome: "repeated", seen: [] }
    : { config: untried, outcome: "left", genotype: null, seen };
}

/** One sample of the distribution, within the parameter constraints and the fixed values. */
function drawMember(situation: Situation, context: SuggestContext, present: Sampling, rng: Rng): Omit<Drawn, "seen"> {
  const { problem, history, strain } = situation;
  const { space } = problem;
  const sampler = createGenotypeSampler(strain, present, rng);
  if (space.parameterConstraints.length === 0 && !isFixed(context)) {
    const genotype = sampler();
    express(strain.genes, genotype, strain.point);
    return { config: space.decode(strain.point), outcome: "drawn", genotype };
  }
  let genotype: Float64Array | null = null;
  const propose = (_: number, point: Float64Array): void => {
    genotype = sampler();
    express(strain.genes, genotype, point);
  };
  const { config, outcome } = drawConfig({ space, history, fixed: context.fixed, propose, rng: context.rng("cma-es-bend") });
  return { config, outcome, genotype: outcome === "drawn" ? genotype : null };
}

function createGenotypeSampler({ genes, z }: Strain, { evolution, basis }: Sampling, rng: Rng): () => Float64Array {
  const { gaussian, stretches, choices } = evolution;
  const d = gaussian.m.length;
  return () => {
    const genotype = new Float64Array(genes.count);
    for (let i = 0; i < d; i++) z[i] = rng.normal();
    sample(gaussian, basis, z, genotype);
    for (let s = 0; s < genes.stepped.length; s++) {
      const i = genes.stepped[s];
      genotype[i] = gaussian.m[i] + stretches[s] * (genotype[i] - gaussian.m[i]);
    }
    for (let c = 0, start = 0; c < genes.counts.length; start += genes.counts[c], c++)
      genotype[d + c] = choiceOf(choices.q, start, genes.counts[c], rng.uniform());
    return genotype;
  };
}

function optionFaults({ populationSize, sigma, restarts, adaptLearningRates, warmStart }: Settings): Fault[] {
  const faults: Fault[] = [];
  const demand = (holds: boolean, path: string, value: unknown, allowed: string): void => {
    if (!holds) faults.push({ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` });
  };
  const isSize =
    Number.isSafeInteger(populationSize) && (populationSize as number) >= 4 && (populationSize as number) <= LARGEST_POPULATION;
  demand(
    populationSize === null || isSize,
    "populationSize",
    populationSize,
    `null or a whole number from 4 to ${LARGEST_POPULATION}`,
  );
  demand(typeof sigma === "number" && sigma > 0 && sigma <= largestDeviation, "sigma", sigma, "a number above 0, at most 1/3");
  demand(typeof restarts === "boolean", "restarts", restarts, "true or false");
  demand(typeof adaptLearningRates === "boolean", "adaptLearningRates", adaptLearningRates, "true or false");
  demand(typeof warmStart === "boolean", "warmStart", warmStart, "true or false");
  return faults;
}
