import { canonicalJson } from "../../json.ts";
import { canonicalHash } from "../../numerics/canonical-hash.ts";
import type { Space } from "../../parameters/space.ts";
import { type ChoiceDistribution, createChoiceDistribution, keepMargin } from "./choice-distribution.ts";
import { type Constants, createConstants, createDiagonalConstants, createGaussian, type Gaussian } from "./cma-es.ts";
import { createGenes, type Genes } from "./genes.ts";
import { createLearningRates, type LearningRates } from "./learning-rates.ts";
import { marginOf } from "./margin.ts";
import type { Regime, Restarts } from "./restarts.ts";

/** What of an evolution's layout does not change from generation to generation. */
export interface Strain {
  readonly genes: Genes;
  readonly diagonal: boolean;
  readonly adaptive: boolean;
  /** Equal where genotypes and packed evolutions mean the same. */
  readonly fingerprint: number;
  /** Scratch: (d,) normal numbers, and a point. */
  readonly z: Float64Array;
  readonly point: Float64Array;
}

// Above this many numeric coordinates C is kept as its diagonal.
const FULL_LIMIT = 100;
/** Raised when packed evolutions or genotypes mean something else than before. */
const LAYOUT = 1;

/** @param adaptive  Whether learning rates adapt. */
export function createStrain(space: Space, adaptive: boolean): Strain {
  const genes = createGenes(space);
  const d = genes.numeric.length;
  const fingerprint = canonicalHash([canonicalJson(space.parameters), LAYOUT, adaptive ? 1 : 0])[0];
  return {
    genes,
    diagonal: d === 0 || d > FULL_LIMIT,
    adaptive,
    fingerprint,
    z: new Float64Array(d),
    point: new Float64Array(space.dimensions.length),
  };
}

/** The distribution that a generation is sampled from, and all that the next one needs to know of the path to it. */
export interface Evolution {
  readonly run: number;
  /** Counts through all runs, from 1. */
  readonly generation: number;
  /** Event at which the generation before was complete: what finishes later belongs to this one. */
  readonly since: number;
  readonly lambda: number;
  readonly sigma0: number;
  readonly restarts: Restarts;
  /** Evaluations of this run, its best loss, and the generation of the run that found it. */
  readonly evaluationCount: number;
  readonly bestLoss: number;
  readonly bestG: number;
  /** Best losses of the last generations of the run, a ring by g. */
  readonly recentBests: Float64Array;
  /** The generation whose C the samples' B and D are made of. */
  readonly basisGeneration: number;
  readonly gaussian: Gaussian;
  /** (stepped,) A and p of the margin. */
  readonly stretches: Float64Array;
  readonly leaving: Float64Array;
  readonly choices: ChoiceDistribution;
  readonly rates: LearningRates | null;
}

export function constantsOf({ genes, diagonal }: Strain, lambda: number): Constants {
  return (diagonal ? createDiagonalConstants : createConstants)(genes.numeric.length, lambda);
}

export function alphaOf({ stepped, choices }: Genes): number {
  return marginOf(stepped.length + choices.length);
}

export type Birth = Pick<Evolution, "run" | "generation" | "since" | "lambda" | "sigma0" | "restarts">;

/** The first generation of a run around `mean`, with the choices' probabilities by prior unless given. */
export function createEvolution(strain: Strain, birth: Birth, mean: Float64Array, q?: Float64Array): Evolution {
  const { genes, diagonal, adaptive } = strain;
  const gaussian = createGaussian(mean, birth.sigma0, diagonal);
  const probabilities = q ?? Float64Array.from(genes.choices.flatMap(({ prior }) => [...prior]));
  keepMargin(probabilities, genes.counts, alphaOf(genes));
  return {
    ...birth,
    evaluationCount: 0,
    bestLoss: Infinity,
    bestG: 0,
    recentBests: new Float64Array(recentLength(genes.count, birth.lambda)).fill(Infinity),
    basisGeneration: birth.generation,
    gaussian,
    stretches: new Float64Array(genes.stepped.length).fill(1),
    leaving: new Float64Array(genes.stepped.length).fill(0.5 - 1e-8),
    choices: createChoiceDistribution(probabilities, genes.counts),
    rates: adaptive ? createLearningRates(mean.length, gaussian.C.length) : null,
  };
}

