import type { Fault } from "../tunesmith-error.ts";
import { didYouMean } from "./nearest-name.ts";
import { showList, showValue } from "./show-value.ts";

/** One parameter as somebody wrote it, while it is being read; what is wrong with it is added to `faults`. */
export interface Declaration {
  /** Prefix of the faults' paths. */
  readonly path: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly faults: Fault[];
}

/** Whether a value is an object with named members: no list, Map, Date or the like. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
}

/** An own member; `undefined` counts as absent, inherited ones are not seen. */
export function member(declaration: Declaration, key: string): unknown {
  return Object.hasOwn(declaration.record, key) ? declaration.record[key] : undefined;
}

export function addFault(declaration: Declaration, key: string, message: string): null {
  declaration.faults.push({ path: `${declaration.path}.${key}`, message });
  return null;
}

export function refuseUnknownKeys(declaration: Declaration, allowed: readonly string[]): void {
  for (const key of Object.keys(declaration.record)) {
    if (declaration.record[key] === undefined || allowed.includes(key)) continue;
    addFault(declaration, key.slice(0, 60), `unknown; allowed: ${showList(allowed)}${didYouMean(key, allowed)}`);
  }
}

/** A finite number (-0 read as 0), or null after adding a fault. */
export function readNumber(declaration: Declaration, key: string, value: unknown): number | null {
  if (value === undefined) return addFault(declaration, key, "is missing; allowed: a finite number");
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  return addFault(declaration, key, `is ${showValue(value)}; allowed: a finite number`);
}

/** An integer that doubles hold exactly, or null after adding a fault. */
export function readInteger(declaration: Declaration, key: string, value: unknown): number | null {
  if (value === undefined) return addFault(declaration, key, "is missing; allowed: a whole number");
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  return addFault(declaration, key, `is ${showValue(value)}; allowed: a whole number between -(2^53 - 1) and 2^53 - 1`);
}

/** True or false, `false` when absent, or null after adding a fault. */
export function readFlag(declaration: Declaration, key: string): boolean | null {
  const value = member(declaration, key) ?? false;
  if (typeof value === "boolean") return value;
  return addFault(declaration, key, `is ${showValue(value)}; allowed: true, false`);
}
