import { growFloat64 } from "./columns.ts";
import type { Curve } from "./history.ts";
import type { RecordedReport } from "./history-recorder.ts";

/** The losses of one trial over fidelity, from the reports of all its replicates. */
export interface CurveRecorder {
  add(report: RecordedReport): void;
  /** The fidelities that every replicate has reported, with the mean of their losses. Valid until the next `add`. */
  curve(): Curve;
}

export function createCurveRecorder(objectiveCount: number, replicateCount: number): CurveRecorder {
  const first = new ReplicateCurve(objectiveCount);
  if (replicateCount === 1) return { add: (report) => first.add(report), curve: () => first };
  const curves = [first, ...Array.from({ length: replicateCount - 1 }, () => new ReplicateCurve(objectiveCount))];
  let mean: Curve | null = null;
  return {
    add(report) {
      curves[report.replicate]?.add(report);
      mean = null;
    },
    curve() {
      mean ??= meanCurve(curves, objectiveCount);
      return mean;
    },
  };
}

/**
 * The curve of one replicate. A newer attempt continues from a checkpoint: what the older ones reported from its first report on did
 * not happen.
 */
class ReplicateCurve implements Curve {
  count = 0;
  fidelities = new Float64Array(8);
  losses: Float64Array<ArrayBuffer>;
  readonly #m: number;
  #attempt = 0;
  /** The current attempt's points are those from this fidelity on. */
  #ownFrom = Number.POSITIVE_INFINITY;

  constructor(objectiveCount: number) {
    this.#m = objectiveCount;
    this.losses = new Float64Array(8 * objectiveCount);
  }

  add({ attempt, fidelity, losses }: RecordedReport): void {
    if (attempt < this.#attempt) return;
    if (attempt > this.#attempt) this.#ownFrom = Number.POSITIVE_INFINITY;
    this.#attempt = attempt;
    const at = this.#indexOf(fidelity);
    if (fidelity < this.#ownFrom) {
      this.#remove(at, this.#indexOf(this.#ownFrom));
      this.#ownFrom = fidelity;
    }
    if (at === this.count || this.fidelities[at] !== fidelity) this.#insert(at);
    this.fidelities[at] = fidelity;
    this.losses.set(losses, at * this.#m);
  }

  /** First index whose fidelity is not below `fidelity`. */
  #indexOf(fidelity: number): number {
    let at = this.count;
    while (at > 0 && this.fidelities[at - 1] >= fidelity) at--;
    return at;
  }

  #remove(from: number, to: number): void {
    this.fidelities.copyWithin(from, to, this.count);
    this.losses.copyWithin(from * this.#m, to * this.#m, this.count * this.#m);
    this.count -= to - from;
  }

  #insert(at: number): void {
    if (this.count === this.fidelities.length) {
      this.fidelities = growFloat64(this.fidelities, 2 * this.count);
      this.losses = growFloat64(this.losses, 2 * this.count * this.#m);
    }
    this.fidelities.copyWithin(at + 1, at, this.count);
    this.losses.copyWithin((at + 1) * this.#m, at * this.#m, this.count * this.#m);
    this.count++;
  }
}

function meanCurve(curves: readonly ReplicateCurve[], m: number): Curve {
  const [lead, ...others] = curves;
  const positions = others.map(() => 0);
  const fidelities: number[] = [];
  const losses: number[] = [];
  for (let i = 0; i < lead.count; i++) {
    const fidelity = lead.fidelities[i];
    const isCommon = others.every((curve, j) => {
      while (positions[j] < curve.count && curve.fidelities[positions[j]] < fidelity) positions[j]++;
      return positions[j] < curve.count && curve.fidelities[positions[j]] === fidelity;
    });
    if (!isCommon) continue;
    fidelities.push(fidelity);
    for (let k = 0; k < m; k++) {
      const sum = others.reduce((total, curve, j) => total + curve.losses[positions[j] * m + k], lead.losses[i * m + k]);
      losses.push(sum / curves.length);
    }
  }
  return { count: fidelities.length, fidelities: Float64Array.from(fidelities), losses: Float64Array.from(losses) };
}
