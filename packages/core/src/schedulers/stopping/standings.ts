import { nonDominatedRanks } from "../../numerics/pareto-ranks.ts";
import type { Curve } from "../../trial/history.ts";
import { bestLoss, type JudgedCurves, lastFidelity, worstIfNaN } from "./judged-curves.ts";

/** How well trials stood at one fidelity; smaller is better, NaN does not occur. */
export interface Standings {
  readonly own: number;
  /** (n,) of the trials that have come as far, in whatever state they are now. */
  readonly others: Float64Array;
}

/**
 * Standings at the last fidelity of a row's curve.
 *
 * One loss: its own best so far, infinity if its newest is NaN, beside the others' newest losses at or before that fidelity. Several
 * losses: the non-domination ranks, 0 for the front, of all newest losses there. NaN is as bad as infinity.
 * A trial counts if it reported both at or before, and at or beyond, that fidelity.
 *
 * @param row  Its curve has a report.
 *
 * Cost: O(all reports) time; with m losses that of `nonDominatedRanks` besides.
 */
export function standingsAtLast(curves: JudgedCurves, row: number): Standings {
  const own = curves.curve(row);
  const fidelity = lastFidelity(own);
  const rivals: Curve[] = [];
  for (const other of curves.rows) {
    if (other === row || curves.isEmpty(other)) continue;
    const curve = curves.curve(other);
    if (lastFidelity(curve) >= fidelity && curve.fidelities[0] <= fidelity) rivals.push(curve);
  }
  return curves.lossCount === 1 ? byLoss(own, rivals, fidelity) : byFront(own, rivals, fidelity, curves.lossCount);
}

function byLoss(own: Curve, rivals: readonly Curve[], fidelity: number): Standings {
  const isNewestNaN = Number.isNaN(own.losses[own.count - 1]);
  return {
    own: isNewestNaN ? Number.POSITIVE_INFINITY : bestLoss(own, own.count),
    others: Float64Array.from(rivals, (curve) => worstIfNaN(curve.losses[reportCountAt(curve, fidelity) - 1])),
  };
}

function byFront(own: Curve, rivals: readonly Curve[], fidelity: number, m: number): Standings {
  const losses = new Float64Array((rivals.length + 1) * m);
  [own, ...rivals].forEach((curve, i) => {
    const from = (reportCountAt(curve, fidelity) - 1) * m;
    for (let k = 0; k < m; k++) losses[i * m + k] = worstIfNaN(curve.losses[from + k]);
  });
  const ranks = nonDominatedRanks(losses, rivals.length + 1, m);
  return { own: ranks[0], others: Float64Array.from(ranks.subarray(1)) };
}

/** Reports at or before a fidelity. */
function reportCountAt({ count, fidelities }: Curve, fidelity: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fidelities[middle] <= fidelity) low = middle + 1;
    else high = middle;
  }
  return low;
}
