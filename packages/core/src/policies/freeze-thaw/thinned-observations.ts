import { gatherPoint } from "../../samplers/gp/kernel-layout.ts";
import type { History } from "../../trial/history.ts";
import type { CurveTheta } from "./curve-kernel.ts";
import type { CurveObservations } from "./curve-posterior.ts";
import { type LearningCurve, type LossScale, scaledLoss } from "./learning-curves.ts";

export interface ObservedCurves extends CurveObservations {
  /** Place of a trial's curve among those that are observed, by row. */
  readonly placeOf: ReadonlyMap<number, number>;
}

export interface ThinningRequest {
  readonly theta: CurveTheta;
  readonly history: History;
  /** Most interesting first. */
  readonly curves: readonly LearningCurve[];
  readonly scale: LossScale;
  /** Greatest fidelity; times are shares of it. */
  readonly max: number;
  /** Most observations, those under way not counted. */
  readonly limit: number;
}

interface Observation {
  readonly curve: number;
  readonly time: number;
  readonly value: number;
}

/**
 * What the model learns from: of each curve the reports number 1, 2, 4, 8, … and the last two, as long as there is room for one of each
 * curve that follows, then the last only. A trial that was lost counts as one that came out like the worst. What is under way stands
 * behind the others, at the fidelity it was told to train to, without a value.
 */
export function thinnedObservations(request: ThinningRequest): ObservedCurves {
  const { theta, history, scale, max, limit } = request;
  const kept = request.curves.filter(isTelling).slice(0, limit);
  const d = theta.layout.columns.length;
  const points = new Float64Array(kept.length * d);
  kept.forEach(({ row }, i) => {
    gatherPoint(theta.layout, history.points, row * d, points, i * d);
  });
  const worst = kept.reduce((most, { loss }) => (Number.isFinite(loss) ? Math.max(most, scaledLoss(scale, loss)) : most), 1);
  const known: Observation[] = [];
  const pending: Observation[] = [];
  kept.forEach((each, curve) => {
    const { row, standing, target, reached } = each;
    const { count, fidelities, losses } = history.curve(row);
    const room = limit - known.length - (kept.length - curve - 1);
    if (standing === "lost") known.push({ curve, time: Math.min(1, Math.max(target, reached) / max), value: worst });
    else
      for (const i of keptReports(losses, count, room))
        known.push({ curve, time: Math.min(1, fidelities[i] / max), value: scaledLoss(scale, losses[i]) });
    if (standing === "under-way" && target > reached) pending.push({ curve, time: Math.min(1, target / max), value: 0 });
  });
  const all = [...known, ...pending];
  return {
    curveCount: kept.length,
    points,
    curves: Int32Array.from(all, ({ curve }) => curve),
    times: Float64Array.from(all, ({ time }) => time),
    values: Float64Array.from(known, ({ value }) => value),
    placeOf: new Map(kept.map(({ row }, i) => [row, i])),
  };
}

/** Whether a curve has a loss, is lost, or may soon have one. */
function isTelling({ loss, standing, target }: LearningCurve): boolean {
  return Number.isFinite(loss) || (target > 0 && (standing === "lost" || standing === "under-way"));
}

/** Indices of the reports that are kept, ascending; those without a finite loss are passed over. */
function keptReports(losses: Float64Array, count: number, room: number): number[] {
  const finite: number[] = [];
  for (let i = 0; i < count; i++) if (Number.isFinite(losses[i])) finite.push(i);
  const last = finite.length - 1;
  const kept = finite.filter((_, k) => k >= last - 1 || Number.isInteger(Math.log2(k + 1)));
  return kept.length <= room ? kept : finite.slice(-Math.max(0, Math.min(1, room)));
}
