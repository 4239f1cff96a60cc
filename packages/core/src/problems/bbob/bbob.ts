import { type BenchmarkProblem, boxConfig, boxParameters, boxPoint, singleObjective } from "../benchmark-problem.ts";
import { bbobDefinitions } from "./functions.ts";
import { bbobInstance, optimumValue } from "./instance.ts";

/** How many functions there are. */
export const bbobFunctionCount = bbobDefinitions.length;

/**
 * One of the 24 noiseless BBOB functions, shifted and rotated by its instance, over [−5, 5]^d. The instances are those of BBOB-2009.
 *
 * @param f         1 … 24.
 * @param d         Dimension, at least 2.
 * @param instance  At least 1; equal ones are equal on every machine.
 * @throws {RangeError} If an argument is outside its range.
 *
 * Source: N. Hansen, S. Finck, R. Ros, A. Auger (2009), INRIA RR-6829, https://inria.hal.science/inria-00362633
 */
export function bbob(f: number, d: number, instance: number): BenchmarkProblem {
  requireWhole("f", f, 1, bbobFunctionCount);
  requireWhole("d", d, 2, 1000);
  requireWhole("instance", instance, 1, 100_000);
  const { xopt, value } = bbobDefinitions[f - 1].build(bbobInstance(f, d, instance));
  const fopt = optimumValue(f, instance);
  return Object.freeze({
    name: `bbob-f${f}-d${d}-i${instance}`,
    parameters: boxParameters(d, -5, 5),
    objectives: singleObjective,
    optimum: { value: fopt, config: boxConfig(xopt) },
    front: null,
    noiseless: null,
    evaluate: (config) => ({ value: value(boxPoint(config, d)) + fopt }),
  } satisfies BenchmarkProblem);
}

/** Whether a function is a sum of functions of one coordinate each. @param f  1 … 24. */
export function isSeparable(f: number): boolean {
  return bbobDefinitions[f - 1].separable;
}

function requireWhole(what: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${what} is ${value}, must be a whole number from ${min} to ${max}`);
}
