/** A value that JSON can carry and give back unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A number as it travels: JSON has no word for NaN and the infinities, so they travel as strings. */
export type WireNumber = number | "NaN" | "Infinity" | "-Infinity";

export function toWireNumber(value: number): WireNumber {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  return String(value) as WireNumber;
}

/** @throws {TypeError} If `value` is no number and none of the three words. */
export function fromWireNumber(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  throw new TypeError(`${JSON.stringify(value)} is no number; allowed: a finite number, "NaN", "Infinity" or "-Infinity"`);
}

/**
 * JSON text that is the same for equal values whatever order their keys were written in.
 *
 * Object keys are sorted by code unit, `undefined` members are left out, -0 is written 0.
 * @throws {TypeError} If a number is not finite.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const record = value as Record<string, unknown>;
    const members = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}
