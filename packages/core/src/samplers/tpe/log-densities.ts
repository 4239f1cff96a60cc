/**
 * log ℓ and log g at the candidates: the logarithm of a sum over kernels of products over coordinates.
 *
 * symbol   meaning                                                          shape
 * C        candidates
 * m        trials of a density                                              kernels 0 … m − 1; kernel m is the prior
 * μ, σ     centre and bandwidth of a kernel in a coordinate
 * x, u     candidates of one coordinate, one of them; NaN = inactive         (C,)
 * term     log of a kernel's weight times its density at a candidate
 *
 * A stepped coordinate counts by the mass of its cell, a choice by its probability, the others by density per unit of range.
 *
 * A kernel's term starts at its log peak and no coordinate adds to it. So the prior's term, which is never far below the
 * largest, tells which kernels cannot show in the sum; a sieve over the continuous coordinates leaves most of them out.
 */
import { normalCdf } from "../../numerics/special-functions.ts";
import type { Arena } from "./arena.ts";
import { type Axis, type CellAxis, type ChoiceAxis, cellAt, choiceAt, type Group } from "./kernel-space.ts";
import { choiceProbability, type Parzen } from "./tpe.ts";

const LEAST_MASS = 1e-300;
// A little above log(1e-300).
const LOG_LEAST_MASS = -690;
// What is below exp(−40) of the largest term does not show in 16 digits of the sum.
const SPAN = 40;
// How many coordinates a pass of the sieve takes at once.
const SIEVE_WIDTH = 4;

/** What the kernels of all densities of a group have in common. */
export interface KernelLayout {
  readonly group: Group;
  /** Coordinates: one for every axis, and an empty one. */
  readonly width: number;
  /** The continuous coordinates, filled up with the empty one to whole passes of the sieve. */
  readonly sieved: Int32Array;
  /** The others. */
  readonly labelled: Int32Array;
}

/** The kernels of one density, laid out as the candidates meet them: coordinate by coordinate, each kernel at its place. */
export interface KernelTable {
  readonly layout: KernelLayout;
  /** m; the prior's kernel is not in the columns. */
  readonly count: number;
  /** (m,) Place of every kernel. */
  readonly places: Int32Array;
  /** Places of a column, at least m. */
  readonly stride: number;
  /** (stride,) As in `Parzen`, and that of the prior. */
  readonly logPeaks: Float64Array;
  readonly priorLogPeak: number;
  /** Per axis (≥ stride,) μ, and σ where the axis is not a choice. */
  readonly centres: readonly Float64Array[];
  readonly sigmas: readonly Float64Array[];
  /** (width, 2, stride) μ and √½ / σ of continuous coordinates; 0 and 0 in the empty one. */
  readonly normals: Float64Array;
  /** (width − 1, stride) What kernels with equal factors share in the other coordinates: a choice, or the number of a (μ, σ). */
  readonly labels: Int32Array;
  /** (width,) How many labels there are in a coordinate. */
  readonly labelCounts: Int32Array;
}

/** A density's kernels and the candidates to be measured against them. */
export interface Meeting {
  readonly table: KernelTable;
  /** (C, width) Candidates; 0 in the empty coordinate. */
  readonly points: Float64Array;
  /** (C,) Terms of kernel m; NaN where the group is inactive. */
  readonly priorTerms: Float64Array;
  /** Logarithms of factors by label, from a start that depends on coordinate and candidate; NaN = not known yet. */
  readonly logFactors: Float64Array;
  /** (C, width) Those starts; −1 = continuous. */
  readonly starts: Int32Array;
  /** (m,) Working memory: the kernels still in the sum of a candidate, ascending, and their terms so far. */
  readonly kernels: Int32Array;
  readonly terms: Float64Array;
}

