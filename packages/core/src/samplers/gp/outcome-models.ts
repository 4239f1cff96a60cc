import { nonDominatedRanks } from "../../numerics/pareto-ranks.ts";
import type { Rng } from "../../numerics/rng.ts";
import type { History } from "../../trial/history.ts";
import { chebyshevLosses } from "./chebyshev.ts";
import { type ConditionModel, failureData, violationData } from "./condition-data.ts";
import type { FittedTheta } from "./fit.ts";
import type { FittedModels } from "./gp-note.ts";
import { hyperprior } from "./hyperprior.ts";
import { gatherPoint, type KernelLayout } from "./kernel-layout.ts";
import { logEhvi, referencePoint } from "./log-ehvi.ts";
import { modelledSubset, type Observations } from "./observations.ts";
import { type OutputWarp, warpLosses } from "./output-warp.ts";
import type { Posterior } from "./posterior.ts";
import type { Surrogates } from "./surrogate.ts";
import { logEi, logProbabilityBelow, product, type Utility } from "./utility.ts";

export interface ModelRequest {
  readonly history: History;
  readonly observations: Observations;
  readonly layout: KernelLayout;
  readonly isConstrained: boolean;
  readonly noiseless: boolean;
  readonly warpsLosses: boolean;
  readonly warpsInputs: boolean;
  readonly previous: FittedModels;
  /** A stream for each purpose. */
  readonly rng: (purpose: string) => Rng;
}

/** What the models say about where to go. */
export interface OutcomeModels {
  readonly kind: "improvement" | "hypervolume" | "chebyshev" | "feasibility";
  readonly utility: Utility;
  /** One for each outcome of the utility. */
  readonly posteriors: readonly Posterior[];
  readonly losses: LossModels;
  /** Modelled results (rows of the history), best first: by expected loss, of several by front; infeasible ones last. */
  readonly ranking: Int32Array;
  /** How many of them are equally best. */
  readonly bestCount: number;
  readonly fitted: FittedModels;
  readonly isRefitted: boolean;
}

/** Models of the losses, or of the one Chebyshev loss that stands for three or more. */
export interface LossModels {
  readonly posteriors: readonly Posterior[];
  readonly warps: readonly OutputWarp[];
}

/** The results that are modelled. */
interface Data {
  readonly rows: Int32Array;
  /** (rows, m) */
  readonly losses: Float64Array;
  readonly isFeasible: Uint8Array;
}

type Fit = (name: string, rows: Int32Array, pending: Int32Array, y: Float64Array, fits: boolean) => Posterior;

// Of the signal. Beyond, what is expected of the best trial counts as the best, lest a lucky loss be chased for ever.
const NOISE_SHARE = 0.01;

/** Fits a model to every outcome of the trials, where that is due. */
export function modelOutcomes(request: ModelRequest, surrogates: Surrogates): OutcomeModels {
  const fitted: Record<string, FittedTheta> = {};
  let isRefitted = false;
  const prior = hyperprior(request.layout, request.noiseless);
  const fit: Fit = (name, rows, pending, y, fits) => {
    const points = pointsOf(request, [...rows, ...pending]);
    const { layout, previous, rng } = request;
    const surrogate = surrogates.fit({
      ...{ name, layout, prior, points, y, fits },
      // The weights of several objectives change from one suggestion to the next, and of conditions too little is known.
      warps: request.warpsInputs && name.startsWith("loss"),
      pendingCount: pending.length,
      previous: previous[name],
      rng: rng(`gp-fit-${name}`),
    });
    if (fits) fitted[name] = surrogate.fitted;
    isRefitted ||= surrogate.isRefitted;
    return surrogate.posterior;
  };
  const data = modelledData(request);
  const losses = modelLosses(request, data, fit);
  const conditions = modelConditions(request, data, fit);
  const hasFeasible = data.isFeasible.includes(1);
  const values = believedLosses(losses.posteriors);
  const loss = hasFeasible ? lossUtility(request, data, values) : null;
  return {
    kind: loss?.kind ?? "feasibility",
    utility: product([...(loss === null ? [] : [loss.utility]), ...conditions.map(({ utility }) => utility)]),
    posteriors: [...(loss === null ? [] : losses.posteriors), ...conditions.map(({ posterior }) => posterior)],
    losses,
    ...rank(request, data, values),
    fitted,
    isRefitted,
  };
}

function pointsOf({ history, layout }: ModelRequest, rows: readonly number[]): Float64Array {
  const d = layout.columns.length;
  const points = new Float64Array(rows.length * d);
  rows.forEach((row, at) => {
    gatherPoint(layout, history.points, row * d, points, at * d);
  });
  return points;
}

