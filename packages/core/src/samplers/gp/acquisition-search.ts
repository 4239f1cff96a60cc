/**
 * Where an acquisition is greatest among the points of real configs: nothing is relaxed and rounded afterwards, because the acquisition
 * peaks between the steps of a grid.
 *
 * Candidates are compared in one batch; from the best, from some drawn by their worth and from the best known trial a local search alternates
 * gradient steps in the continuous coordinates with the neighbours of each stepped or choice coordinate until neither gains.
 *
 * Source: J. Kim, S. Choi (2021), "On local optimizers of acquisition functions in Bayesian optimization" (local search
 * from candidates).
 */
import { minimizeInBox } from "../../numerics/minimize-in-box.ts";
import type { Rng } from "../../numerics/rng.ts";
import type { Acquisition } from "./acquisition.ts";
import type { Box, Candidates } from "./candidates.ts";
import type { SearchDomain } from "./search-domain.ts";

/** A settled point and its worth. */
export interface Found {
  readonly point: Float64Array;
  readonly value: number;
}

export interface SearchRequest {
  readonly domain: SearchDomain;
  readonly acquisition: Acquisition;
  readonly candidates: Candidates;
  /** Latents to search from besides; the best known trial. */
  readonly extraStarts: readonly Float64Array[];
  /** (d,) 1 / ℓ, which scales the gradient steps. */
  readonly inverseLengths: Float64Array;
  readonly box: Box;
  /** Local searches from candidates. */
  readonly startCount: number;
  readonly rng: Rng;
}

const CLIMB_ITERATIONS = 40;
const ROUND_LIMIT = 6;
// Up to so many choices are all looked at; of more, neighbours at distances 1, 2, 4, …
const EXHAUSTIVE_LIMIT = 16;
const CHOICE_LIMIT = 64;
const LEAST_GAIN = 1e-9;
const NUDGE_COUNT = 16;
// In lengthscales.
const NUDGE_SCALE = 0.2;
const LEAST_NUDGE_SCALE = 0.01;

/** Local maxima first, best first, then the candidates, best first; ties by index. At least one. Made only as far as they are taken. */
export function* searchAcquisition(request: SearchRequest): Generator<Found> {
  const { acquisition, candidates, extraStarts } = request;
  const { count, latents, points } = candidates;
  const d = request.inverseLengths.length;
  const values = acquisition.values(points, count);
  const order = Int32Array.from(values, (_, c) => c).sort((a, b) => values[b] - values[a] || a - b);
  const starts = chooseStarts(request, values, order).map((c) => latents.slice(c * d, (c + 1) * d));
  const found = [...starts, ...extraStarts].map((start) => new LocalSearch(request, start).run()).filter((end) => end !== null);
  yield* found.sort((a, b) => b.value - a.value);
  for (const c of order) yield { point: points.slice(c * d, (c + 1) * d), value: values[c] };
}

/** The best candidate, and others drawn without replacement with chances in proportion to their worth. */
function chooseStarts({ startCount, rng }: SearchRequest, values: Float64Array, order: Int32Array): number[] {
  const chosen = order.length > 0 ? [order[0]] : [];
  if (chosen.length === 0) return chosen;
  const best = values[order[0]];
  const weights = values.map((value) => Math.exp(value - best) || 0);
  weights[order[0]] = 0;
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let next = 1; chosen.length < Math.min(startCount, order.length); next++) {
    // Where all others are worth next to nothing, they come in order.
    const c = total > 1e-12 ? drawByWeight(weights, order, rng.uniform() * total) : order[next];
    if (chosen.includes(c)) continue;
    chosen.push(c);
    total -= weights[c];
    weights[c] = 0;
  }
  return chosen;
}

/** The index at which the running sum of weights, in the given order, passes `place`. */
function drawByWeight(weights: Float64Array, order: Int32Array, place: number): number {
  let rest = place;
  for (const c of order) {
    rest -= weights[c];
    if (rest < 0) return c;
  }
  return order[order.length - 1];
}

class LocalSearch {
  readonly #request: SearchRequest;
  readonly #d: number;
  readonly #latent: Float64Array;
  #point: Float64Array;
  #value = -Infinity;

  constructor(request: SearchRequest, latent: Float64Array) {
    this.#request = request;
    this.#d = latent.length;
    this.#latent = latent.slice();
    this.#point = new Float64Array(latent.length);
  }

