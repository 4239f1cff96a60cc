import type { FloatParameter, IntParameter } from "./parameter.ts";

/** The equally spaced values of a stepped parameter, numbered from 0. */
export interface ValueGrid {
  readonly count: number;
  readonly step: number;
  /** Value number k, 0 ≤ k < count. Computed from k, so errors never add up. */
  valueAt(k: number): number;
  /** Number of the value nearest to `value`, clipped to the grid. */
  nearest(value: number): number;
}

/** The grid of a stepped parameter whose range has been checked; null for a continuous one. */
export function gridOf(parameter: FloatParameter | IntParameter): ValueGrid | null {
  const step = parameter.type === "int" ? (parameter.step ?? 1) : parameter.step;
  if (step === undefined) return null;
  return createGrid(parameter.min, parameter.max, step);
}

/**
 * The grid from `min` in steps of `step` to the value nearest to `max`.
 *
 * Decimal ranges give decimal values: 0 and 0.1 give 0.3 as value 3, not 0.30000000000000004.
 */
export function createGrid(min: number, max: number, step: number): ValueGrid {
  const last = Math.round((max - min) / step);
  return {
    count: last + 1,
    step,
    valueAt: decimalValues(min, step, last) ?? nearestEndValues(min, max, step, last),
    nearest: (value) => Math.min(last, Math.max(0, Math.round((value - min) / step))),
  };
}

/** Values as quotients of integers, which divide to the nearest double; null where these would not be exact. */
function decimalValues(min: number, step: number, last: number): ((k: number) => number) | null {
  const digits = Math.max(decimalCount(min), decimalCount(step));
  // 10^22 is the last power of ten that a double holds exactly.
  if (digits > 22) return null;
  const scale = 10 ** digits;
  const first = Math.round(min * scale);
  const stride = Math.round(step * scale);
  if (first / scale !== min || stride / scale !== step) return null;
  if (Math.abs(first) + last * stride > Number.MAX_SAFE_INTEGER) return null;
  return digits === 0 ? (k) => first + k * stride : (k) => (first + k * stride) / scale;
}

/** Counting from the nearer end keeps k·step below half the range: exact for all safe integers. */
function nearestEndValues(min: number, max: number, step: number, last: number): (k: number) => number {
  return (k) => (k <= last - k ? min + k * step : max - (last - k) * step);
}

/** Digits after the point in the shortest decimal form. */
function decimalCount(value: number): number {
  const [mantissa, exponent = "0"] = String(value).split("e");
  const fraction = mantissa.split(".")[1] ?? "";
  return Math.max(0, fraction.length - Number(exponent));
}
