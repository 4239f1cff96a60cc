import type { JsonObject } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import type { Space } from "../parameters/space.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { withFixed } from "./draw-config.ts";
import { createLattice, type Lattice, type PointCounts } from "./lattice.ts";
import { createPermutation } from "./permutation.ts";
import type { Sampler, SuggestContext } from "./sampler.ts";

export interface GridOptions {
  /**
   * Values to take of every continuous parameter, or of parameters by name (which also thins out stepped ones): equally spaced,
   * geometric on a log scale, both ends included. 0 = none, continuous parameters are refused.
   */
  readonly points?: PointCounts;
  /** In an order shuffled by the study's seed, so that a part of the grid already covers all of it. */
  readonly shuffle?: boolean;
}

export const gridDefaults = Object.freeze({ points: 0 as PointCounts, shuffle: true });

const LOOK_LIMIT = 1_000_000;
const nothingAllowed = `grid: none of ${LOOK_LIMIT} points in a row was untried and satisfied the parameter constraints`;

/**
 * Number of different configs of the grid, parameter constraints not applied.
 * @throws {TunesmithError} `refused` if the space has no grid, e.g. a continuous parameter without `points`.
 */
export function gridSize(space: Space, options: GridOptions = {}): number {
  const lattice = createLattice(space, options.points ?? gridDefaults.points);
  if (typeof lattice === "string") throw new TunesmithError("refused", `grid: ${lattice}`);
  return lattice.size;
}

/**
 * The most values per continuous parameter with which the grid has at most `limit` configs, but at least 2; null if no parameter is
 * continuous, so that the grid needs no such number.
 * @throws {TunesmithError} `refused` if the space has no grid for another reason.
 */
export function gridPointsWithin(space: Space, limit: number): number | null {
  if (space.dimensions.every(({ cellCount }) => cellCount !== Infinity)) return null;
  const fits = (points: number): boolean => gridSize(space, { points }) <= limit;
  let low = 2;
  let high = 4;
  while (high <= limit && fits(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Every config once, then nothing. Each trial's note says which position of the order it took; the next one is the first behind
 * the newest that was not tried otherwise (enqueued, say) and satisfies the constraints. A failed or cancelled config is not
 * suggested again: retry it.
 *
 * `suggest` throws a `TunesmithError` `refused` after a million points in a row that it had to pass over.
 *
 * Cost: O(1) per suggestion besides the positions it passes over.
 */
export function grid(options: GridOptions = {}): Sampler {
  const { points, shuffle } = { ...gridDefaults, ...options };
  // Per space, because making a lattice visits every combination that conditions ask about.
  const lattices = new WeakMap<Space, Lattice | string>();
  const latticeOf = (space: Space): Lattice | string => {
    const lattice = lattices.get(space) ?? createLattice(space, points);
    lattices.set(space, lattice);
    return lattice;
  };
  return {
    type: "grid",
    version: 1,
    options: { points, shuffle },
    refuse({ space, defineByRun }: Problem) {
      if (defineByRun) return "grid needs every parameter declared: what training code draws by itself has no grid";
      const lattice = latticeOf(space);
      return typeof lattice === "string" ? `grid: ${lattice}` : null;
    },
    suggest({ space, seed }: Problem, history: History, context: SuggestContext) {
      const lattice = latticeOf(space);
      if (typeof lattice === "string") throw new TunesmithError("refused", `grid: ${lattice}`);
      const { size } = lattice;
      const permute = shuffle ? createPermutation(size, createRng(seed, "grid")) : (index: number) => index;
      const first = nextIndex(history, size);
      for (let index = first; index < size; index++) {
        if (index - first === LOOK_LIMIT) throw new TunesmithError("refused", nothingAllowed);
        const config = lattice.config(permute(index));
        if (!space.satisfies(config) || history.hasConfig(space.key(config))) continue;
        const why = { code: "grid", index, size };
        if (Object.keys(context.fixed).length === 0) return { config, why, note: { index, size } };
        // Not a config of this grid any more: it leaves the position to the next trial.
        return { config: withFixed(space, config, context.fixed, context.rng("grid")), why };
      }
      return null;
    },
  };
}

/** One behind the position of the newest trial that came from a grid of this size. */
function nextIndex(history: History, size: number): number {
  const { rows } = history;
  for (let at = rows.length - 1; at >= 0; at--) {
    const position = gridPosition(history.note(rows[at]), size);
    if (position !== null) return position + 1;
  }
  return 0;
}

function gridPosition(note: JsonObject | null, size: number): number | null {
  return typeof note?.index === "number" && note.size === size ? note.index : null;
}