  /** Null if the start violates the parameter constraints or is worth nothing at all. */
  run(): Found | null {
    const { domain, acquisition } = this.#request;
    if (!domain.settle(this.#latent, 0, this.#point, 0)) return null;
    this.#value = acquisition.values(this.#point, 1)[0];
    if (!Number.isFinite(this.#value)) return null;
    const stepped = this.#steppedCoordinates();
    for (let round = 0; round < ROUND_LIMIT; round++) {
      const before = this.#value;
      this.#climb();
      for (const j of stepped) this.#step(j);
      if (domain.isConstrained) this.#wander();
      if ((stepped.length === 0 && !domain.isConstrained) || this.#value - before <= LEAST_GAIN) break;
    }
    return { point: this.#point, value: this.#value };
  }

  #steppedCoordinates(): number[] {
    const { layout, isFixed } = this.#request.domain;
    return [...layout.dimensions.keys()].filter((j) => layout.dimensions[j].cellCount < Infinity && isFixed[j] === 0);
  }

  /** Gradient steps in the active continuous coordinates, measured in lengthscales. */
  #climb(): void {
    const { domain, acquisition, inverseLengths, box } = this.#request;
    const moved = [...domain.isContinuous.keys()].filter((j) => domain.isContinuous[j] === 1 && !Number.isNaN(this.#point[j]));
    if (moved.length === 0) return;
    const point = this.#point.slice();
    const slopes = new Float64Array(this.#d);
    const end = (of: Float64Array): Float64Array => Float64Array.from(moved, (j) => of[j] * inverseLengths[j]);
    const place = (z: Float64Array): void => {
      for (let i = 0; i < moved.length; i++) {
        const j = moved[i];
        point[j] = Math.min(box.upper[j], Math.max(box.lower[j], z[i] / inverseLengths[j]));
      }
    };
    place(end(this.#point));
    // Rounding may have carried the start over a constraint.
    if (!domain.isAllowed(point) || !Number.isFinite(acquisition.values(point, 1)[0])) return;
    const { x } = minimizeInBox(
      (z, gradient) => {
        place(z);
        if (!domain.isAllowed(point)) return Infinity;
        const value = acquisition.valueAndGradient(point, slopes);
        for (let i = 0; i < moved.length; i++) gradient[i] = -slopes[moved[i]] / inverseLengths[moved[i]];
        return -value;
      },
      end(this.#point),
      end(box.lower),
      end(box.upper),
      { maxIterations: CLIMB_ITERATIONS, maxEvaluations: 2 * CLIMB_ITERATIONS, gradientTolerance: 1e-3, valueTolerance: 1e-7 },
    );
    place(x);
    const value = acquisition.values(point, 1)[0];
    if (!(value > this.#value)) return;
    for (const j of moved) this.#latent[j] = point[j];
    this.#point = point;
    this.#value = value;
  }

  /** Nudges in all directions: gradient steps end where they meet a constraint, though the way on may lead along it. */
  #wander(): void {
    const { domain, acquisition, inverseLengths, box, rng } = this.#request;
    const d = this.#d;
    const latents = new Float64Array(NUDGE_COUNT * d);
    const points = new Float64Array(NUDGE_COUNT * d);
    for (let scale = NUDGE_SCALE; scale >= LEAST_NUDGE_SCALE; scale /= 2) {
      let count = 0;
      for (let nudge = 0; nudge < NUDGE_COUNT; nudge++) {
        for (let j = 0; j < d; j++) {
          const moved = this.#latent[j] + (domain.isContinuous[j] * scale * rng.normal()) / inverseLengths[j];
          latents[count * d + j] = domain.isContinuous[j] ? Math.min(box.upper[j], Math.max(box.lower[j], moved)) : moved;
        }
        if (domain.settle(latents, count * d, points, count * d)) count++;
      }
      this.#takeBest(acquisition.values(points, count), latents, points);
    }
  }

  /** Takes the best value of one stepped coordinate, the others staying as they are. */
  #step(j: number): void {
    const { domain, acquisition } = this.#request;
    if (Number.isNaN(this.#point[j])) return;
    const d = this.#d;
    const coordinates = this.#neighbours(j);
    const latents = new Float64Array(coordinates.length * d);
    const points = new Float64Array(coordinates.length * d);
    let count = 0;
    for (const u of coordinates) {
      latents.set(this.#latent, count * d);
      latents[count * d + j] = u;
      if (domain.settle(latents, count * d, points, count * d)) count++;
    }
    this.#takeBest(acquisition.values(points, count), latents, points);
  }

  /** Goes to the point of the greatest value, if it gains. */
  #takeBest(values: Float64Array, latents: Float64Array, points: Float64Array): void {
    const d = this.#d;
    let best = -1;
    for (let c = 0; c < values.length; c++) if (values[c] > (best < 0 ? this.#value + LEAST_GAIN : values[best])) best = c;
    if (best < 0) return;
    this.#value = values[best];
    this.#point = points.slice(best * d, (best + 1) * d);
    this.#latent.set(latents.subarray(best * d, (best + 1) * d));
  }

  /** Other coordinates to try: all of few, else those 1, 2, 4, … steps away. */
  #neighbours(j: number): number[] {
    const { domain } = this.#request;
    const { cellCount, kind } = domain.layout.dimensions[j];
    const at = domain.cellOf(j, this.#point[j]);
    const cells: number[] = [];
    if (cellCount <= EXHAUSTIVE_LIMIT || (kind === "categorical" && cellCount <= CHOICE_LIMIT)) {
      for (let cell = 0; cell < cellCount; cell++) if (cell !== at) cells.push(cell);
    } else {
      for (let step = 1; step < cellCount; step *= 2) {
        if (at - step >= 0) cells.push(at - step);
        if (at + step < cellCount) cells.push(at + step);
      }
    }
    return cells.map((cell) => domain.cellCoordinate(j, cell));
  }
}
