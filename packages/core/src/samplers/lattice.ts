import type { Condition } from "../parameters/condition.ts";
import { orderByParents } from "../parameters/condition-graph.ts";
import { parseExpression } from "../parameters/expression.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Dimension, Space } from "../parameters/space.ts";
import { gridOf } from "../parameters/value-grid.ts";

/** How many values to take of a numeric parameter: of every continuous one, or by name. */
export type PointCounts = number | { readonly [name: string]: number };

/** Every different config of a space whose dimensions are finite or cut into points, numbered. */
export interface Lattice {
  /** Number of configs; parameter constraints are not applied. */
  readonly size: number;
  /** Config of a number 0 … size − 1. Without conditions the last dimension by name changes fastest. */
  config(index: number): Config;
}

/** A way to choose the parameters that conditions ask about, and what is active then. */
interface Branch {
  readonly point: Float64Array;
  /** Columns that are still free. */
  readonly open: readonly number[];
  /** Number of configs of the branches before it. */
  readonly start: number;
  readonly size: number;
}

const BRANCH_LIMIT = 100_000;

/**
 * @param points  Values per continuous dimension, equally spaced on its scale, both ends included.
 * @returns       The lattice, or one sentence why there is none.
 *
 * Cost: O(number of ways to choose the parameters that conditions ask about) to make; O(log of it + d) per config.
 */
export function createLattice(space: Space, points: PointCounts): Lattice | string {
  const axes: LatticeAxis[] = [];
  for (const dimension of space.dimensions) {
    const axis = createAxis(dimension, pointsOf(points, dimension));
    if (typeof axis === "string") return axis;
    axes.push(axis);
  }
  const branches = listBranches(space, axes);
  if (branches === null) return `conditions make more than ${BRANCH_LIMIT} combinations of the parameters they ask about`;
  const last = branches[branches.length - 1];
  const size = last.start + last.size;
  if (size > Number.MAX_SAFE_INTEGER) return `${size} combinations are more than can be numbered (2^53)`;
  return {
    size,
    config(index) {
      const { point, open, start } = findBranch(branches, index);
      const chosen = point.slice();
      let rest = index - start;
      for (let k = open.length - 1; k >= 0; k--) {
        const { count, coordinate } = axes[open[k]];
        chosen[open[k]] = coordinate(rest % count);
        rest = Math.floor(rest / count);
      }
      return space.decode(chosen);
    },
  };
}

function pointsOf(points: PointCounts, { name, cellCount }: Dimension): number {
  if (typeof points === "number") return cellCount === Infinity ? points : 0;
  return Object.hasOwn(points, name) ? points[name] : 0;
}

interface LatticeAxis {
  readonly count: number;
  coordinate(i: number): number;
}

/** @param points  0 = every value there is. */
function createAxis(dimension: Dimension, points: number): LatticeAxis | string {
  const { name, cellCount, parameter } = dimension;
  if (points > 0) return pointAxis(dimension, points);
  if (cellCount === Infinity) return `${name} is continuous: give it a step, or say how many points to take of it`;
  const grid = parameter.type === "float" || parameter.type === "int" ? gridOf(parameter) : null;
  if (grid !== null) return { count: cellCount, coordinate: (i) => dimension.encode(grid.valueAt(i)) };
  return { count: cellCount, coordinate: (i) => (i + 0.5) / cellCount };
}

/** Equally spaced on the searched scale, so geometric on a log one; values that fall together count once. */
function pointAxis(dimension: Dimension, points: number): LatticeAxis {
  const coordinates = new Map<unknown, number>();
  for (let i = 0; i < points; i++) {
    const value = dimension.decode(points === 1 ? 0.5 : i / (points - 1));
    if (!coordinates.has(value)) coordinates.set(value, dimension.encode(value));
  }
  const list = Float64Array.from(coordinates.values());
  return { count: list.length, coordinate: (i) => list[i] };
}

/** Null if there are too many. */
function listBranches(space: Space, axes: readonly LatticeAxis[]): readonly Branch[] | null {
  const { dimensions } = space;
  const asked = askedColumns(space);
  const branches: Branch[] = [];
  const point = new Float64Array(dimensions.length).fill(Number.NaN);
  let start = 0;
  const visit = (depth: number): boolean => {
    const config = space.decode(point);
    if (depth === asked.length) {
      const active = [...dimensions.keys()].filter((j) => Object.hasOwn(config, dimensions[j].name));
      const open = active.filter((j) => !asked.includes(j));
      const size = open.reduce((product, j) => product * axes[j].count, 1);
      branches.push({ point: point.slice(), open, start, size });
      start += size;
      return branches.length <= BRANCH_LIMIT;
    }
    const column = asked[depth];
    if (!Object.hasOwn(config, dimensions[column].name)) return visit(depth + 1);
    for (let i = 0; i < axes[column].count; i++) {
      point[column] = axes[column].coordinate(i);
      if (!visit(depth + 1)) return false;
    }
    point[column] = Number.NaN;
    return true;
  };
  return visit(0) ? branches : null;
}

/** Columns that some condition asks about, those first that decide whether others are active. */
function askedColumns(space: Space): number[] {
  const names = Object.keys(space.parameters);
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const parents = names.map((name) => conditionNames(space.parameters[name].when).map((parent) => indexOf.get(parent) as number));
  const asked = new Set(parents.flat());
  const ordered = orderByParents(parents).order.filter((index) => asked.has(index));
  return ordered.map((index) => space.indexOf(names[index])).filter((column) => column >= 0);
}

function conditionNames(when: Condition | undefined): readonly string[] {
  if (when === undefined) return [];
  return typeof when === "string" ? parseExpression(when).names : Object.keys(when);
}

function findBranch(branches: readonly Branch[], index: number): Branch {
  let low = 0;
  let high = branches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (branches[middle].start <= index) low = middle;
    else high = middle - 1;
  }
  return branches[low];
}
