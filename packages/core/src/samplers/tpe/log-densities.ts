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
// The sieve sums in another order than the term's own: far more than rounding makes of that.
const SIEVE_SLACK = 1;
// How many coordinates a pass of the sieve takes at once.
const SIEVE_WIDTH = 4;

/** The kernels of one density, laid out as the candidates meet them: coordinate by coordinate. */
export interface KernelTable {
  readonly group: Group;
  readonly parzen: Parzen;
  /** Coordinates: one for every axis, and an empty one. */
  readonly width: number;
  /** (width, 2, m) μ and √½ / σ of continuous coordinates; 0 and 0 in the empty one. */
  readonly normals: Float64Array;
  /** (width, m) What kernels with equal factors share in the other coordinates: a choice, or the number of a (μ, σ). */
  readonly labels: Int32Array;
  /** (width,) How many labels there are in a coordinate. */
  readonly labelCounts: Int32Array;
  /** The continuous coordinates, filled up with the empty one to whole passes of the sieve. */
  readonly sieved: Int32Array;
  /** The others. */
  readonly labelled: Int32Array;
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

export function layOutKernels(group: Group, parzen: Parzen, arena: Arena): KernelTable {
  const m = parzen.count;
  const { axes } = group;
  const width = axes.length + 1;
  const normals = arena.float64(2 * m * width);
  const labels = arena.int32(m * width);
  const labelCounts = new Int32Array(width);
  normals.fill(0, 2 * m * axes.length);
  axes.forEach((axis, a) => {
    if (axis.kind === "continuous") layNormals(parzen, a, normals);
    else if (axis.kind === "cells") labelCounts[a] = labelCells(parzen, a, labels);
    else labelCounts[a] = labelChoices(axis, parzen, a, labels);
  });
  const continuous = [...axes.keys()].filter((a) => axes[a].kind === "continuous");
  const labelled = Int32Array.from([...axes.keys()].filter((a) => axes[a].kind !== "continuous"));
  while (continuous.length % SIEVE_WIDTH > 0) continuous.push(axes.length);
  return { group, parzen, width, normals, labels, labelCounts, sieved: Int32Array.from(continuous), labelled };
}

function layNormals({ centres, sigmas, count: m }: Parzen, a: number, normals: Float64Array): void {
  const sigma = sigmas[a];
  normals.set(centres[a].subarray(0, m), 2 * a * m);
  for (let i = 0, at = (2 * a + 1) * m; i < m; i++, at++) normals[at] = Math.SQRT1_2 / sigma[i];
}

/** Kernels of equal μ and σ get the same label; in ascending order they follow each other. */
function labelCells({ centres, sigmas, orders, count: m }: Parzen, a: number, labels: Int32Array): number {
  const mu = centres[a];
  const sigma = sigmas[a];
  const order = orders[a];
  let label = -1;
  let knownMu = Number.NaN;
  let knownSigma = Number.NaN;
  for (let k = 0; k < m; k++) {
    const i = order[k];
    if (mu[i] !== knownMu || sigma[i] !== knownSigma) label++;
    knownMu = mu[i];
    knownSigma = sigma[i];
    labels[a * m + i] = label;
  }
  return label + 1;
}

function labelChoices(axis: ChoiceAxis, { centres, count: m }: Parzen, a: number, labels: Int32Array): number {
  const mu = centres[a];
  for (let i = 0; i < m; i++) labels[a * m + i] = choiceAt(axis, mu[i]);
  return axis.prior.length;
}

/** @param x  Per column (C,). */
export function meetCandidates(table: KernelTable, x: readonly Float64Array[], arena: Arena): Meeting {
  const { group, parzen, width } = table;
  const candidateCount = x[0].length;
  const points = arena.float64(candidateCount * width);
  const starts = arena.int32(candidateCount * width).fill(-1);
  const priorTerms = arena.float64(candidateCount).fill(parzen.logPeaks[parzen.count]);
  points.fill(0);
  let factorCount = 0;
  group.axes.forEach((axis, a) => {
    const u = x[axis.column];
    for (let c = 0; c < candidateCount; c++) {
      points[c * width + a] = u[c];
      priorTerms[c] += logPriorFactor(axis, u[c], parzen.sigmas[a][parzen.count]);
    }
    if (axis.kind !== "continuous") factorCount = shareFactors(axis, table, a, u, factorCount, starts);
  });
  const logFactors = arena.float64(factorCount).fill(Number.NaN);
  const kernels = arena.int32(parzen.count);
  const terms = arena.float64(parzen.count);
  return { table, points, priorTerms, logFactors, starts, kernels, terms };
}

function logPriorFactor(axis: Axis, u: number, sigma: number): number {
  if (Number.isNaN(u)) return u;
  if (axis.kind === "choices") return logOf(axis.prior[choiceAt(axis, u)]);
  if (axis.kind === "cells") return logCellMass(axis.edges, cellAt(axis, u), axis.priorCentre, sigma);
  const z = (u - axis.priorCentre) * (Math.SQRT1_2 / sigma);
  return -(z * z);
}

/** Gives candidates in the same cell, or of the same choice, the same start. @returns Where the next ones start. */
function shareFactors(
  axis: CellAxis | ChoiceAxis,
  { width, labelCounts }: KernelTable,
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
    starts[c * width + a] = start;
  }
  return firstStart + startByValue.size * labelCounts[a];
}

