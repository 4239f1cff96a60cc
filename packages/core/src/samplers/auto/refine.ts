import type { JsonObject } from "../../json.ts";
import type { Config } from "../../parameters/parameter.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import type { SuggestContext, Suggestion } from "../sampler.ts";
import { fitQuadratic, minimizeQuadratic } from "./local-quadratic.ts";

/** What a suggestion remembers: how far from which trial it looked, what that trial's loss was and what it expected instead. */
export interface RefineNote extends JsonObject {
  readonly radius: number;
  readonly centre: number;
  readonly best: number;
  readonly predicted: number;
}

const LEAST_RADIUS = 1e-8;
const GREATEST_RADIUS = 0.5;
const FIRST_RADII = { least: 1e-4, greatest: 0.1 } as const;
// Fewer steps than this are not a slope.
const LEAST_CELLS = 20;
const FREE_LIMIT = 100;
const LEAST_NEIGHBOURS = 3;
const DATA_LIMIT = 150;
const STANDSTILL = 1e-3;
const DRAW_LIMIT = 100;

/**
 * A step downhill from the best trial: the minimum of a quadratic through its neighbours, no further away than it has proved to hold.
 *
 * For one objective that is smooth near its best: it finishes what samplers for the whole space have found. It moves the numeric parameters
 * of the best complete trial; its choices, few-valued numbers and inactive parameters stay. The radius doubles after a step that gained as
 * predicted, and is halved after one that did not; it is in the note, measured in the unit cube.
 *
 * @returns  Null where there is nothing to refine: several objectives, outcome constraints, fixed values, no numeric parameter, too few trials
 *           that differ from the best in these only, or a radius that has shrunk to nothing.
 *
 * Cost: O(n² p + n³ / 6 + n p²) for n ≤ 150 neighbours and p ≤ 100 numeric parameters.
 * Source: A. R. Conn, K. Scheinberg, L. N. Vicente (2009), "Introduction to derivative-free optimization", Ch. 10 (trust regions),
 * https://doi.org/10.1137/1.9780898718768
 */
export function refine(problem: Problem, history: History, context: SuggestContext): Suggestion | null {
  const { objectives, outcomeConstraints, defineByRun } = problem;
  if (objectives.length > 1 || outcomeConstraints.length > 0 || defineByRun || Object.keys(context.fixed).length > 0) return null;
  const place = findPlace(problem, history);
  if (place === null) return null;
  const radius = radiusNow(place, history);
  if (radius < LEAST_RADIUS) return null;
  const box = boxOf(place, history, radius);
  const step = bestStep(place, history, radius, box, context);
  // -0 is no number of JSON.
  const best = history.losses[place.best] + 0;
  const predicted = step === null ? Number.NaN : best + step.change;
  if (step === null || !Number.isFinite(predicted)) return null;
  const configAt = (x: Float64Array): Config | null => newConfigAt(place, problem, history, radius, x);
  const note: RefineNote = { radius, centre: history.numbers[place.best], best, predicted };
  const why = { code: "refine", radius, best, neighbourCount: place.neighbours.length };
  const config = step.x.some((x) => Math.abs(x) >= STANDSTILL) ? configAt(step.x) : null;
  if (config !== null) return { config, why: { ...why, predicted }, note };
  // A point nearby tells the model more than the same again.
  const rng = context.rng("refine-nearby");
  for (let draw = 0; draw < DRAW_LIMIT; draw++) {
    const nearby = configAt(box.lower.map((low, a) => Math.min(box.upper[a], Math.max(low, 0.5 * rng.normal()))));
    if (nearby !== null) return { config: nearby, why, note: { ...note, predicted: best } };
  }
  return null;
}

/** The best trial and what is around it. */
interface Place {
  /** Row of the best trial. */
  readonly best: number;
  /** Columns that move. */
  readonly free: Int32Array;
  /** Rows that differ from the best in free columns only, nearest first. */
  readonly neighbours: Int32Array;
  /** Of a result's row: the largest difference from the best in any free column. */
  readonly distances: Float64Array;
}

function findPlace({ space }: Problem, history: History): Place | null {
  const { points, losses, states, dimensionCount: d } = history;
  const results = history.rows.filter((row) => states[row] === trialStateCodes.complete && Number.isFinite(losses[row]));
  if (results.length === 0) return null;
  const best = results.reduce((least, row) => (losses[row] < losses[least] ? row : least));
  const moves = (j: number): boolean =>
    space.dimensions[j].kind === "numeric" && space.dimensions[j].cellCount >= LEAST_CELLS && !Number.isNaN(points[best * d + j]);
  const columns = Int32Array.from({ length: d }, (_, j) => j);
  const free = columns.filter(moves);
  if (free.length === 0 || free.length > FREE_LIMIT) return null;
  const fixed = columns.filter((j) => !moves(j));
  const distances = new Float64Array(states.length);
  for (const row of results)
    for (const j of free) distances[row] = Math.max(distances[row], Math.abs(points[row * d + j] - points[best * d + j]));
  const neighbours = results
    .filter((row) => row !== best && fixed.every((j) => Object.is(points[row * d + j], points[best * d + j])))
    .sort((a, b) => distances[a] - distances[b] || a - b);
  return neighbours.length < LEAST_NEIGHBOURS ? null : { best, free, neighbours, distances };
}

