import type { History } from "../../trial/history.ts";
import { type Axis, type ChoiceAxis, choiceAt, type Group } from "./kernel-space.ts";
import { type KernelLayout, type KernelTable, kernelLayout, labelCells } from "./log-densities.ts";
import type { SortedColumns } from "./sorted-columns.ts";
import { LOG_SQRT_2PI, truncatedMass } from "./tpe.ts";

// When more than a sixth of the kernels changed, all are looked at.
const FEW_OF = 6;

/**
 * The kernels of many trials in one group of coordinates, by row of the history. From one call to the next few trials come and go, and
 * each touches only its neighbours: their kernels are made anew, the others stay. What it answers depends on the history, the members
 * and the floor alone, not on what it saw before.
 *
 * Cost: O(d log n) per trial that came or went, and O(m) a call; O(d n) where many did, or the floor or the history is another.
 */
export class RowKernels {
  readonly #group: Group;
  readonly #layout: KernelLayout;
  readonly #priorNorm: number;
  readonly #densityCount: number;
  #history: History | null = null;
  #floor = Number.NaN;
  #capacity = 0;
  #members = new Int32Array(0);
  #memberCount = 0;
  // By row: the call it was last a member in.
  #calls = new Int32Array(0);
  #call = 0;
  #changed = new Int32Array(0);
  #changedCount = 0;
  // By row, and per axis: μ (in the normals), σ, and what the kernel integrates to (times σ where it is a density).
  #centres: readonly Float64Array[] = [];
  #sigmas: readonly Float64Array[] = [];
  #masses: readonly Float64Array[] = [];
  #logNorms = new Float64Array(0);
  #logPeaks = new Float64Array(0);
  #normals = new Float64Array(0);
  #labels = new Int32Array(0);

  constructor(group: Group) {
    this.#group = group;
    this.#layout = kernelLayout(group);
    this.#densityCount = group.axes.filter(({ kind }) => kind === "continuous").length;
    this.#priorNorm = logPriorNorm(group.axes, this.#densityCount);
  }