/** How many generations the range of best losses is taken over: 10 + ⌈30 d / λ⌉. */
function recentLength(geneCount: number, lambda: number): number {
  return 10 + Math.ceil((30 * geneCount) / lambda);
}

const regimes: readonly Regime[] = ["first", "large", "small"];

/** All numbers of an evolution in one array; `unpackEvolution` gives back the same bits. */
export function packEvolution(evolution: Evolution): Float64Array {
  const { gaussian, restarts, choices, rates } = evolution;
  return joined([
    Float64Array.of(evolution.lambda, evolution.run, evolution.generation, evolution.since, evolution.sigma0),
    Float64Array.of(regimes.indexOf(restarts.regime), restarts.largeCount, restarts.largeEvaluations, restarts.smallEvaluations),
    Float64Array.of(restarts.defaultLambda, evolution.evaluationCount, evolution.bestLoss, evolution.bestG),
    Float64Array.of(evolution.basisGeneration, gaussian.g, gaussian.sigma, choices.delta, choices.gamma),
    gaussian.m,
    gaussian.pSigma,
    gaussian.pC,
    gaussian.C,
    evolution.stretches,
    evolution.leaving,
    choices.q,
    choices.s,
    evolution.recentBests,
    ...(rates === null ? [] : [Float64Array.of(rates.etaM, rates.etaSigma, rates.vM, rates.vSigma), rates.eM, rates.eSigma]),
  ]);
}

/** Length of the packed form. */
export function packedLength({ genes, diagonal, adaptive }: Strain, lambda: number): number {
  const d = genes.numeric.length;
  const c = diagonal ? d : (d * (d + 1)) / 2;
  const q = genes.counts.reduce((sum, K) => sum + K, 0);
  const rates = adaptive ? 4 + d + c : 0;
  return 18 + 3 * d + c + 2 * genes.stepped.length + 2 * q - genes.counts.length + recentLength(genes.count, lambda) + rates;
}

/** Null if the numbers do not fit. */
export function unpackEvolution(strain: Strain, packed: Float64Array): Evolution | null {
  const lambda = packed[0];
  if (!(Number.isSafeInteger(lambda) && lambda >= 4) || packed.length !== packedLength(strain, lambda)) return null;
  const { genes, diagonal, adaptive } = strain;
  const d = genes.numeric.length;
  const c = diagonal ? d : (d * (d + 1)) / 2;
  const q = genes.counts.reduce((sum, K) => sum + K, 0);
  let at = 0;
  const take = (count: number): Float64Array => {
    at += count;
    return packed.slice(at - count, at);
  };
  const [, run, generation, since, sigma0] = take(5);
  const [regime, largeCount, largeEvaluations, smallEvaluations] = take(4);
  const [defaultLambda, evaluationCount, bestLoss, bestG] = take(4);
  const [basisGeneration, g, sigma, delta, gamma] = take(5);
  const gaussian = { g, sigma, m: take(d), pSigma: take(d), pC: take(d), C: take(c) };
  const [stretches, leaving] = [take(genes.stepped.length), take(genes.stepped.length)];
  const choices = { q: take(q), s: take(q - genes.counts.length), delta, gamma };
  const recentBests = take(recentLength(genes.count, lambda));
  const restarts = { regime: regimes[regime], largeCount, largeEvaluations, smallEvaluations, defaultLambda };
  const rates = adaptive ? unpackRates(take, d, c) : null;
  return {
    ...{ run, generation, since, lambda, sigma0, restarts, evaluationCount, bestLoss, bestG, recentBests, basisGeneration },
    ...{ gaussian, stretches, leaving, choices, rates },
  };
}

function unpackRates(take: (count: number) => Float64Array, d: number, c: number): LearningRates {
  const [etaM, etaSigma, vM, vSigma] = take(4);
  return { etaM, etaSigma, vM, vSigma, eM: take(d), eSigma: take(c) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
