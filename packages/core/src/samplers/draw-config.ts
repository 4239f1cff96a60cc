import type { Rng } from "../numerics/rng.ts";
import { parseExpression, violation } from "../parameters/expression.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Space } from "../parameters/space.ts";
import type { History } from "../trial/history.ts";

/** How a config came to be: within the constraints at once, bent from one that is known to satisfy them, or violating some. */
export interface DrawnConfig {
  readonly config: Config;
  readonly drawCount: number;
  readonly outcome: "drawn" | "bent" | "violating";
}

export interface DrawRequest {
  readonly space: Space;
  readonly history: History;
  /** Values that must stay. */
  readonly fixed: Config;
  /** Writes the coordinates of draw number 0, 1, …; all of them, active or not. */
  readonly propose: (draw: number, point: Float64Array) => void;
  /** For what `propose` cannot answer. */
  readonly rng: Rng;
}

const DRAW_LIMIT = 2_000;
const KNOWN_LIMIT = 100;

/**
 * Draws until the parameter constraints hold. When none of 2,000 draws satisfies them, it bends a known config that does: it
 * moves one coordinate after the other to a drawn value wherever the constraints allow. When none is known either, it gives
 * back the draw with the smallest sum of violations, for the caller to say so.
 */
export function drawConfig(request: DrawRequest): DrawnConfig {
  const { space, fixed, propose, rng } = request;
  const point = new Float64Array(space.dimensions.length);
  let least: Config | null = null;
  let leastExcess = Infinity;
  const limit = space.parameterConstraints.length === 0 ? 1 : DRAW_LIMIT;
  for (let draw = 0; draw < limit; draw++) {
    propose(draw, point);
    const config = withFixed(space, space.decode(point), fixed, rng);
    if (limit === 1 || space.satisfies(config)) return { config, drawCount: draw + 1, outcome: "drawn" };
    const excess = totalViolation(space, config);
    if (excess < leastExcess) least = config;
    leastExcess = Math.min(leastExcess, excess);
  }
  const known = knownSatisfying(request);
  if (known !== null) return { config: bend(request, known), drawCount: limit, outcome: "bent" };
  return { config: least ?? space.defaults(), drawCount: limit, outcome: "violating" };
}

/** The proposal with the fixed values in it; what these make active and the proposal lacks is drawn by the prior. */
export function withFixed(space: Space, proposal: Config, fixed: Config, rng: Rng): Config {
  if (Object.keys(fixed).length === 0) return proposal;
  return space.complete(proposal, fixed, (dimension) => dimension.fromPrior(rng.uniform()));
}

function totalViolation({ parameterConstraints }: Space, config: Config): number {
  // NaN: the constraint names an inactive parameter, so it holds.
  const violationOf = (text: string): number => violation(parseExpression(text), (name) => config[name]) || 0;
  return parameterConstraints.reduce((sum, text) => sum + violationOf(text), 0);
}

function knownSatisfying({ space, history, fixed, rng }: DrawRequest): Config | null {
  const { rows } = history;
  const newest = Array.from(rows.subarray(Math.max(0, rows.length - KNOWN_LIMIT))).reverse();
  for (const known of [space.defaults(), ...newest.map((row) => history.config(row))]) {
    const config = withFixed(space, known, fixed, rng);
    if (space.check(config).length === 0) return config;
  }
  return null;
}

function bend({ space, fixed, propose, rng }: DrawRequest, known: Config): Config {
  const d = space.dimensions.length;
  const target = new Float64Array(d);
  propose(DRAW_LIMIT, target);
  let config = known;
  for (const j of rng.shuffle([...Array(d).keys()])) {
    const point = space.encode(config);
    point[j] = target[j];
    const moved = withFixed(space, space.decode(point), fixed, rng);
    if (space.satisfies(moved)) config = moved;
  }
  return config;
}
