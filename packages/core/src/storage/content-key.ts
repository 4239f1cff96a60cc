import { toWireNumber } from "../json.ts";
import type { Decision, Report } from "../trial/trial.ts";

/** Text that is equal for equal content, whatever the order of keys; NaN equals itself, −0 equals 0, undefined members do not count. */
export function contentKey(value: unknown): string {
  if (typeof value === "number") return JSON.stringify(toWireNumber(value));
  if (Array.isArray(value)) return `[${value.map(contentKey).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  let members = "";
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${contentKey(member)}`;
  }
  return `{${members}}`;
}

/** Whether two reports of one step say the same. */
export function identicalReports(a: Report, b: Report): boolean {
  return a.step === b.step && a.fidelity === b.fidelity && contentKey(a.metrics) === contentKey(b.metrics);
}

export function identicalDecisions(a: Decision, b: Decision): boolean {
  return contentKey(a) === contentKey(b);
}
