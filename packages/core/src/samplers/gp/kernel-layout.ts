import { canonicalJson } from "../../json.ts";
import type { Dimension, Space } from "../../parameters/space.ts";

/** Coordinates of one condition: numeric ones from `start` to `choiceStart`, choices without order from there to `end`. */
export interface CoordinateGroup {
  readonly start: number;
  readonly choiceStart: number;
  readonly end: number;
}

/**
 * How the kernel sees a space. Model coordinates are the space's dimensions in another order: those that are always active first, then
 * condition by condition, so that every group lies in one piece and is active or not as a whole.
 *
 * Kernel parameters θ: log ℓ of each coordinate, logit ρ of each group but the first, log s², log σ²; where inputs are warped, then log a, log b
 * of each coordinate.
 */
export interface KernelLayout {
  /** (d,) */
  readonly dimensions: readonly Dimension[];
  /** (d,) Column in the space of each model coordinate. */
  readonly columns: Int32Array;
  /** The first is always active and may be empty. */
  readonly groups: readonly CoordinateGroup[];
  /** Places in θ. */
  readonly signalAt: number;
  readonly noiseAt: number;
  readonly thetaLength: number;
  readonly warpedThetaLength: number;
}

export function kernelLayout(space: Space): KernelLayout {
  const members = new Map<string, number[]>([["null", []]]);
  space.dimensions.forEach(({ parameter }, column) => {
    const condition = canonicalJson(parameter.when ?? null);
    members.set(condition, [...(members.get(condition) ?? []), column]);
  });
  const columns: number[] = [];
  const groups = [...members.values()].map((group) => {
    const start = columns.length;
    const isChoice = (column: number): boolean => space.dimensions[column].kind === "categorical";
    columns.push(...group.filter((column) => !isChoice(column)));
    const choiceStart = columns.length;
    columns.push(...group.filter(isChoice));
    return { start, choiceStart, end: columns.length };
  });
  const d = columns.length;
  return {
    dimensions: columns.map((column) => space.dimensions[column]),
    columns: Int32Array.from(columns),
    groups,
    signalAt: d + groups.length - 1,
    noiseAt: d + groups.length,
    thetaLength: d + groups.length + 1,
    warpedThetaLength: 3 * d + groups.length + 1,
  };
}

/** Writes the point at `from` (space order) to `to` (model order). */
export function gatherPoint(layout: KernelLayout, points: Float64Array, from: number, out: Float64Array, to: number): void {
  const { columns } = layout;
  for (let j = 0; j < columns.length; j++) out[to + j] = points[from + columns[j]];
}