export function kernelLayout(group: Group): KernelLayout {
  const { axes } = group;
  const continuous = [...axes.keys()].filter((a) => axes[a].kind === "continuous");
  while (continuous.length % SIEVE_WIDTH > 0) continuous.push(axes.length);
  const labelled = Int32Array.from([...axes.keys()].filter((a) => axes[a].kind !== "continuous"));
  return { group, width: axes.length + 1, sieved: Int32Array.from(continuous), labelled };
}

/** The kernels of few trials. */
export function layOutKernels(layout: KernelLayout, parzen: Parzen, arena: Arena): KernelTable {
  const { count: m, centres, sigmas, orders } = parzen;
  const { axes } = layout.group;
  const places = arena.int32(m);
  const normals = arena.float64(2 * m * layout.width);
  const labels = arena.int32(m * axes.length);
  const labelCounts = new Int32Array(layout.width);
  for (let i = 0; i < m; i++) places[i] = i;
  normals.fill(0, 2 * m * axes.length);
  for (let a = 0; a < axes.length; a++) {
    const axis = axes[a];
    if (axis.kind === "continuous") {
      layNormals(parzen, a, normals);
      continue;
    }
    const own = labels.subarray(a * m, (a + 1) * m);
    if (axis.kind === "choices") labelCounts[a] = labelChoices(axis, centres[a], own);
    else labelCounts[a] = labelCells(centres[a], sigmas[a], orders[a], () => true, own);
  }
  const { logPeaks } = parzen;
  return {
    layout,
    count: m,
    places,
    stride: m,
    logPeaks,
    priorLogPeak: logPeaks[m],
    centres,
    sigmas,
    normals,
    labels,
    labelCounts,
  };
}

function layNormals({ centres, sigmas, count: m }: Parzen, a: number, normals: Float64Array): void {
  const mu = centres[a];
  const sigma = sigmas[a];
  for (let i = 0, at = 2 * a * m; i < m; i++, at++) {
    normals[at] = mu[i];
    normals[at + m] = Math.SQRT1_2 / sigma[i];
  }
}

/**
 * Gives kernels of equal μ and σ the same label.
 *
 * @param order  Places in ascending order of μ, so that they follow each other; those that `counts` denies are passed over.
 * @returns      How many labels.
 */
export function labelCells(
  mu: Float64Array,
  sigma: Float64Array,
  order: Int32Array,
  counts: (place: number) => boolean,
  labels: Int32Array,
): number {
  let label = -1;
  let knownMu = Number.NaN;
  let knownSigma = Number.NaN;
  for (let k = 0; k < order.length; k++) {
    const i = order[k];
    if (!counts(i)) continue;
    if (mu[i] !== knownMu || sigma[i] !== knownSigma) label++;
    knownMu = mu[i];
    knownSigma = sigma[i];
    labels[i] = label;
  }
  return label + 1;
}

function labelChoices(axis: ChoiceAxis, mu: Float64Array, labels: Int32Array): number {
  for (let i = 0; i < labels.length; i++) labels[i] = choiceAt(axis, mu[i]);
  return axis.prior.length;
}

/** @param x  Per column (C,). */
export function meetCandidates(table: KernelTable, x: readonly Float64Array[], arena: Arena): Meeting {
  const { group, width } = table.layout;
  const candidateCount = x[0].length;
  const points = arena.float64(candidateCount * width);
  const starts = arena.int32(candidateCount * width).fill(-1);
  const priorTerms = arena.float64(candidateCount).fill(table.priorLogPeak);
  points.fill(0);
  let factorCount = 0;
  for (let a = 0; a < group.axes.length; a++) {
    const axis = group.axes[a];
    const u = x[axis.column];
    for (let c = 0; c < candidateCount; c++) {
      points[c * width + a] = u[c];
      priorTerms[c] += logPriorFactor(axis, u[c]);
    }
    if (axis.kind !== "continuous") factorCount = shareFactors(axis, table, a, u, factorCount, starts);
  }
  const logFactors = arena.float64(factorCount).fill(Number.NaN);
  const kernels = arena.int32(table.count);
  const terms = arena.float64(table.count);
  return { table, points, priorTerms, logFactors, starts, kernels, terms };
}

