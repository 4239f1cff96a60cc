import { float } from "../parameters/build-parameter.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";

/** Metrics by name, one for every objective. */
export type ProblemMetrics = { readonly [name: string]: number };

export interface ProblemObjective {
  readonly name: string;
  readonly goal: "minimize" | "maximize";
}

/** A function with a known answer, to measure samplers with. */
export interface BenchmarkProblem {
  /** Names the function, its dimension and its instance. */
  readonly name: string;
  readonly parameters: Parameters;
  readonly objectives: readonly ProblemObjective[];
  /** The best value there is and a config that has it; null with several objectives. */
  readonly optimum: Optimum | null;
  /** Values to compare a hypervolume with; null with one objective. */
  readonly front: FrontReference | null;
  /** Without the noise, if `evaluate` has some. */
  readonly noiseless: BenchmarkProblem | null;
  /**
   * @param draw  Which of many noisy evaluations of the same config, a whole number from 0, default 0; without noise it changes nothing.
   * @throws {RangeError} If a parameter is missing or not of its type.
   */
  evaluate(config: Config, draw?: number): ProblemMetrics;
}

export interface Optimum {
  readonly value: number;
  readonly config: Config;
}

/** Two objectives, both minimised. */
export interface FrontReference {
  /** The worst corner, from which hypervolume is measured. */
  readonly referencePoint: readonly number[];
  /** Hypervolume of the exact Pareto front. */
  readonly hypervolume: number;
}

/** `x1` … `xd`, all in [min, max]. */
export function boxParameters(d: number, min: number, max: number): Parameters {
  return Object.fromEntries(Array.from({ length: d }, (_, j) => [`x${j + 1}`, float(min, max)]));
}

/** @returns (d,) The values of `x1` … `xd`. @throws {RangeError} If one is no finite number. */
export function boxPoint(config: Config, d: number): Float64Array {
  const x = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const value = config[`x${j + 1}`];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new RangeError(`x${j + 1} is ${value}, must be a finite number`);
    x[j] = value;
  }
  return x;
}

export function boxConfig(x: ArrayLike<number>): Config {
  return Object.fromEntries(Array.from(x, (value, j) => [`x${j + 1}`, value]));
}

/** The metric of a problem with one objective. */
export const singleObjective: readonly ProblemObjective[] = Object.freeze([Object.freeze({ name: "value", goal: "minimize" })]);
