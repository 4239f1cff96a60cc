import { canonicalJson } from "../../json.ts";
import { cellIndex } from "../../parameters/cell-index.ts";
import { numericScale } from "../../parameters/numeric-scale.ts";
import type { Dimension, Space } from "../../parameters/space.ts";
import { gridOf } from "../../parameters/value-grid.ts";

/** A continuous coordinate; kernels are truncated normals on [0, 1]. */
export interface ContinuousAxis {
  readonly kind: "continuous";
  readonly column: number;
  readonly priorCentre: number;
  readonly priorSigma: number;
}

/** A stepped or ordinal coordinate; a kernel's probability of a cell is its mass there. */
export interface CellAxis extends Omit<ContinuousAxis, "kind"> {
  readonly kind: "cells";
  /** (K + 1,) Borders of the cells, from 0 to 1. */
  readonly edges: Float64Array;
}

/** A choice without order; kernels are probabilities of the K choices. */
export interface ChoiceAxis {
  readonly kind: "choices";
  readonly column: number;
  /** (K,) Prior probabilities. */
  readonly prior: Float64Array;
}

export type Axis = ContinuousAxis | CellAxis | ChoiceAxis;

/** Coordinates that are always active together; the first group is always active unless everything is conditional. */
export interface Group {
  readonly axes: readonly Axis[];
}

// Finer steps are less than twice as wide as the narrowest kernel there is by default, 27^−2.25: its density stands for its mass over the cell.
const CELL_LIMIT = 1_000;

/** How the Parzen estimators see a space: coordinates of one condition form one group. */
export function kernelGroups(space: Space): readonly Group[] {
  const groups = new Map<string, Axis[]>([["null", []]]);
  space.dimensions.forEach((dimension, column) => {
    const condition = canonicalJson(dimension.parameter.when ?? null);
    const axes = groups.get(condition) ?? [];
    axes.push(axisOf(dimension, column));
    groups.set(condition, axes);
  });
  return [...groups.values()].filter((axes) => axes.length > 0).map((axes) => ({ axes }));
}

function axisOf(dimension: Dimension, column: number): Axis {
  if (dimension.kind === "categorical") return { kind: "choices", column, prior: choicePrior(dimension) };
  const prior = { column, ...numericPrior(dimension) };
  if (dimension.cellCount > CELL_LIMIT) return { kind: "continuous", ...prior };
  return { kind: "cells", ...prior, edges: cellEdges(dimension) };
}

function choicePrior({ parameter, cellCount }: Dimension): Float64Array {
  const weights = "weights" in parameter && parameter.weights ? parameter.weights : Array<number>(cellCount).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}

/**
 * Without a declared prior: centre of the range, sigma the range.
 * Departs: a declared prior enters as the normal with its median and half the width of its middle 68 %, which is the prior itself
 * where it is normal on the searched scale and far from the ends.
 */
function numericPrior(dimension: Dimension): { priorCentre: number; priorSigma: number } {
  if (!dimension.hasPrior) return { priorCentre: 0.5, priorSigma: 1 };
  const low = dimension.fromPrior(0.15865525393145707);
  const high = dimension.fromPrior(0.8413447460685429);
  return { priorCentre: dimension.fromPrior(0.5), priorSigma: Math.min(1, Math.max(0.01, (high - low) / 2)) };
}

function cellEdges({ parameter, cellCount }: Dimension): Float64Array {
  const edges = Float64Array.from({ length: cellCount + 1 }, (_, k) => k / cellCount);
  if ((parameter.type !== "int" && parameter.type !== "float") || !parameter.log) return edges;
  const scale = numericScale(parameter);
  const grid = gridOf(parameter);
  if (grid === null) return edges;
  for (let k = 1; k < cellCount; k++) edges[k] = scale.toUnit((grid.valueAt(k - 1) + grid.valueAt(k)) / 2);
  return edges;
}

/** Number of the choice at a coordinate. */
export function choiceAt(axis: ChoiceAxis, u: number): number {
  return cellIndex(u, axis.prior.length);
}

/** Coordinate of a choice. */
export function choiceCentre(axis: ChoiceAxis, choice: number): number {
  return (choice + 0.5) / axis.prior.length;
}

/** Number of the cell that holds u. */
export function cellAt({ edges }: CellAxis, u: number): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= u) low = middle;
    else high = middle - 1;
  }
  return low;
}
