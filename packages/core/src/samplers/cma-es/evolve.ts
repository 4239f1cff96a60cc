import type { Rng } from "../../numerics/rng.ts";
import { nextChoiceDistribution } from "./choice-distribution.ts";
import { type Basis, basisLifetime, type Constants, capStep, diagonalAt, type Gaussian, nextGaussian } from "./cma-es.ts";
import { alphaOf, constantsOf, createEvolution, type Evolution, type Strain } from "./evolution.ts";
import { dampen } from "./learning-rates.ts";
import { centreSamples, keepStretch } from "./margin.ts";
import type { Individual } from "./population.ts";
import { nextRun, reasonToStop } from "./restarts.ts";

/** What a generation came to. */
export interface Outcome {
  /** Best first; λ of them. */
  readonly ranked: readonly Individual[];
  /** Event at which it was complete. */
  readonly since: number;
  /** Trials it took. */
  readonly evaluationCount: number;
}

/** How runs follow each other. */
export interface Succession {
  readonly restarts: boolean;
  readonly sigma0: number;
  /** For the run with the given number. */
  rng(run: number): Rng;
}

/** Of any coordinate, in ranges of its parameter: mirrored at the bounds, samples of a wider distribution are nearly uniform anyway. */
export const largestDeviation = 1 / 3;

/**
 * The evolution one generation on, or at the start of the next run when this one has nothing more to find.
 *
 * @param basis  What the generation was sampled with.
 */
export function evolve(strain: Strain, old: Evolution, basis: Basis, outcome: Outcome, succession: Succession): Evolution {
  const constants = constantsOf(strain, old.lambda);
  const generation = old.generation + 1;
  const step = { generation, since: outcome.since, evaluationCount: old.evaluationCount + outcome.evaluationCount };
  // Nothing but failures has no better half.
  if (outcome.ranked[0].verdict.rank === 3) return { ...old, ...step };
  const moved = { ...move(strain, old, basis, constants, outcome.ranked), ...step, ...tally(old, outcome.ranked) };
  const next = { ...moved, basisGeneration: isBasisDue(strain, moved, old, constants) ? generation : old.basisGeneration };
  const reason = reasonToStop(next, basis, constants, fullStretch(strain, next.stretches), lossRange(outcome.ranked));
  if (reason === null) return next;
  if (succession.restarts) return restart(strain, next, succession);
  // Numbers that lead nowhere: the same place with a round distribution.
  return reason === "condition" || reason === "divergence"
    ? { ...createEvolution(strain, next, next.gaussian.m, next.choices.q), evaluationCount: next.evaluationCount }
    : next;
}

function isBasisDue(
  { adaptive }: Strain,
  { generation }: Evolution,
  { basisGeneration }: Evolution,
  constants: Constants,
): boolean {
  return generation - basisGeneration >= (adaptive ? 1 : basisLifetime(constants));
}

function restart(strain: Strain, ended: Evolution, { sigma0, rng }: Succession): Evolution {
  const run = ended.run + 1;
  const stream = rng(run);
  const mean = ended.gaussian.m.map(() => stream.uniform());
  const { generation, since } = ended;
  return createEvolution(strain, { run, generation, since, ...nextRun(ended, sigma0, stream) }, mean);
}

function tally(old: Evolution, ranked: readonly Individual[]): Pick<Evolution, "bestLoss" | "bestG" | "recentBests"> {
  const { rank, first } = ranked[0].verdict;
  const g = old.gaussian.g;
  const best = rank === 0 ? first : Infinity;
  const recentBests = old.recentBests.slice();
  recentBests[g % recentBests.length] = best;
  return best < old.bestLoss
    ? { bestLoss: best, bestG: g + 1, recentBests }
    : { bestLoss: old.bestLoss, bestG: old.bestG, recentBests };
}

function lossRange(ranked: readonly Individual[]): number {
  const feasible = ranked.filter(({ verdict }) => verdict.rank === 0);
  return feasible.length === 0 ? Number.NaN : feasible[feasible.length - 1].verdict.first - feasible[0].verdict.first;
}

/** (d,) A of every numeric gene. */
export function fullStretch({ genes }: Strain, stretches: Float64Array): Float64Array {
  const out = new Float64Array(genes.numeric.length).fill(1);
  genes.stepped.forEach((i, s) => {
    out[i] = stretches[s];
  });
  return out;
}

