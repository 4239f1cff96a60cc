import { growFloat64 } from "./columns.ts";
import type { Curve } from "./history.ts";
import type { RecordedReport } from "./history-recorder.ts";

/** The losses of one trial over fidelity, from the reports of all its replicates. */
export interface CurveRecorder {
  add(report: RecordedReport): void;
  /** The replicate is over; steps it never reported no longer wait for it. */
  leave(replicate: number): void;
  /** Steps that every live replicate has reported, with the mean of their losses. Valid until the next `add`. */
  curve(): Curve;
}

export function createCurveRecorder(objectiveCount: number, replicateCount: number): CurveRecorder {
  const first = new ReplicateCurve(objectiveCount);
  if (replicateCount === 1) return { add: (report) => first.add(report), leave: () => {}, curve: () => first };
  const curves = [first, ...Array.from({ length: replicateCount - 1 }, () => new ReplicateCurve(objectiveCount))];
  const left = new Set<number>();
  let mean: Curve | null = null;
  return {
    add(report) {
      curves[report.replicate]?.add(report);
      mean = null;
    },
    leave(replicate) {
      left.add(replicate);
      mean = null;
    },
    curve() {
      mean ??= meanCurve(curves, left, objectiveCount);
      return mean;
    },
  };
}

class ReplicateCurve implements Curve {
  count = 0;
  fidelities = new Float64Array(8);
  losses: Float64Array<ArrayBuffer>;
  readonly #m: number;
  #attempt = 0;

  constructor(objectiveCount: number) {
    this.#m = objectiveCount;
    this.losses = new Float64Array(8 * objectiveCount);
  }

  add(report: RecordedReport): void {
    if (report.attempt < this.#attempt) return;
    // A newer attempt continues from a checkpoint: what the older one reported beyond it did not happen.
    if (report.attempt > this.#attempt) this.count = this.#indexOf(report.fidelity);
    this.#attempt = report.attempt;
    const at = this.#indexOf(report.fidelity);
    if (at === this.count || this.fidelities[at] !== report.fidelity) this.#insert(at);
    this.fidelities[at] = report.fidelity;
    this.losses.set(report.losses, at * this.#m);
  }

  /** First index whose fidelity is not below `fidelity`. */
  #indexOf(fidelity: number): number {
    let at = this.count;
    while (at > 0 && this.fidelities[at - 1] >= fidelity) at--;
    return at;
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

function meanCurve(curves: readonly ReplicateCurve[], left: ReadonlySet<number>, m: number): Curve {
  const live = curves.filter((curve, replicate) => !left.has(replicate) || curve.count > 0);
  const waiting = curves.filter((_, replicate) => !left.has(replicate));
  const fidelities: number[] = [];
  const losses: number[] = [];
  const lead = live[0] ?? curves[0];
  for (let i = 0; i < lead.count; i++) {
    const fidelity = lead.fidelities[i];
    const having = live.filter((curve) => indexOfFidelity(curve, fidelity) >= 0);
    if (waiting.some((curve) => !having.includes(curve))) continue;
    fidelities.push(fidelity);
    for (let k = 0; k < m; k++) {
      const sum = having.reduce((total, curve) => total + curve.losses[indexOfFidelity(curve, fidelity) * m + k], 0);
      losses.push(sum / having.length);
    }
  }
  return { count: fidelities.length, fidelities: Float64Array.from(fidelities), losses: Float64Array.from(losses) };
}

function indexOfFidelity(curve: Curve, fidelity: number): number {
  for (let i = 0; i < curve.count; i++) if (curve.fidelities[i] === fidelity) return i;
  return -1;
}
