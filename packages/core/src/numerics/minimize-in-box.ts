/** A function to be minimised: gives its value at `x` and writes its gradient. Both are (d,). NaN or +∞ mean "not here". */
export type SmoothFunction = (x: Float64Array, gradient: Float64Array) => number;

export interface BoxSearchOptions {
  readonly maxIterations?: number;
  /** Calls of the function, those of the line searches included. */
  readonly maxEvaluations?: number;
  /** Done once no step along the negative gradient, cut off at the box, is longer in any coordinate. */
  readonly gradientTolerance?: number;
  /** Done once a step lowers the value by less, relative to its size. */
  readonly valueTolerance?: number;
}

export const boxSearchDefaults = Object.freeze({
  maxIterations: 200,
  maxEvaluations: 1_000,
  gradientTolerance: 1e-6,
  valueTolerance: 1e-12,
});

export interface BoxMinimum {
  /** (d,) within the box; at least as good as the start. */
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluationCount: number;
  readonly stoppedBy: "gradient" | "value" | "iterations" | "evaluations" | "line-search";
}

// How many steps the curvature is remembered over.
const memory = 10;
const sufficientDecrease = 1e-4;

/**
 * A local minimum of a smooth function in a box, by a projected limited-memory quasi-Newton method.
 *
 * Coordinates that lie on a bound with the gradient pointing outwards are held; the others follow the L-BFGS direction of their own
 * curvature, and the line search bends at the bounds. Where that direction fails, the negative gradient takes its place once.
 *
 * @param f      Called at points within the box only.
 * @param start  (d,) clipped into the box; kept.
 * @param lower  (d,) finite or −∞.
 * @param upper  (d,) finite or ∞, nowhere below `lower`.
 * @throws {RangeError} If the function is NaN or infinite at the start.
 *
 * Cost: O(d) beside the function, for each iteration and each of ten remembered steps.
 * Source: M. Schmidt, D. Kim, S. Sra (2011), "Projected Newton-type methods in machine learning", Sec. 11.3 (two-metric projection);
 * J. Nocedal, S. Wright (2006), "Numerical Optimization", Alg. 7.4 (two-loop recursion).
 * Departs: a step whose curvature along it is not clearly positive is not remembered, and the next one is tried at four times its length,
 * instead of asking the line search for the Wolfe condition: gradients are then computed once per accepted step in most iterations.
 */
export function minimizeInBox(
  f: SmoothFunction,
  start: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  options: BoxSearchOptions = {},
): BoxMinimum {
  return new BoxSearch(f, start, lower, upper, { ...boxSearchDefaults, ...options }).run();
}

class BoxSearch {
  readonly #f: SmoothFunction;
  readonly #lower: Float64Array;
  readonly #upper: Float64Array;
  readonly #options: Required<BoxSearchOptions>;
  readonly #direction: Float64Array;
  readonly #curvature: Curvature;
  readonly #isHeld: Uint8Array;
  #x: Float64Array;
  #gradient: Float64Array;
  #value: number;
  #triedX: Float64Array;
  #triedGradient: Float64Array;
  #evaluationCount = 1;
  // Where the function bends downwards, the curvature that is remembered says nothing, and steps of its length creep.
  #longerLength = 0;