function move(strain: Strain, old: Evolution, basis: Basis, constants: Constants, ranked: readonly Individual[]): Evolution {
  const { genes } = strain;
  const { d, lambda, mu, weights } = constants;
  const alpha = alphaOf(genes);
  const drawn = new Float64Array(lambda * genes.choices.length);
  ranked.forEach(({ genotype }, k) => {
    drawn.set(genotype.subarray(d), k * genes.choices.length);
  });
  const choices =
    genes.choices.length === 0 ? old.choices : nextChoiceDistribution(old.choices, genes.counts, drawn, weights, mu, alpha);
  if (d === 0) return { ...old, choices, gaussian: { ...old.gaussian, g: old.gaussian.g + 1 } };
  const { y, hasMoved } = stepsOf(strain, old, basis, constants, ranked);
  const undamped = nextGaussian(old.gaussian, basis, constants, y);
  const { gaussian: damped, rates } =
    old.rates === null ? { gaussian: undamped, rates: null } : dampen(old.rates, old.gaussian, basis, undamped);
  const { gaussian, stretches, leaving } = keepMargins(strain, old, damped, hasMoved, alpha);
  return {
    ...old,
    choices,
    rates,
    stretches,
    leaving,
    gaussian: withinRange(gaussian, fullStretch(strain, stretches), constants),
  };
}

interface Steps {
  /** (λ, d) row-major. */
  readonly y: Float64Array;
  /** Of each stepped gene, whether one of the better samples lay in another cell than the mean. */
  readonly hasMoved: readonly boolean[];
}

function stepsOf(strain: Strain, old: Evolution, basis: Basis, { d, mu }: Constants, ranked: readonly Individual[]): Steps {
  const { genes } = strain;
  const { m, sigma } = old.gaussian;
  const stretch = fullStretch(strain, old.stretches);
  const x = new Float64Array(ranked.length * d);
  ranked.forEach(({ genotype }, k) => {
    for (let i = 0; i < d; i++) x[k * d + i] = Number.isNaN(genotype[i]) ? m[i] : genotype[i];
  });
  const better = new Float64Array(mu);
  const hasMoved = genes.stepped.map((i) => {
    const { cells } = genes.numeric[i];
    for (let k = 0; k < mu; k++) better[k] = x[k * d + i];
    const moved = cells !== null && centreSamples(cells, m[i], better);
    for (let k = 0; k < mu; k++) x[k * d + i] = better[k];
    return moved;
  });
  for (let k = 0; k < ranked.length; k++) {
    for (let i = 0; i < d; i++) x[k * d + i] = (x[k * d + i] - m[i]) / (sigma * stretch[i]);
    if (ranked[k].foreign) capStep(basis, x, k * d);
  }
  return { y: x, hasMoved };
}

function keepMargins(
  { genes, diagonal }: Strain,
  old: Evolution,
  gaussian: Gaussian,
  hasMoved: readonly boolean[],
  alpha: number,
): Pick<Evolution, "gaussian" | "stretches" | "leaving"> {
  if (genes.stepped.length === 0) return { gaussian, stretches: old.stretches, leaving: old.leaving };
  const m = gaussian.m.slice();
  const stretches = old.stretches.slice();
  const leaving = old.leaving.slice();
  genes.stepped.forEach((i, s) => {
    const { cells } = genes.numeric[i];
    if (cells === null) return;
    const deviation = gaussian.sigma * Math.sqrt(gaussian.C[diagonalAt(i, diagonal)]);
    const kept = keepStretch(cells, { m: m[i], A: stretches[s], p: leaving[s] }, deviation, hasMoved[s], alpha);
    m[i] = kept.m;
    stretches[s] = kept.A;
    leaving[s] = kept.p;
  });
  return { gaussian: { ...gaussian, m }, stretches, leaving };
}

function withinRange(gaussian: Gaussian, stretch: Float64Array, { d, diagonal }: Constants): Gaussian {
  let largest = 0;
  for (let i = 0; i < d; i++)
    largest = Math.max(largest, gaussian.sigma * stretch[i] * Math.sqrt(gaussian.C[diagonalAt(i, diagonal)]));
  return largest > largestDeviation ? { ...gaussian, sigma: (gaussian.sigma * largestDeviation) / largest } : gaussian;
}