/** From how the newest of the own steps went; anew where the best trial lies elsewhere by now. */
function radiusNow({ best, free, neighbours, distances }: Place, history: History): number {
  const { losses, finishSeqs, states } = history;
  let newest = -1;
  for (const row of history.rows) {
    if (states[row] !== trialStateCodes.complete || noteOf(history, row) === null) continue;
    if (newest < 0 || finishSeqs[row] > finishSeqs[newest]) newest = row;
  }
  const note = newest < 0 ? null : noteOf(history, newest);
  const centre = note === null ? -1 : history.rowOf(note.centre);
  const isAlike = centre === best || (centre >= 0 && neighbours.includes(centre));
  // A step reaches a radius, give or take what a value was rounded by.
  if (note === null || !isAlike || distances[centre] > 1.01 * note.radius) {
    const typical = distances[neighbours[Math.min(neighbours.length - 1, free.length)]];
    return Math.min(FIRST_RADII.greatest, Math.max(FIRST_RADII.least, typical));
  }
  const gain = note.best - losses[newest];
  const promised = note.best - note.predicted;
  if (!(gain > 0) || gain < 0.1 * promised) return note.radius / 2;
  return gain > 0.7 * promised ? Math.min(GREATEST_RADIUS, 2 * note.radius) : note.radius;
}

function noteOf(history: History, row: number): RefineNote | null {
  const note = history.note(row);
  return typeof note?.radius === "number" && typeof note.centre === "number" ? (note as RefineNote) : null;
}

/** Steps of at most one radius that stay in the unit cube. */
interface Box {
  /** (p,) in radii. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

function boxOf({ best, free }: Place, { points, dimensionCount: d }: History, radius: number): Box {
  return {
    lower: Float64Array.from(free, (j) => Math.max(-1, -points[best * d + j] / radius)),
    upper: Float64Array.from(free, (j) => Math.min(1, (1 - points[best * d + j]) / radius)),
  };
}

/** The best trial's config moved by x radii; null where it has been tried or breaks a parameter constraint. */
function newConfigAt(
  { best, free }: Place,
  { space }: Problem,
  history: History,
  radius: number,
  x: Float64Array,
): Config | null {
  const d = history.dimensionCount;
  const point = history.points.slice(best * d, (best + 1) * d);
  free.forEach((j, a) => {
    point[j] = Math.min(1, Math.max(0, point[j] + radius * x[a]));
  });
  const config = space.decode(point);
  return space.satisfies(config) && !history.hasConfig(space.key(config)) ? config : null;
}

/** The minimum of the quadratic in the box, and by how much the loss is expected to change there. */
function bestStep(
  { best, free, neighbours, distances }: Place,
  { points, losses, dimensionCount: d }: History,
  radius: number,
  { lower, upper }: Box,
  context: SuggestContext,
): { readonly x: Float64Array; readonly change: number } | null {
  const p = free.length;
  const withinCount = neighbours.filter((row) => distances[row] <= 2 * radius).length;
  const wantedCount = Math.max(withinCount, ((p + 1) * (p + 2)) / 2 + p);
  const rows = [best, ...neighbours.subarray(0, Math.min(DATA_LIMIT, wantedCount))];
  const z = Float64Array.from({ length: rows.length * p }, (_, at) => {
    const [row, j] = [rows[Math.floor(at / p)], free[at % p]];
    return (points[row * d + j] - points[best * d + j]) / radius;
  });
  const rises = Float64Array.from(rows, (row) => losses[row] - losses[best]);
  const unit = typicalRise(rises, p);
  const quadratic = fitQuadratic(
    z,
    rises.map((rise) => rise / unit),
    p,
  );
  if (quadratic === null) return null;
  const { x, value } = minimizeQuadratic(quadratic, lower, upper, context.rng("refine-starts"));
  return { x, change: unit * Math.min(0, value) };
}

/** So that losses are of the order of 1 near the best: the (p + 1)-th smallest difference from it. */
function typicalRise(rises: Float64Array, p: number): number {
  const above = rises.filter((rise) => rise > 0 && Number.isFinite(rise)).sort();
  return above.length === 0 ? 1 : above[Math.min(above.length - 1, p)];
}