  constructor(
    f: SmoothFunction,
    start: Float64Array,
    lower: Float64Array,
    upper: Float64Array,
    options: Required<BoxSearchOptions>,
  ) {
    const d = start.length;
    this.#f = f;
    this.#lower = lower;
    this.#upper = upper;
    this.#options = options;
    this.#x = start.map((value, i) => clip(value, lower[i], upper[i]));
    this.#triedX = new Float64Array(d);
    this.#gradient = new Float64Array(d);
    this.#triedGradient = new Float64Array(d);
    this.#direction = new Float64Array(d);
    this.#isHeld = new Uint8Array(d);
    this.#curvature = new Curvature(d);
    this.#value = f(this.#x, this.#gradient);
    if (!Number.isFinite(this.#value)) throw new RangeError(`the function is ${this.#value} at the start, must be finite`);
  }

  run(): BoxMinimum {
    const { maxIterations, gradientTolerance, valueTolerance } = this.#options;
    for (let iteration = 0; iteration < maxIterations; iteration++) {
      if (this.#projectedGradient() <= gradientTolerance) return this.#minimum("gradient");
      const before = this.#value;
      if (!this.#step()) return this.#minimum(this.#isSpent() ? "evaluations" : "line-search");
      if (before - this.#value <= valueTolerance * Math.max(1, Math.abs(before))) return this.#minimum("value");
    }
    return this.#minimum("iterations");
  }

  /** Greatest coordinate of the projected gradient step; also notes which coordinates are held at a bound. */
  #projectedGradient(): number {
    let greatest = 0;
    for (let i = 0; i < this.#x.length; i++) {
      const x = this.#x[i];
      const moved = clip(x - this.#gradient[i], this.#lower[i], this.#upper[i]) - x;
      this.#isHeld[i] = moved === 0 && this.#gradient[i] !== 0 ? 1 : 0;
      greatest = Math.max(greatest, Math.abs(moved));
    }
    return greatest;
  }

  #step(): boolean {
    if (this.#curvature.count > 0) {
      this.#curvature.quasiNewtonDirection(this.#gradient, this.#isHeld, this.#direction);
      if (this.#search(Math.max(1, this.#longerLength))) return true;
      this.#curvature.forget();
      this.#longerLength = 0;
    }
    let norm = 0;
    for (let i = 0; i < this.#x.length; i++) {
      this.#direction[i] = this.#isHeld[i] ? 0 : -this.#gradient[i];
      norm = Math.max(norm, Math.abs(this.#direction[i]));
    }
    return this.#search(Math.max(Math.min(1, 1 / norm), this.#longerLength));
  }

  /** Backtracks along the projected path until the value has come down enough. @returns Whether it did. */
  #search(firstLength: number): boolean {
    for (let length = firstLength; !this.#isSpent() && length > 1e-20; ) {
      const slope = this.#moveAlong(length);
      // Not downhill, or no move at all: rounding has eaten the direction.
      if (!(slope < 0)) return false;
      const tried = this.#f(this.#triedX, this.#triedGradient);
      this.#evaluationCount++;
      if (tried <= this.#value + sufficientDecrease * slope) {
        this.#longerLength = this.#accept(tried) ? 0 : 4 * length;
        return true;
      }
      // The minimum of the parabola through both values and the slope; by halves where the function is not there.
      const shrink = Number.isFinite(tried) ? -slope / (2 * (tried - this.#value - slope)) : 0.5;
      length *= clip(shrink, 0.1, 0.5);
    }
    return false;
  }

  /** Goes to P(x + length · direction). @returns The gradient times that move. */
  #moveAlong(length: number): number {
    let slope = 0;
    for (let i = 0; i < this.#x.length; i++) {
      const x = this.#x[i];
      this.#triedX[i] = clip(x + length * this.#direction[i], this.#lower[i], this.#upper[i]);
      slope += this.#gradient[i] * (this.#triedX[i] - x);
    }
    return slope;
  }

  /** @returns Whether the function bends upwards along the step. */
  #accept(value: number): boolean {
    const bendsUpwards = this.#curvature.remember(this.#x, this.#triedX, this.#gradient, this.#triedGradient);
    [this.#x, this.#triedX] = [this.#triedX, this.#x];
    [this.#gradient, this.#triedGradient] = [this.#triedGradient, this.#gradient];
    this.#value = value;
    return bendsUpwards;
  }

  #isSpent(): boolean {
    return this.#evaluationCount >= this.#options.maxEvaluations;
  }

  #minimum(stoppedBy: BoxMinimum["stoppedBy"]): BoxMinimum {
    return { x: this.#x.slice(), value: this.#value, evaluationCount: this.#evaluationCount, stoppedBy };
  }
}

/** The last steps s and gradient changes y, as pairs in a ring. */
class Curvature {
  count = 0;
  readonly #d: number;
  readonly #s: Float64Array[] = [];
  readonly #y: Float64Array[] = [];
  readonly #alpha = new Float64Array(memory);
  #next = 0;

  constructor(d: number) {
    this.#d = d;
    for (let k = 0; k < memory; k++) {
      this.#s.push(new Float64Array(d));
      this.#y.push(new Float64Array(d));
    }
  }

  forget(): void {
    this.count = 0;
  }

  /** @returns False if the curvature along the step is not clearly positive: it is then not remembered. */
  remember(x: Float64Array, newX: Float64Array, gradient: Float64Array, newGradient: Float64Array): boolean {
    const s = this.#s[this.#next];
    const y = this.#y[this.#next];
    let sy = 0;
    let yy = 0;
    for (let i = 0; i < this.#d; i++) {
      s[i] = newX[i] - x[i];
      y[i] = newGradient[i] - gradient[i];
      sy += s[i] * y[i];
      yy += y[i] * y[i];
    }
    // Also refuses NaN.
    if (!(sy > 1e-10 * yy)) {
      // The oldest pair stood here.
      this.count = Math.min(this.count, memory - 1);
      return false;
    }
    this.#next = (this.#next + 1) % memory;
    this.count = Math.min(memory, this.count + 1);
    return true;
  }

  /** −H g on the coordinates that are not held, H being the inverse curvature seen along them. */
  quasiNewtonDirection(gradient: Float64Array, isHeld: Uint8Array, out: Float64Array): void {
    for (let i = 0; i < this.#d; i++) out[i] = isHeld[i] ? 0 : -gradient[i];
    let scale = 0;
    for (let k = 1; k <= this.count; k++) {
      const { s, y, sy, yy } = this.#pair(k, isHeld);
      this.#alpha[k - 1] = sy > 0 ? freeDot(s, out, isHeld) / sy : 0;
      if (sy > 0) addFree(out, -this.#alpha[k - 1], y, isHeld);
      if (scale === 0 && sy > 0) scale = sy / yy;
    }
    if (scale > 0) for (let i = 0; i < this.#d; i++) out[i] *= scale;
    for (let k = this.count; k >= 1; k--) {
      const { s, y, sy } = this.#pair(k, isHeld);
      if (sy > 0) addFree(out, this.#alpha[k - 1] - freeDot(y, out, isHeld) / sy, s, isHeld);
    }
  }

  /** The k-th newest pair, from 1, with its products over the coordinates that are not held. */
  #pair(k: number, isHeld: Uint8Array): { s: Float64Array; y: Float64Array; sy: number; yy: number } {
    const at = (this.#next - k + memory) % memory;
    const s = this.#s[at];
    const y = this.#y[at];
    return { s, y, sy: freeDot(s, y, isHeld), yy: freeDot(y, y, isHeld) };
  }
}

function freeDot(a: Float64Array, b: Float64Array, isHeld: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (!isHeld[i]) sum += a[i] * b[i];
  return sum;
}

function addFree(to: Float64Array, factor: number, from: Float64Array, isHeld: Uint8Array): void {
  for (let i = 0; i < to.length; i++) if (!isHeld[i]) to[i] += factor * from[i];
}

function clip(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
