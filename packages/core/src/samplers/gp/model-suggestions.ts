import type { Space } from "../../parameters/space.ts";
import type { Why } from "../../trial/trial.ts";
import type { Suggestion } from "../sampler.ts";
import { Acquisition } from "./acquisition.ts";
import { searchAcquisition } from "./acquisition-search.ts";
import { type Box, drawCandidates } from "./candidates.ts";
import { chooseConfig, type Question } from "./choose-config.ts";
import { gpNote, newestFits } from "./gp-note.ts";
import { highDimension } from "./hyperprior.ts";
import { gatherPoint, type KernelLayout, kernelLayout } from "./kernel-layout.ts";
import { modelOutcomes, type OutcomeModels } from "./outcome-models.ts";
import { SearchDomain } from "./search-domain.ts";
import { Surrogates } from "./surrogate.ts";
import { trustRegion, trustRegionWidth } from "./trust-region.ts";

/** How the model is used. */
export interface ModelSettings {
  readonly candidateCount: number;
  readonly searchCount: number;
  readonly warpLosses: boolean;
  readonly warpInputs: boolean;
  readonly noiseless: boolean;
}

const BASE_COUNT = 3;
// β of πBO.
const PRIOR_STRENGTH = 10;

/** Suggests by models of the results; keeps what speeds up the next suggestion, nothing that changes it. */
export class ModelSuggestions {
  readonly #settings: ModelSettings;
  readonly #surrogates = new Surrogates();
  readonly #layouts = new WeakMap<Space, KernelLayout>();

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  suggest(question: Question): Suggestion {
    const { problem, history, context, observations } = question;
    const { space } = problem;
    const settings = this.#settings;
    const layout = this.#layouts.get(space) ?? kernelLayout(space);
    this.#layouts.set(space, layout);
    const models = modelOutcomes(
      {
        ...{ history, observations, layout },
        isConstrained: problem.outcomeConstraints.length > 0,
        noiseless: settings.noiseless,
        warpsLosses: settings.warpLosses,
        warpsInputs: settings.warpInputs,
        previous: newestFits(problem, history),
        rng: (purpose) => context.rng(purpose),
      },
      this.#surrogates,
    );
    const acquisition = new Acquisition(layout, models.posteriors, models.utility, PRIOR_STRENGTH / observations.results.length);
    const domain = new SearchDomain(space, layout, context.fixed);
    const bases = baseLatents(question, layout, models);
    const inverseLengths = commonInverseLengths(models);
    const box = searchBox(question, layout, models, bases[0], inverseLengths);
    const candidates = drawCandidates(domain, bases, inverseLengths, box, settings.candidateCount, context.rng("gp-candidates"));
    const { searchCount: startCount } = settings;
    const extraStarts = bases.slice(0, Math.min(models.bestCount, BASE_COUNT));
    const rng = context.rng("gp-search");
    const found = searchAcquisition({ domain, acquisition, candidates, extraStarts, inverseLengths, box, startCount, rng });
    const { point, config, value, ...outcome } = chooseConfig(question, domain, acquisition, found);
    const why = { ...explain(question, models, point, value), ...outcome };
    return { config, why, note: gpNote(problem, models.fitted) };
  }
}

/** Latents of the best results; what is inactive in them gets a value at random. */
function baseLatents(
  { history, context }: Question,
  layout: KernelLayout,
  { ranking, bestCount }: OutcomeModels,
): Float64Array[] {
  const d = layout.columns.length;
  const rng = context.rng("gp-bases");
  return Array.from(ranking.subarray(0, Math.max(BASE_COUNT, Math.min(bestCount, 2 * BASE_COUNT))), (row) => {
    const latent = new Float64Array(d);
    gatherPoint(layout, history.points, row * d, latent, 0);
    return latent.map((u) => (Number.isNaN(u) ? rng.uniform() : u));
  });
}

/** Geometric means over the loss models. */
function commonInverseLengths({ losses: { posteriors } }: OutcomeModels): Float64Array {
  return posteriors[0].kernel.inverseLengths.map((_, j) =>
    Math.exp(posteriors.reduce((sum, { kernel }) => sum + Math.log(kernel.inverseLengths[j]), 0) / posteriors.length),
  );
}

function searchBox(
  { history, observations, startupCount }: Question,
  { dimensions }: KernelLayout,
  { kind }: OutcomeModels,
  centre: Float64Array,
  inverseLengths: Float64Array,
): Box {
  const d = centre.length;
  if (d <= highDimension || history.objectiveCount > 1 || kind === "feasibility") {
    return { lower: new Float64Array(d), upper: new Float64Array(d).fill(1) };
  }
  const width = trustRegionWidth(observations.losses, startupCount, d);
  return trustRegion(centre, inverseLengths, (j) => dimensions[j].kind === "categorical", width);
}

const codes = {
  improvement: "gp",
  hypervolume: "gp-hypervolume",
  chebyshev: "gp-chebyshev",
  feasibility: "gp-feasibility",
} as const;

function explain({ history, observations }: Question, models: OutcomeModels, point: Float64Array, value: number): Why {
  const { kind, losses, ranking, isRefitted } = models;
  const why = { code: codes[kind], resultCount: observations.results.length, logUtility: finiteOrNull(value), isRefitted };
  if (kind === "chebyshev") return why;
  const predictions = losses.posteriors.map((posterior, k) => {
    const mean = new Float64Array(1);
    const variance = new Float64Array(1);
    posterior.predict(point, 1, mean, variance);
    const { inverse } = losses.warps[k];
    const sd = Math.sqrt(variance[0]);
    return [mean[0], mean[0] - sd, mean[0] + sd].map((modelled) => finiteOrNull(inverse(modelled)));
  });
  if (predictions.length > 1) return { ...why, predicted: predictions.map(([median]) => median) };
  const [[predicted, low, high]] = predictions;
  return { ...why, predicted, low, high, best: finiteOrNull(history.losses[ranking[0]]) };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}