function modelledData(request: ModelRequest): Data {
  const { history, observations, isConstrained } = request;
  const { results, losses } = observations;
  const m = history.objectiveCount;
  const chosen = modelledSubset(history, observations, () => pointsOf(request, [...results]));
  const rows = Int32Array.from(chosen, (i) => results[i]);
  return {
    rows,
    losses: Float64Array.from({ length: rows.length * m }, (_, at) => losses[chosen[Math.floor(at / m)] * m + (at % m)]),
    isFeasible: Uint8Array.from(rows, (row) => (!isConstrained || history.violations[row] <= 0 ? 1 : 0)),
  };
}

function modelLosses({ history, observations, warpsLosses, rng }: ModelRequest, { rows, losses }: Data, fit: Fit): LossModels {
  const m = history.objectiveCount;
  const { pending } = observations;
  const warps = Array.from({ length: m }, (_, k) =>
    warpLosses(
      Float64Array.from(rows, (_, i) => losses[i * m + k]),
      warpsLosses,
    ),
  );
  if (m <= 2) {
    return { warps, posteriors: warps.map(({ values }, k) => fit(m === 1 ? "loss" : `loss${k}`, rows, pending, values, true)) };
  }
  const warped = Float64Array.from(losses, (_, at) => warps[at % m].values[Math.floor(at / m)]);
  const scalar = warpLosses(chebyshevLosses(warped, rows.length, m, rng("gp-weights")), false);
  return { warps: [scalar], posteriors: [fit("chebyshev", rows, pending, scalar.values, true)] };
}

function modelConditions(request: ModelRequest, data: Data, fit: Fit): { posterior: Posterior; utility: Utility }[] {
  const { history, observations, isConstrained } = request;
  const models: ConditionModel[] = [];
  if (isConstrained) models.push(...violationData(history, data.rows));
  models.push(...failureData(history, data.rows, observations.failed));
  const hasFeasible = data.isFeasible.includes(1);
  return models.map(({ name, rows, y, threshold, fits, isNoisy }) => {
    const posterior = fit(name, rows, new Int32Array(0), y, fits);
    // Far below all that was seen a probability only says where least is known; less violation is the way to none.
    if (name === "violation" && !hasFeasible) return { posterior, utility: logEi(Math.min(...posterior.means)) };
    return { posterior, utility: logProbabilityBelow(threshold, isNoisy ? posterior.kernel.noise : 0) };
  });
}

/** Per model: the losses of results and pending trials, their posterior means where noise matters. */
function believedLosses(posteriors: readonly Posterior[]): readonly Float64Array[] {
  const isNoisy = posteriors.some(({ kernel }) => kernel.noise > NOISE_SHARE * kernel.signal);
  return posteriors.map(({ believed, means }) => (isNoisy ? means : believed));
}

function lossUtility(
  { history, isConstrained }: ModelRequest,
  { rows, isFeasible }: Data,
  values: readonly Float64Array[],
): { kind: "improvement" | "hypervolume" | "chebyshev"; utility: Utility } {
  // Nobody knows yet whether pending trials keep the constraints.
  const counts = (i: number): boolean => (i < rows.length ? isFeasible[i] === 1 : !isConstrained);
  if (values.length === 1) {
    const incumbent = values[0].reduce((best, value, i) => (counts(i) ? Math.min(best, value) : best), Infinity);
    return { kind: history.objectiveCount === 1 ? "improvement" : "chebyshev", utility: logEi(incumbent) };
  }
  const pairs: number[] = [];
  for (let i = 0; i < values[0].length; i++) if (counts(i)) pairs.push(values[0][i], values[1][i]);
  const losses = Float64Array.from(pairs);
  const ranks = nonDominatedRanks(losses, losses.length / 2, 2);
  const front = losses.filter((_, at) => ranks[at >> 1] === 0);
  return { kind: "hypervolume", utility: logEhvi(front, referencePoint(front, losses)) };
}

function rank(
  { history }: ModelRequest,
  { rows, isFeasible }: Data,
  values: readonly Float64Array[],
): Pick<OutcomeModels, "ranking" | "bestCount"> {
  const n = rows.length;
  const keys = rankKeys(values, n);
  const indices = Int32Array.from(rows, (_, i) => i);
  const violationOf = (i: number): number =>
    isFeasible[i] ? 0 : Number.isNaN(history.violations[rows[i]]) ? Infinity : history.violations[rows[i]];
  const violations = Float64Array.from(indices, violationOf);
  const order = indices.sort(
    (a, b) => (violations[a] === violations[b] ? keys[a] - keys[b] : violations[a] - violations[b]) || a - b,
  );
  let bestCount = 1;
  while (values.length > 1 && bestCount < n && isFeasible[order[bestCount]] && keys[order[bestCount]] === keys[order[0]])
    bestCount++;
  return { ranking: order.map((i) => rows[i]), bestCount };
}

function rankKeys(values: readonly Float64Array[], n: number): ArrayLike<number> {
  if (values.length === 1) return values[0];
  return nonDominatedRanks(
    Float64Array.from({ length: 2 * n }, (_, at) => values[at % 2][at >> 1]),
    n,
    2,
  );
}
