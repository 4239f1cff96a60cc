import { showValue } from "../../parameters/show-value.ts";
import type { Fault } from "../../tunesmith-error.ts";

/** The fault of one option, in a list; an empty one if it is fine. */
export function optionFault(path: string, value: unknown, isAllowed: boolean, allowed: string): Fault[] {
  return isAllowed ? [] : [{ path, message: `is ${showValue(value)}; allowed: ${allowed}` }];
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A whole number from `least` on. */
export function countFault(path: string, value: unknown, least: number): Fault[] {
  return optionFault(path, value, Number.isSafeInteger(value) && (value as number) >= least, `a whole number from ${least}`);
}

/** A fidelity before which a rule keeps still. */
export function warmupFault(value: unknown): Fault[] {
  return optionFault("warmup", value, isFiniteNumber(value) && value >= 0, "a number from 0, in the fidelity's unit");
}

export function metricFault(value: unknown): Fault[] {
  return optionFault(
    "metric",
    value,
    value === null || (typeof value === "string" && value !== ""),
    "an objective's name, or null",
  );
}