/** Log density at candidate c; 0 where the group is inactive. Cost: O(m d), little of it where the trials are spread out. */
export function logDensityAt(meeting: Meeting, c: number): number {
  const prior = meeting.priorTerms[c];
  if (Number.isNaN(prior)) return 0;
  const least = prior - SPAN;
  const count = computeTerms(meeting, c, least, sieveKernels(meeting, c, 0, 1, least));
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
 * terms, up to rounding, it leaves in `terms`.
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
  const { logPeaks, count: m } = table.parzen;
  let count = 0;
  for (let i = first; i < m; i += every, count++) {
    kernels[count] = i;
    terms[count] = logPeaks[i];
  }
  for (let k = 0; k < table.sieved.length; k += SIEVE_WIDTH) {
    count = siftFour(table, points, c * table.width, k, kernels, terms, count, least - SIEVE_SLACK);
  }
  return count;
}

/** One pass of the sieve: four coordinates from the k-th of `sieved` on. */
function siftFour(
  { normals, sieved, parzen }: KernelTable,
  points: Float64Array,
  point: number,
  k: number,
  kernels: Int32Array,
  terms: Float64Array,
  count: number,
  least: number,
): number {
  const m = parzen.count;
  const [u0, u1, u2, u3] = [
    points[point + sieved[k]],
    points[point + sieved[k + 1]],
    points[point + sieved[k + 2]],
    points[point + sieved[k + 3]],
  ];
  const [at0, at1, at2, at3] = [2 * m * sieved[k], 2 * m * sieved[k + 1], 2 * m * sieved[k + 2], 2 * m * sieved[k + 3]];
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const i = kernels[at];
    const z0 = (u0 - normals[at0 + i]) * normals[at0 + m + i];
    const z1 = (u1 - normals[at1 + i]) * normals[at1 + m + i];
    const z2 = (u2 - normals[at2 + i]) * normals[at2 + m + i];
    const z3 = (u3 - normals[at3 + i]) * normals[at3 + m + i];
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
  const { labels, labelled, width, parzen } = meeting.table;
  const m = parzen.count;
  const point = c * width;
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const i = kernels[at];
    let term = terms[at];
    for (let k = 0; k < labelled.length; k++) {
      const a = labelled[k];
      const known = starts[point + a] + labels[a * m + i];
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

/** Computes the terms of the listed kernels at candidate c and keeps those above `least`. @returns How many are left. */
function computeTerms(meeting: Meeting, c: number, least: number, count: number): number {
  const { kernels, terms, points, starts, logFactors } = meeting;
  const { normals, labels, width, parzen } = meeting.table;
  const { logPeaks, count: m } = parzen;
  const point = c * width;
  const axisCount = width - 1;
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const i = kernels[at];
    let term = logPeaks[i];
    for (let a = 0; a < axisCount; a++) {
      const start = starts[point + a];
      if (start < 0) {
        const z = (points[point + a] - normals[2 * a * m + i]) * normals[(2 * a + 1) * m + i];
        term -= z * z;
      } else {
        const known = start + labels[a * m + i];
        if (Number.isNaN(logFactors[known]) && !learnFactor(meeting, c, a, i, known, least - term)) {
          term = -Infinity;
          break;
        }
        term += logFactors[known];
      }
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
  const { group, parzen, width } = table;
  const axis = group.axes[a];
  const u = points[c * width + a];
  const mu = parzen.centres[a][i];
  if (axis.kind === "choices") {
    logFactors[known] = logOf(choiceProbability(axis, choiceAt(axis, u), choiceAt(axis, mu), parzen.count));
  } else if (axis.kind === "cells") {
    const cell = cellAt(axis, u);
    const sigma = parzen.sigmas[a][i];
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
