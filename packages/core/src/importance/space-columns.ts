import { parseExpression } from "../parameters/expression.ts";
import type { Space } from "../parameters/space.ts";
import { evenPoints } from "./even-points.ts";
import type { ColumnShape } from "./forest/binned-columns.ts";

/** What importance needs to know of a space. */
export interface SpaceColumns {
  /** (d,) */
  readonly shapes: readonly ColumnShape[];
  /** (probes, d) Points spread evenly over the space, NaN where inactive; none where every parameter is always active. */
  readonly probes: Float64Array;
}

const PROBE_COUNT = 1024;

export function spaceColumns(space: Space): SpaceColumns {
  const shapes = space.dimensions.map(({ kind, cellCount, name }) => ({
    choiceCount: kind === "categorical" ? cellCount : null,
    gates: gatesOf(space, name),
  }));
  return { shapes, probes: shapes.some(({ gates }) => gates.length > 0) ? probesOf(space) : new Float64Array(0) };
}

/** Columns of the parameters on which it depends whether this one is active, those of its parents included. */
function gatesOf(space: Space, name: string): readonly number[] {
  const ancestors = new Set<string>();
  const queue = [name];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const parent of parentsOf(space, next)) {
      if (ancestors.has(parent)) continue;
      ancestors.add(parent);
      queue.push(parent);
    }
  }
  return [...ancestors]
    .map((ancestor) => space.indexOf(ancestor))
    .filter((column) => column >= 0)
    .sort((a, b) => a - b);
}

function parentsOf({ parameters }: Space, name: string): readonly string[] {
  const { when } = parameters[name];
  if (when === undefined) return [];
  return typeof when === "string" ? parseExpression(when).names : Object.keys(when);
}

function probesOf(space: Space): Float64Array {
  const d = space.dimensions.length;
  const probes = evenPoints(PROBE_COUNT, d, 0);
  for (let i = 0; i < PROBE_COUNT; i++) {
    const point = probes.subarray(i * d, (i + 1) * d);
    space.encode(space.decode(point), point);
  }
  return probes;
}
