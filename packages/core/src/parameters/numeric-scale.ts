import type { FloatParameter, IntParameter } from "./parameter.ts";

/**
 * The straight line between a numeric parameter's range and [0, 1]: u = (T(x) − low) / (high − low), T = identity or log.
 *
 * Stepped ranges are stretched by half a step at both ends, so that every value owns a cell of its own.
 */
export interface NumericScale {
  /** T at u = 0 and at u = 1. */
  readonly low: number;
  readonly high: number;
  /** Value at u = 0 and at u = 1, in the parameter's unit. */
  readonly lowest: number;
  readonly highest: number;
  /** Value → [0, 1], clipped. */
  toUnit(value: number): number;
  /** Coordinate in [0, 1] → value in [lowest, highest]; 0 and 1 give the ends exactly. */
  fromUnit(u: number): number;
}

export function numericScale(parameter: FloatParameter | IntParameter): NumericScale {
  const step = parameter.step ?? (parameter.type === "int" ? 1 : 0);
  const lowest = parameter.min - step / 2;
  const highest = parameter.max + step / 2;
  const low = parameter.log ? Math.log(lowest) : lowest;
  const high = parameter.log ? Math.log(highest) : highest;
  const width = high - low;
  return {
    low,
    high,
    lowest,
    highest,
    toUnit: parameter.log ? (value) => clip((Math.log(value) - low) / width) : (value) => clip((value - low) / width),
    fromUnit(u) {
      if (u <= 0) return lowest;
      if (u >= 1) return highest;
      const value = parameter.log ? Math.exp(low + u * width) : low + u * width;
      // exp(log(x)) may leave the range by a last place.
      return value < lowest ? lowest : value > highest ? highest : value;
    },
  };
}

function clip(u: number): number {
  return u < 0 ? 0 : u > 1 ? 1 : u;
}
