import type { Rng } from "../../numerics/rng.ts";
import { normalCdf } from "../../numerics/special-functions.ts";
import { gatherPoint } from "../../samplers/gp/kernel-layout.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import { curveTheta } from "./curve-kernel.ts";
import { type CurvePosterior, type CurvePrediction, conditionCurves } from "./curve-posterior.ts";
import { fitCurves } from "./fit-curves.ts";
import { type LearningCurve, type LossScale, lossScale, scaledLoss } from "./learning-curves.ts";
import type { NewConfig } from "./new-configs.ts";
import { thinnedObservations } from "./thinned-observations.ts";

/** The model conditioned on what a study has seen. */
export interface FreezeThawModel {
  readonly scale: LossScale;
  /** Mean scaled loss at the greatest fidelity. Only of curves that wait. */
  meanEnd(curve: LearningCurve): number;
  end(curve: LearningCurve): CurvePrediction;
  /** After `more` further, in the fidelity's unit, but not beyond the greatest. */
  ahead(curve: LearningCurve, more: number): CurvePrediction;
  /** After the first `more` of a new config. */
  aheadOfNew(candidate: NewConfig, more: number): CurvePrediction;
}

// A posterior costs n³ / 6, each prediction n² / 2; each of some dozens of likelihoods of the fit n³ / 6 again.
const posteriorLimit = 360;
const fitLimit = 48;

/** Null before there is a curve to learn from. */
export function freezeThawModel(
  { space }: Problem,
  fidelity: Fidelity,
  history: History,
  curves: readonly LearningCurve[],
): FreezeThawModel | null {
  const scale = lossScale(history, curves);
  if (scale === null) return null;
  const { max } = fidelity;
  const theta = curveTheta(space);
  const common = { theta, history, scale, max };
  const observed = thinnedObservations({ ...common, curves: byPromise(curves), limit: posteriorLimit });
  // Finite losses of trials that ended with another are no curves.
  if (observed.values.length === 0) return null;
  const at = fitCurves(theta, thinnedObservations({ ...common, curves: fittedCurves(curves), limit: fitLimit }));
  const posterior: CurvePosterior = conditionCurves(theta, at, observed);
  const placeOf = (row: number): number => observed.placeOf.get(row) ?? -1;
  const point = new Float64Array(space.dimensions.length);
  const predict = ({ row }: LearningCurve, time: number): CurvePrediction => {
    if (placeOf(row) >= 0) return posterior.ofCurve(placeOf(row), time);
    gatherPoint(theta.layout, history.points, row * point.length, point, 0);
    return posterior.ofConfig(point, time);
  };
  return {
    scale,
    meanEnd: (curve) => (placeOf(curve.row) < 0 ? Infinity : posterior.meanOfCurve(placeOf(curve.row), 1)),
    end: (curve) => predict(curve, 1),
    ahead: (curve, more) => predict(curve, Math.min(1, (curve.reached + more) / max)),
    aheadOfNew(candidate, more) {
      gatherPoint(theta.layout, candidate.point, 0, point, 0);
      return posterior.ofConfig(point, Math.min(1, more / max));
    },
  };
}

/** Those that are under way or have come to the least loss first: what is farthest behind is told by its last report alone. */
function byPromise(curves: readonly LearningCurve[]): LearningCurve[] {
  const rank = ({ standing, loss }: LearningCurve): number =>
    standing === "under-way" ? Number.NEGATIVE_INFINITY : Number.isFinite(loss) ? loss : Infinity;
  return [...curves].sort((a, b) => rankOrder(rank(a), rank(b)) || a.trial - b.trial);
}

function rankOrder(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In turn the one that has come farthest, which shows how curves go on, and the newest, which shows how configs differ. */
function fittedCurves(curves: readonly LearningCurve[]): LearningCurve[] {
  const telling = curves.filter(({ loss }) => Number.isFinite(loss));
  const farthest = [...telling].sort((a, b) => b.reached - a.reached || a.loss - b.loss || a.trial - b.trial);
  const newest = [...telling].reverse();
  const mixed = new Set<LearningCurve>();
  for (let i = 0; i < telling.length; i++) mixed.add(farthest[i]).add(newest[i]);
  return [...mixed].slice(0, fitCurveLimit).map((curve) => ({ ...curve, standing: "over" }));
}

const fitCurveLimit = 16;

/** What the acquisition asks of a curve: to come below a threshold within a horizon. */
export interface Demand {
  /** In units of training, at least 1. */
  readonly horizon: number;
  /** Below 0, the best loss seen. */
  readonly threshold: number;
}

/**
 * A horizon and a threshold, drawn afresh for every decision, so that near and far, small and great gains take turns.
 *
 * Source: H. Rakotoarison et al. (2024), "In-context freeze-thaw Bayesian optimization for hyperparameter optimization", Sec. 4.2
 * (MFPI-random), https://arxiv.org/abs/2404.16795
 * Departs: a gain is a share of the distance from the best to the median curve, not to a perfect score, which is not known.
 */
export function drawDemand(rng: Rng, unitCount: number): Demand {
  return { horizon: 1 + rng.int(unitCount), threshold: -(10 ** (-4 + 3 * rng.uniform())) };
}

/** How many standard deviations the mean is below the threshold; the chance of a gain grows with it, and it tells tiny ones apart. */
export function margin({ mean, sd }: CurvePrediction, threshold: number): number {
  return (threshold - mean) / sd;
}

/** The chance to come below a loss. */
export function chanceBelow(prediction: CurvePrediction, threshold: number): number {
  return normalCdf(margin(prediction, threshold));
}

/** The least loss of a trial that trained to the end and keeps the outcome constraints, scaled; Infinity of none. */
export function bestCompleteLoss(history: History, curves: readonly LearningCurve[], scale: LossScale, max: number): number {
  let best = Infinity;
  for (const { row, standing, reached } of curves) {
    const isSound = standing === "over" && reached >= max && !(history.violations[row] > 0);
    if (isSound && history.losses[row] < best) best = history.losses[row];
  }
  return best === Infinity ? best : scaledLoss(scale, best);
}
