import type { Rng } from "../../numerics/rng.ts";
import { sobolPoint } from "../../numerics/sobol.ts";
import { sobolMaxDimension } from "../../numerics/sobol-directions.ts";
import type { Config } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";

/** A config that could start. */
export interface NewConfig {
  readonly config: Config;
  /** (d,) In the space's order. */
  readonly point: Float64Array;
}

const spreadCount = 48;
const nearCount = 24;
// Standard deviations of a nudge, in the unit cube, in turn.
const nudges = [0.2, 0.08, 0.03];
const redrawChance = 0.2;

/**
 * Configs that could start: spread ones, half by a scrambled Sobol sequence, half uniform, both by the declared priors; and nudges of
 * the best rows. Those that violate a parameter constraint, or are on record already, are left out.
 */
export function newConfigs(space: Space, history: History, bestRows: readonly number[], rng: Rng): NewConfig[] {
  const found = new Map<string, NewConfig>();
  const add = (drawn: Float64Array): void => {
    const config = space.decode(drawn);
    const key = space.key(config);
    if (space.satisfies(config) && !history.hasConfig(key)) found.set(key, { config, point: space.encode(config) });
  };
  const scramble = rng.int(Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < spreadCount; i++) add(spreadPoint(space, i, scramble, rng));
  if (bestRows.length > 0)
    for (let i = 0; i < nearCount; i++)
      add(nudgedPoint(space, history.points, bestRows[i % bestRows.length], nudges[i % nudges.length], rng));
  return [...found.values()];
}

function spreadPoint({ dimensions }: Space, index: number, scramble: number, rng: Rng): Float64Array {
  const point = Float64Array.from(dimensions, () => rng.uniform());
  if (index % 2 === 0) sobolPoint(index / 2, Math.min(point.length, sobolMaxDimension), scramble, point);
  return point.map((u, j) => dimensions[j].fromPrior(u));
}

function nudgedPoint({ dimensions }: Space, points: Float64Array, row: number, nudge: number, rng: Rng): Float64Array {
  const d = dimensions.length;
  return Float64Array.from(dimensions, (dimension, j) => {
    const u = points[row * d + j];
    const isRedrawn = Number.isNaN(u) || (dimension.kind === "categorical" && rng.uniform() < redrawChance);
    if (isRedrawn) return rng.uniform();
    return dimension.kind === "categorical" ? u : Math.min(1, Math.max(0, u + nudge * rng.normal()));
  });
}
