import type { Rng } from "../../numerics/rng.ts";
import { cellCentre, cellIndex } from "../../parameters/cell-index.ts";
import type { Config, FloatParameter, IntParameter } from "../../parameters/parameter.ts";
import type { Dimension, Space } from "../../parameters/space.ts";
import { gridOf } from "../../parameters/value-grid.ts";
import { type DrawnConfig, drawConfig } from "../../samplers/draw-config.ts";
import type { History } from "../../trial/history.ts";

/** How a copied config is changed. */
export interface Perturbation {
  /** Factors; a number is multiplied by one of them. */
  readonly perturb: readonly number[];
  /** Probability that a value is drawn afresh instead. */
  readonly resample: number;
}

/**
 * The config of a child: the parent's with the tuned parameters changed by `explored`, within conditions and constraints. What thereby
 * becomes active is drawn by the prior. Where no change within the constraints is found, the parent's own.
 *
 * @param explored  Coordinate of a tuned parameter that the parent has → the child's; asked again, with the next draw number, where the
 *                  constraints do not hold.
 */
export function childConfig(
  space: Space,
  history: History,
  parent: Config,
  isTuned: (name: string) => boolean,
  explored: (dimension: Dimension, u: number, draw: number) => number,
  rng: Rng,
): Pick<DrawnConfig, "config" | "outcome"> {
  const from = space.encode(parent);
  const propose = (draw: number, point: Float64Array): void => {
    space.dimensions.forEach((dimension, j) => {
      if (Number.isNaN(from[j])) point[j] = dimension.fromPrior(rng.uniform());
      else point[j] = isTuned(dimension.name) ? explored(dimension, from[j], draw) : from[j];
    });
  };
  const fixed = Object.fromEntries(Object.entries(parent).filter(([name]) => space.indexOf(name) >= 0 && !isTuned(name)));
  const { config, outcome } = drawConfig({ space, history, fixed, propose, rng });
  return outcome === "violating" ? { config: parent, outcome } : { config, outcome };
}

/**
 * The change of population-based training to one coordinate: with probability `resample` a draw by the prior, else a number is
 * multiplied by one of the factors and clipped to its range (a step of the factor's logarithm on a log scale), a stepped one moving by
 * at least one value; an ordinal goes to a neighbour; a categorical stays.
 */
export function perturbedCoordinate(dimension: Dimension, u: number, { perturb, resample }: Perturbation, rng: Rng): number {
  if (rng.uniform() < resample) return dimension.fromPrior(rng.uniform());
  const { parameter } = dimension;
  if (parameter.type === "float" || parameter.type === "int") {
    const factor = perturb[rng.int(perturb.length)];
    return dimension.encode(multiplied(parameter, dimension.decode(u) as number, factor));
  }
  return dimension.kind === "numeric" ? neighbour(u, dimension.cellCount, rng) : u;
}

function multiplied(parameter: FloatParameter | IntParameter, value: number, factor: number): number {
  const wanted = Math.min(parameter.max, Math.max(parameter.min, value * factor));
  const grid = gridOf(parameter);
  if (grid === null) return wanted;
  const from = grid.nearest(value);
  const to = grid.nearest(wanted);
  if (to !== from || factor === 1) return grid.valueAt(to);
  const isUp = value === 0 ? factor > 1 : value * factor > value;
  return grid.valueAt(Math.min(grid.count - 1, Math.max(0, from + (isUp ? 1 : -1))));
}

function neighbour(u: number, count: number, rng: Rng): number {
  const from = cellIndex(u, count);
  const to = from + (rng.int(2) === 0 ? -1 : 1);
  // At an end there is only one.
  return cellCentre(to < 0 ? 1 : to >= count ? count - 2 : to, count);
}
