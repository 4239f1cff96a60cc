import type { Rng } from "../../numerics/rng.ts";
import type { Dimension, Space } from "../../parameters/space.ts";
import { mutateCoordinate } from "./polynomial-mutation.ts";
import { crossCoordinates } from "./simulated-binary-crossover.ts";

export interface VariationRates {
  /** Chance that a child has two parents. */
  readonly crossoverChance: number;
  /** η of the crossover and of the mutation. */
  readonly crossoverIndex: number;
  readonly mutationIndex: number;
  /** Chance of each coordinate to mutate; null: one of the active ones on average. */
  readonly mutationChance: number | null;
}

// A crossed numeric coordinate is blended with this chance, else the first parent's (Deb and Agrawal's code).
const BLEND_CHANCE = 0.5;
const RESAMPLE_LIMIT = 8;

/**
 * Child of two parents: a numeric coordinate is blended or the first parent's, a categorical one is either's; one that is active in one
 * parent only is that one's, in neither NaN.
 *
 * @param parents  Points, row-major.
 * @param a        Where the first parent's point begins; `b` likewise.
 */
export function crossPoints(
  { dimensions }: Space,
  parents: Float64Array,
  a: number,
  b: number,
  eta: number,
  rng: Rng,
  child: Float64Array,
): void {
  for (let j = 0; j < child.length; j++) {
    const own = parents[a + j];
    const other = parents[b + j];
    if (Number.isNaN(own) || Number.isNaN(other)) child[j] = Number.isNaN(own) ? other : own;
    else if (dimensions[j].kind === "categorical") child[j] = rng.uniform() < 0.5 ? own : other;
    else child[j] = rng.uniform() < BLEND_CHANCE ? crossCoordinates(own, other, eta, rng) : own;
  }
}

/** Gives every NaN a draw by its prior. */
export function fillMissing({ dimensions }: Space, rng: Rng, child: Float64Array): void {
  for (let j = 0; j < child.length; j++) if (Number.isNaN(child[j])) child[j] = dimensions[j].fromPrior(rng.uniform());
}

/**
 * Mutates the active coordinates of a point without NaN: numeric ones by the polynomial, at least to the next value; categorical ones by
 * a draw of another choice.
 *
 * @param atLeastOne  Whether some coordinate must mutate.
 */
export function mutatePoint(space: Space, rates: VariationRates, atLeastOne: boolean, rng: Rng, child: Float64Array): void {
  const { dimensions } = space;
  const activity = space.conditional ? space.encode(space.decode(child)) : child;
  let activeCount = 0;
  for (let j = 0; j < child.length; j++) if (!Number.isNaN(activity[j])) activeCount++;
  if (activeCount === 0) return;
  const chance = rates.mutationChance ?? 1 / activeCount;
  let mutatedCount = 0;
  for (let j = 0; j < child.length; j++) {
    if (Number.isNaN(activity[j]) || rng.uniform() >= chance) continue;
    child[j] = mutated(dimensions[j], child[j], rates.mutationIndex, rng);
    mutatedCount++;
  }
  if (mutatedCount > 0 || !atLeastOne) return;
  const j = nthActive(activity, rng.int(activeCount));
  child[j] = mutated(dimensions[j], child[j], rates.mutationIndex, rng);
}

function nthActive(activity: Float64Array, n: number): number {
  let left = n;
  return activity.findIndex((u) => !Number.isNaN(u) && left-- === 0);
}

function mutated(dimension: Dimension, u: number, eta: number, rng: Rng): number {
  if (dimension.kind === "categorical") return anotherChoice(dimension, u, rng);
  const moved = mutateCoordinate(u, eta, rng.uniform());
  return dimension.cellCount === Infinity ? moved : anotherValue(dimension, u, moved);
}

/** The old one only if a prior hardly allows another. */
function anotherChoice(dimension: Dimension, u: number, rng: Rng): number {
  const { cellCount, hasPrior } = dimension;
  if (!hasPrior) {
    const own = Math.min(cellCount - 1, Math.floor(u * cellCount));
    return (((own + 1 + rng.int(cellCount - 1)) % cellCount) + 0.5) / cellCount;
  }
  const choice = dimension.decode(u);
  for (let draw = 0; draw < RESAMPLE_LIMIT; draw++) {
    const drawn = dimension.fromPrior(rng.uniform());
    if (dimension.decode(drawn) !== choice) return drawn;
  }
  return u;
}

/** Goes on in the direction of the move until the value is another one; at the end of the range the other way. */
function anotherValue({ cellCount, decode }: Dimension, from: number, moved: number): number {
  const value = decode(from);
  let step = moved - from;
  if (Math.abs(step) < 1 / cellCount) step = (step < 0 ? -1 : 1) / cellCount;
  let to = moved;
  while (decode(to) === value) {
    const isOut = from + step < 0 || from + step > 1;
    to = Math.min(1, Math.max(0, from + step));
    if (isOut && decode(to) === value) step = -Math.sign(step) / cellCount;
    else step *= 2;
  }
  return to;
}