function logPriorFactor(axis: Axis, u: number): number {
  if (Number.isNaN(u)) return u;
  if (axis.kind === "choices") return logOf(axis.prior[choiceAt(axis, u)]);
  if (axis.kind === "cells") return logCellMass(axis.edges, cellAt(axis, u), axis.priorCentre, axis.priorSigma);
  const z = (u - axis.priorCentre) * (Math.SQRT1_2 / axis.priorSigma);
  return -(z * z);
}

/** Gives candidates in the same cell, or of the same choice, the same start. @returns Where the next ones start. */
function shareFactors(
  axis: CellAxis | ChoiceAxis,
  { layout, labelCounts }: KernelTable,
  a: number,
  u: Float64Array,
  firstStart: number,
  starts: Int32Array,
): number {
  const startByValue = new Map<number, number>();
  for (let c = 0; c < u.length; c++) {
    const value = axis.kind === "cells" ? cellAt(axis, u[c]) : choiceAt(axis, u[c]);
    const start = startByValue.get(value) ?? firstStart + startByValue.size * labelCounts[a];
    startByValue.set(value, start);
    starts[c * layout.width + a] = start;
  }
  return firstStart + startByValue.size * labelCounts[a];
}

/** Log density at candidate c; 0 where the group is inactive. Cost: O(m d), little of it where the trials are spread out. */
export function logDensityAt(meeting: Meeting, c: number): number {
  const prior = meeting.priorTerms[c];
  if (Number.isNaN(prior)) return 0;
  const least = prior - SPAN;
  const count = completeTerms(meeting, c, least, sieveKernels(meeting, c, 0, 1, least));
  return logSumTerms(meeting.terms, count, prior);
}

/**
 * Log of what kernels `first`, `first` + `every`, … add to the density at candidate c, up to rounding and without the terms that are
 * not above `least`, which is not below the prior's term by more than 40. −∞ if there are none.
 */
export function logShareAt(meeting: Meeting, c: number, first: number, every: number, least: number): number {
  const count = completeTerms(meeting, c, least, sieveKernels(meeting, c, first, every, least));
  return logSumTerms(meeting.terms, count, -Infinity);
}

/**
 * Lists the kernels whose term at candidate c may be above `least`, by the continuous coordinates alone; what these make of the
 * terms it leaves in `terms`.
 *
 * @returns How many kernels.
 */
function sieveKernels(
  { table, points, kernels, terms }: Meeting,
  c: number,
  first: number,
  every: number,
  least: number,
): number {
  const { logPeaks, places, count: m } = table;
  let count = 0;
  for (let k = first; k < m; k += every, count++) {
    kernels[count] = places[k];
    terms[count] = logPeaks[places[k]];
  }
  const { width, sieved } = table.layout;
  for (let k = 0; k < sieved.length; k += SIEVE_WIDTH) {
    count = siftFour(table, points, c * width, k, kernels, terms, count, least);
  }
  return count;
}

/** One pass of the sieve: four coordinates from the k-th of `sieved` on. */
function siftFour(
  { normals, stride, layout: { sieved } }: KernelTable,
  points: Float64Array,
  point: number,
  k: number,
  kernels: Int32Array,
  terms: Float64Array,
  count: number,
  least: number,
): number {
  const u0 = points[point + sieved[k]];
  const u1 = points[point + sieved[k + 1]];
  const u2 = points[point + sieved[k + 2]];
  const u3 = points[point + sieved[k + 3]];
  const at0 = 2 * stride * sieved[k];
  const at1 = 2 * stride * sieved[k + 1];
  const at2 = 2 * stride * sieved[k + 2];
  const at3 = 2 * stride * sieved[k + 3];
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const i = kernels[at];
    const z0 = (u0 - normals[at0 + i]) * normals[at0 + stride + i];
    const z1 = (u1 - normals[at1 + i]) * normals[at1 + stride + i];
    const z2 = (u2 - normals[at2 + i]) * normals[at2 + stride + i];
    const z3 = (u3 - normals[at3 + i]) * normals[at3 + stride + i];
    const bound = terms[at] - z0 * z0 - z1 * z1 - z2 * z2 - z3 * z3;
    kernels[kept] = i;
    terms[kept] = bound;
    // Not an `if`: which kernels stay cannot be predicted.
    kept += Number(bound > least);
  }
  return kept;
}

