import { createRng } from "../numerics/rng.ts";
import { categorical, int } from "../parameters/build-parameter.ts";
import type { Config, FloatParameter, Parameter, Parameters } from "../parameters/parameter.ts";
import type { BenchmarkProblem } from "./benchmark-problem.ts";

export interface DiscretiseOptions {
  /** How many values every coordinate gets, 2 or more, or `Infinity` to leave it; taken cyclically over the coordinates. */
  readonly valueCounts: readonly number[];
  /** Whether coordinates with at most this many values lose their order (become categorical, shuffled by the seed); default 0: none. */
  readonly categoricalUpTo?: number;
  readonly seed: number;
}

interface Coordinate {
  readonly name: string;
  readonly parameter: Parameter;
  /** The inner problem's value. */
  readonly inner: (value: unknown) => number;
  /** The parameter's value at the optimum. */
  readonly best: number | string;
}

/**
 * The problem with some coordinates on a grid of equal steps. Every grid is moved by less than a step so that it holds the optimum's
 * coordinate: the optimum and its value stay.
 *
 * Source: in the manner of bbob-mixint, T. Tušar, D. Brockhoff, N. Hansen (2019), https://doi.org/10.1145/3321707.3321868
 * Departs: the grid is moved to the optimum, not the optimum to the grid; coordinates may become categorical.
 * @throws {RangeError} If the problem has no declared optimum, a parameter is no float, or a count is below 2.
 */
export function discretised(problem: BenchmarkProblem, options: DiscretiseOptions): BenchmarkProblem {
  const { optimum } = problem;
  if (optimum === null) throw new RangeError(`${problem.name} declares no optimum, one is needed`);
  const coordinates = Object.keys(problem.parameters).map((name, j) => coordinate(problem, name, j, options));
  const inner = (config: Config): Config => Object.fromEntries(coordinates.map(({ name, inner }) => [name, inner(config[name])]));
  return Object.freeze({
    ...problem,
    name: `${problem.name}-${options.categoricalUpTo ? "mixed" : "int"}`,
    parameters: Object.fromEntries(coordinates.map(({ name, parameter }) => [name, parameter])) as Parameters,
    optimum: { value: optimum.value, config: Object.fromEntries(coordinates.map(({ name, best }) => [name, best])) },
    evaluate: (config, draw) => problem.evaluate(inner(config), draw),
  } satisfies BenchmarkProblem);
}

function coordinate(problem: BenchmarkProblem, name: string, j: number, options: DiscretiseOptions): Coordinate {
  const parameter = problem.parameters[name];
  const best = problem.optimum?.config[name];
  if (parameter.type !== "float" || typeof best !== "number") throw new RangeError(`${name} is no float, must be one`);
  const count = options.valueCounts[j % options.valueCounts.length];
  if (!(count >= 2)) throw new RangeError(`valueCounts holds ${count}, must be at least 2`);
  if (count === Infinity) return { name, parameter, inner: (value) => requireNumber(name, value), best };
  const at = gridThrough(parameter, best, count);
  const bestIndex = Array.from({ length: count }, (_, k) => k).find((k) => at(k) === best) as number;
  if (count > (options.categoricalUpTo ?? 0)) {
    return { name, parameter: int(0, count - 1), inner: (value) => at(requireNumber(name, value)), best: bestIndex };
  }
  const order = createRng(options.seed, "categories", j).shuffle(Array.from({ length: count }, (_, k) => k));
  const values = order.map((_, k) => `c${k}`);
  const inner = (value: unknown): number => {
    const k = values.indexOf(String(value));
    if (k < 0) throw new RangeError(`${name} is ${String(value)}, must be one of ${values.join(", ")}`);
    return at(order[k]);
  };
  return { name, parameter: categorical(values), inner, best: values[order.indexOf(bestIndex)] };
}

/** `count` values of equal steps inside the range, moved so that one of them is exactly `through`. */
function gridThrough({ min, max }: FloatParameter, through: number, count: number): (k: number) => number {
  const step = (max - min) / (count + 1);
  const nearest = Math.min(count - 1, Math.max(0, Math.round((through - min) / step) - 1));
  return (k) => through + (k - nearest) * step;
}

function requireNumber(name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new RangeError(`${name} is ${String(value)}, must be a finite number`);
  return value;
}
