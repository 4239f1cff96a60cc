import { numericScale } from "../../parameters/numeric-scale.ts";
import type { NumericPrior } from "../../parameters/parameter.ts";
import type { Dimension } from "../../parameters/space.ts";

/** Log of the declared density of a coordinate, up to a constant: at most 0 at its own peak, and its slope. */
export interface LogPrior {
  log(u: number): number;
  slope(u: number): number;
}

// A choice of weight 0, or a value far outside what was expected, is unlikely, not impossible.
const LEAST_LOG = -30;

/** Null where nothing was declared. */
export function logPriorOf(dimension: Dimension): LogPrior | null {
  const { parameter } = dimension;
  if (!dimension.hasPrior) return null;
  if (parameter.type === "float" || parameter.type === "int") {
    return parameter.prior === undefined ? null : numericLogPrior(dimension, parameter.prior);
  }
  return "weights" in parameter && parameter.weights !== undefined ? choiceLogPrior(parameter.weights) : null;
}

function choiceLogPrior(weights: readonly number[]): LogPrior {
  const largest = Math.max(...weights);
  const logs = weights.map((weight) => Math.max(LEAST_LOG, Math.log(weight / largest)));
  return { log: (u) => logs[Math.min(logs.length - 1, Math.max(0, Math.floor(u * logs.length)))], slope: () => 0 };
}

/**
 * The density of u, where the parameter's value is x(u) = low + w u, or its exponential on a log scale: that of the normal at x (or log x)
 * times dx/du (or d log x/du).
 */
function numericLogPrior({ parameter }: Dimension, { distribution, mean, sd }: NumericPrior): LogPrior {
  if (parameter.type !== "float" && parameter.type !== "int") throw new TypeError(`${parameter.type} has no numeric prior`);
  const { low, high } = numericScale(parameter);
  const width = high - low;
  const isLogScale = parameter.log;
  const isLogNormal = distribution === "log-normal";
  const evaluate = (u: number): readonly [number, number] => {
    const t = low + width * u;
    // v: where the prior is normal; its first and second derivatives in u.
    const [v, dv, ratio] = isLogScale === isLogNormal ? [t, width, 0] : isLogScale ? logScaled(t, width) : linearScaled(t, width);
    const z = (v - mean) / sd;
    return [-0.5 * z * z + Math.log(Math.abs(dv) / width), (-z * dv) / sd + ratio];
  };
  const peak = Math.max(...Array.from({ length: 257 }, (_, i) => finite(evaluate(i / 256)[0])));
  return {
    log: (u) => Math.max(LEAST_LOG, finite(evaluate(u)[0]) - peak),
    slope(u) {
      const [log, slope] = evaluate(u);
      return finite(log) - peak <= LEAST_LOG ? 0 : slope;
    },
  };
}

/** A normal value searched on its logarithm: v = e^t. */
function logScaled(t: number, width: number): readonly [number, number, number] {
  return [Math.exp(t), width * Math.exp(t), width];
}

/** A log-normal value searched as it is: v = log t. */
function linearScaled(t: number, width: number): readonly [number, number, number] {
  const positive = Math.max(t, Number.MIN_VALUE);
  return [Math.log(positive), width / positive, -width / positive];
}

function finite(log: number): number {
  return Number.isFinite(log) ? log : -Number.MAX_VALUE;
}
