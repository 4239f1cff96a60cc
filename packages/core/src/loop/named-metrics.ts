import type { Metrics } from "../trial/trial.ts";

/**
 * Metrics by name, from metrics or from one number for the only objective.
 *
 * @throws {TypeError} If `said` is neither, or one number with several objectives.
 */
export function namedMetrics(said: unknown, objectiveNames: readonly string[]): Metrics {
  if (typeof said === "number") {
    if (objectiveNames.length === 1) return { [objectiveNames[0]]: said };
    throw new TypeError(`one number found; with several objectives name them: ${objectiveNames.join(", ")}`);
  }
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw new TypeError(`${kindOf(said)} found; allowed: a number, or numbers by name`);
  for (const [name, value] of Object.entries(said))
    if (typeof value !== "number") throw new TypeError(`${name} is ${kindOf(value)}; allowed: a number`);
  return said as Metrics;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "string" ? JSON.stringify(value) : `a value of type ${typeof value}`;
}