/** Adds the other coordinates to what the sieve left of the terms and keeps those above `least`. @returns How many are left. */
function completeTerms(meeting: Meeting, c: number, least: number, count: number): number {
  const { kernels, terms, starts, logFactors } = meeting;
  const { labels, stride, layout } = meeting.table;
  const { labelled, width } = layout;
  // Without these coordinates the sieve's terms are whole.
  if (labelled.length === 0) return count;
  const point = c * width;
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const i = kernels[at];
    let term = terms[at];
    for (let k = 0; k < labelled.length; k++) {
      const a = labelled[k];
      const known = starts[point + a] + labels[a * stride + i];
      if (Number.isNaN(logFactors[known]) && !learnFactor(meeting, c, a, i, known, least - term)) {
        term = -Infinity;
        break;
      }
      term += logFactors[known];
    }
    kernels[kept] = i;
    terms[kept] = term;
    kept += Number(term > least);
  }
  return kept;
}

/**
 * Computes what kernel i contributes at candidate c in a coordinate that is not continuous, unless it is known to be at most `least`.
 *
 * @returns Whether it did.
 */
function learnFactor(
  { table, points, logFactors }: Meeting,
  c: number,
  a: number,
  i: number,
  known: number,
  least: number,
): boolean {
  const { group, width } = table.layout;
  const axis = group.axes[a];
  const u = points[c * width + a];
  const mu = table.centres[a][i];
  if (axis.kind === "choices") {
    logFactors[known] = logOf(choiceProbability(axis, choiceAt(axis, u), choiceAt(axis, mu), table.count));
  } else if (axis.kind === "cells") {
    const cell = cellAt(axis, u);
    const sigma = table.sigmas[a][i];
    if (logCellBound(axis.edges, cell, mu, sigma) <= least) return false;
    logFactors[known] = logCellMass(axis.edges, cell, mu, sigma);
  }
  return true;
}

/** At least `logCellMass`, and quickly found: the tail beyond the cell's nearer edge is P(Z > z) ≤ ½ exp(−z² / 2). */
function logCellBound(edges: Float64Array, cell: number, mu: number, sigma: number): number {
  const z = Math.max(0, edges[cell] - mu, mu - edges[cell + 1]) / sigma;
  return Math.max(-0.5 * z * z, LOG_LEAST_MASS);
}

/** log of the untruncated normal's mass in a cell; the first and last cell end at the range's ends. */
function logCellMass(edges: Float64Array, cell: number, mu: number, sigma: number): number {
  const a = (edges[cell] - mu) / sigma;
  const b = (edges[cell + 1] - mu) / sigma;
  // Differences in the lower tail keep their digits.
  const mass = a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
  return Math.log(Math.max(mass, LEAST_MASS));
}

function logOf(probability: number): number {
  return Math.log(Math.max(probability, LEAST_MASS));
}

/** log Σ exp of the first `count` terms and of one more. */
function logSumTerms(terms: Float64Array, count: number, last: number): number {
  let largest = last;
  for (let at = 0; at < count; at++) if (terms[at] > largest) largest = terms[at];
  let sum = 0;
  for (let at = 0; at < count; at++) if (terms[at] > largest - SPAN) sum += Math.exp(terms[at] - largest);
  if (last > largest - SPAN) sum += Math.exp(last - largest);
  return largest + Math.log(sum);
}
