import { logAddExp } from "../../numerics/special-functions.ts";
import { logDensityAt, logShareAt, type Meeting } from "./log-densities.ts";

// A bound grows tighter share by share.
const SHARE_COUNT = 8;
// Shares of fewer kernels are not worth their calls.
const SHARE_LEAST = 32;
// What is below exp(−12) of the part of a sum already known is left out of its bound.
const SPAN = 12;
// Far more than rounding makes of a log density.
const SLACK = 1e-6;
// Of a candidate whose ratio is known, and of one that was taken.
const EXACT = -1;
const TAKEN = -2;

/**
 * log ℓ − log g of C candidates, greatest first. g is the costly one, and any part of its sum bounds the ratio from above: a candidate
 * is looked at more closely only while its bound is the greatest.
 */
export class DensityRatios {
  /** (C,) Of the candidates taken, their ratios; of the others, something greater or the ratio itself. */
  readonly bounds: Float64Array;
  readonly #below: readonly Meeting[];
  readonly #above: readonly Meeting[];
  /** Per group (C,). */
  readonly #logBelow: readonly Float64Array[];
  /** Per group (C,) log of the part of g that was looked at. */
  readonly #logPart: readonly Float64Array[];
  /** Of g, all groups together. */
  readonly #kernelCount: number;
  /** (C,) How many shares of g were looked at, or `EXACT`, or `TAKEN`. */
  readonly #stages: Int32Array;

  /** @param below  ℓ and, as `above`, g of every group. */
  constructor(below: readonly Meeting[], above: readonly Meeting[], candidateCount: number) {
    this.#below = below;
    this.#above = above;
    this.#logBelow = below.map((meeting) => logDensities(meeting, candidateCount));
    this.#logPart = above.map(({ priorTerms }) => priorTerms.slice());
    this.#kernelCount = above.reduce((sum, { table }) => sum + table.count, 0);
    this.#stages = new Int32Array(candidateCount);
    this.bounds = new Float64Array(candidateCount);
    for (let c = 0; c < candidateCount; c++) this.bounds[c] = this.#bound(c);
  }

  /** The candidate with the greatest ratio of those not yet taken, ties by index; −1 when all are. */
  takeGreatest(): number {
    for (;;) {
      const c = this.#greatestBound();
      if (c < 0) return c;
      if (this.#stages[c] === EXACT) {
        this.#stages[c] = TAKEN;
        return c;
      }
      this.#lookCloser(c);
    }
  }

  #greatestBound(): number {
    let greatest = -1;
    for (let c = 0; c < this.bounds.length; c++) {
      if (this.#stages[c] !== TAKEN && (greatest < 0 || this.bounds[c] > this.bounds[greatest])) greatest = c;
    }
    return greatest;
  }

  #lookCloser(c: number): void {
    const share = this.#stages[c];
    if (share === SHARE_COUNT || this.#kernelCount < SHARE_LEAST * SHARE_COUNT) {
      this.#stages[c] = EXACT;
      this.bounds[c] = this.#ratio(c);
      return;
    }
    this.#stages[c]++;
    this.#above.forEach((meeting, group) => {
      const part = this.#logPart[group];
      if (!Number.isNaN(part[c])) part[c] = logAddExp(part[c], logShareAt(meeting, c, share, SHARE_COUNT, part[c] - SPAN));
    });
    this.bounds[c] = this.#bound(c);
  }

  #bound(c: number): number {
    let bound = SLACK;
    for (let group = 0; group < this.#below.length; group++) {
      const part = this.#logPart[group][c];
      if (!Number.isNaN(part)) bound += this.#logBelow[group][c] - part;
    }
    return bound;
  }

  #ratio(c: number): number {
    let ratio = 0;
    for (let group = 0; group < this.#below.length; group++) {
      ratio += this.#logBelow[group][c];
      ratio -= logDensityAt(this.#above[group], c);
    }
    return ratio;
  }
}

function logDensities(meeting: Meeting, candidateCount: number): Float64Array {
  const logs = new Float64Array(candidateCount);
  for (let c = 0; c < candidateCount; c++) logs[c] = logDensityAt(meeting, c);
  return logs;
}
