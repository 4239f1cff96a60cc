import { type ErrorCode, TunesmithError } from "../tunesmith-error.ts";

/**
 * Assertions of the contract suites, which run under any test runner: each throws an `Error` that says what was found and what was
 * expected.
 */

/** Deep equality; numbers are compared bit for bit, so that −0 differs from 0 and NaN equals NaN. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  const difference = firstDifference(found, expected, "");
  if (difference !== null) throw new Error(`${what}${difference}`);
}

export function expectTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`);
}

/** That `promise` rejects with a `TunesmithError` of this code. */
export async function expectRefusal(promise: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${show(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof TunesmithError && error.code === code) return;
  throw new Error(`${what}: found ${String(error)}; expected a TunesmithError with code ${code}`);
}

function firstDifference(found: unknown, expected: unknown, path: string): string | null {
  if (Object.is(found, expected)) return null;
  if (!isObject(found) || !isObject(expected) || Array.isArray(found) !== Array.isArray(expected)) {
    return `${path}: found ${show(found)}, expected ${show(expected)}`;
  }
  const keys = new Set([...Object.keys(found), ...Object.keys(expected)]);
  for (const key of keys) {
    if (Object.hasOwn(found, key) !== Object.hasOwn(expected, key)) {
      return `${path}.${key}: found ${Object.hasOwn(found, key) ? show(found[key]) : "nothing"}, expected ${Object.hasOwn(expected, key) ? show(expected[key]) : "nothing"}`;
    }
    const difference = firstDifference(found[key], expected[key], `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number" || value === undefined) return String(value);
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "number" && !Number.isFinite(member) ? String(member) : member,
  );
}