  /**
   * @param columns  Already up to date.
   * @param rows     (m,) The members, ascending by trial number; the group is active in all of them.
   * @param weights  (m,) relative; the prior weighs 1.
   * @returns        Valid until the next call.
   */
  table(history: History, columns: SortedColumns, rows: Int32Array, weights: Float64Array, floor: number): KernelTable {
    const grown = this.#grow(history.numbers.length);
    this.#noteChanges(rows);
    const isNew = grown || history !== this.#history || columns.disturbed || floor !== this.#floor;
    this.#history = history;
    this.#floor = floor;
    if (isNew || this.#changedCount * FEW_OF > rows.length) this.#remakeAll(history, columns, rows);
    else this.#remakeChanged(history, columns);
    return this.#layOut(columns, rows, weights);
  }

  #grow(rowCount: number): boolean {
    if (rowCount <= this.#capacity) return false;
    const { axes } = this.#group;
    // The history's own columns grow in leaps.
    const capacity = rowCount;
    this.#capacity = capacity;
    const normals = new Float64Array(2 * capacity * (axes.length + 1));
    this.#normals = normals;
    this.#centres = axes.map((_, a) => normals.subarray(2 * a * capacity, (2 * a + 1) * capacity));
    this.#sigmas = axes.map(() => new Float64Array(capacity));
    this.#masses = axes.map(() => new Float64Array(capacity));
    this.#logNorms = new Float64Array(capacity);
    this.#logPeaks = new Float64Array(capacity);
    this.#labels = new Int32Array(capacity * axes.length);
    this.#members = new Int32Array(capacity);
    this.#memberCount = 0;
    this.#calls = new Int32Array(capacity);
    this.#call = 0;
    this.#changed = new Int32Array(2 * capacity);
    return true;
  }

  /** Lists the rows that became members or no longer are. */
  #noteChanges(rows: Int32Array): void {
    const last = this.#call++;
    this.#changedCount = 0;
    for (let i = 0; i < rows.length; i++) {
      if (this.#calls[rows[i]] !== last || last === 0) this.#changed[this.#changedCount++] = rows[i];
      this.#calls[rows[i]] = this.#call;
    }
    for (let i = 0; i < this.#memberCount; i++) {
      if (this.#calls[this.#members[i]] === last) this.#changed[this.#changedCount++] = this.#members[i];
    }
    this.#members.set(rows);
    this.#memberCount = rows.length;
  }

  #remakeAll(history: History, columns: SortedColumns, rows: Int32Array): void {
    for (let i = 0; i < rows.length; i++) this.#place(history, rows[i]);
    this.#group.axes.forEach((axis, a) => {
      if (axis.kind === "choices") return;
      const order = columns.order(axis.column);
      let left = -1;
      let at = this.#memberFrom(order, 0, 1);
      for (let right = at; at < order.length; left = at, at = right) {
        right = this.#memberFrom(order, at + 1, 1);
        this.#remake(a, order, left, at, right);
      }
    });
    for (let i = 0; i < rows.length; i++) this.#normalise(rows[i]);
  }

  #remakeChanged(history: History, columns: SortedColumns): void {
    const { axes } = this.#group;
    for (let k = 0; k < this.#changedCount; k++) this.#place(history, this.#changed[k]);
    for (let k = 0; k < this.#changedCount; k++) {
      for (let a = 0; a < axes.length; a++) if (axes[a].kind !== "choices") this.#remakeAround(a, columns, this.#changed[k]);
      if (this.#isMember(this.#changed[k])) this.#normalise(this.#changed[k]);
    }
  }

  #place({ points, dimensionCount: d }: History, row: number): void {
    const { axes } = this.#group;
    for (let a = 0; a < axes.length; a++) {
      const u = points[row * d + axes[a].column];
      this.#centres[a][row] = u;
      if (axes[a].kind === "choices") this.#labels[a * this.#capacity + row] = choiceAt(axes[a] as ChoiceAxis, u);
      else this.#sigmas[a][row] = Number.NaN;
    }
  }

  #remakeAround(a: number, columns: SortedColumns, row: number): void {
    const { column } = this.#group.axes[a];
    const order = columns.order(column);
    const at = columns.position(column, row);
    const left = this.#memberFrom(order, at - 1, -1);
    const right = this.#memberFrom(order, at + 1, 1);
    const isMember = this.#isMember(row);
    if (isMember) this.#remake(a, order, left, at, right);
    if (left >= 0) this.#remakeNeighbour(a, order, this.#memberFrom(order, left - 1, -1), left, isMember ? at : right);
    if (right < order.length) this.#remakeNeighbour(a, order, isMember ? at : left, right, this.#memberFrom(order, right + 1, 1));
  }

  #remakeNeighbour(a: number, order: Int32Array, left: number, at: number, right: number): void {
    if (this.#remake(a, order, left, at, right)) this.#normalise(order[at]);
  }

  /**
   * Makes the kernel at place `at` of the order, by its members to both sides (−1 and the length: none).
   *
   * @returns Whether it is another one now.
   */
  #remake(a: number, order: Int32Array, left: number, at: number, right: number): boolean {
    const centres = this.#centres[a];
    const row = order[at];
    const mu = centres[row];
    const isFirst = left < 0;
    const isLast = right >= order.length;
    const gapBefore = isFirst ? (isLast ? mu : 0) : mu - centres[order[left]];
    const gapAfter = isLast ? (isFirst ? 1 - mu : 0) : centres[order[right]] - mu;
    const sigma = Math.min(1, Math.max(this.#floor, gapBefore, gapAfter));
    if (sigma === this.#sigmas[a][row]) return false;
    const isDensity = this.#group.axes[a].kind === "continuous";
    this.#sigmas[a][row] = sigma;
    this.#masses[a][row] = truncatedMass(mu, sigma) * (isDensity ? sigma : 1);
    this.#normals[(2 * a + 1) * this.#capacity + row] = Math.SQRT1_2 / sigma;
    return true;
  }

  #isMember(row: number): boolean {
    return this.#calls[row] === this.#call;
  }

  /** The first place from `at` on, in steps of 1 or −1, that holds a member; −1 or the length if there is none. */
  #memberFrom(order: Int32Array, at: number, step: number): number {
    let place = at;
    while (place >= 0 && place < order.length && this.#calls[order[place]] !== this.#call) place += step;
    return place;
  }

  #normalise(row: number): void {
    const { axes } = this.#group;
    let log = -this.#densityCount * LOG_SQRT_2PI;
    let product = 1;
    for (let a = 0; a < axes.length; a++) {
      if (axes[a].kind !== "choices") product *= this.#masses[a][row];
      // Each factor is at least a third of 1e-6: ten of them are far from underflow.
      if (a % 10 < 9 && a < axes.length - 1) continue;
      log -= Math.log(product);
      product = 1;
    }
    this.#logNorms[row] = log;
  }

  #layOut(columns: SortedColumns, rows: Int32Array, weights: Float64Array): KernelTable {
    const { axes } = this.#group;
    let total = 1;
    for (let i = 0; i < rows.length; i++) total += weights[i];
    for (let i = 0; i < rows.length; i++) this.#logPeaks[rows[i]] = Math.log(weights[i] / total) + this.#logNorms[rows[i]];
    const labelCounts = new Int32Array(axes.length + 1);
    axes.forEach((axis, a) => {
      if (axis.kind === "choices") labelCounts[a] = axis.prior.length;
      else if (axis.kind === "cells") labelCounts[a] = this.#labelCells(columns, axis, a);
    });
    return {
      layout: this.#layout,
      count: rows.length,
      places: rows,
      stride: this.#capacity,
      logPeaks: this.#logPeaks,
      priorLogPeak: Math.log(1 / total) + this.#priorNorm,
      centres: this.#centres,
      sigmas: this.#sigmas,
      normals: this.#normals,
      labels: this.#labels,
      labelCounts,
    };
  }

  #labelCells(columns: SortedColumns, { column }: Axis, a: number): number {
    const order = columns.order(column);
    const labels = this.#labels.subarray(a * this.#capacity, (a + 1) * this.#capacity);
    return labelCells(this.#centres[a], this.#sigmas[a], order, (row) => this.#isMember(row), labels);
  }
}

function logPriorNorm(axes: readonly Axis[], densityCount: number): number {
  let log = -densityCount * LOG_SQRT_2PI;
  for (const axis of axes) {
    if (axis.kind === "choices") continue;
    log -= Math.log(truncatedMass(axis.priorCentre, axis.priorSigma) * (axis.kind === "continuous" ? axis.priorSigma : 1));
  }
  return log;
}
