import { parseNumber } from "./scan-number.ts";

/** Longest metric name that is kept, in UTF-16 code units. */
export const maxMetricNameLength = 200;

/** Deepest object whose numbers are read; the outermost has depth 1. */
export const maxObjectDepth = 4;

/**
 * The object that a JSON text holds; undefined if the text is not JSON or not an object. The bare words `NaN`, `Infinity` and
 * `-Infinity`, which JSON does not know but many programs write, are read as the strings of that name.
 */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text) ?? (/NaN|Infinity/.test(text) ? parseJson(quoteNonFinite(text)) : undefined);
  return isPlainObject(value) ? value : undefined;
}

/**
 * Adds to `metrics` every number of an object: numbers, and strings that are numbers (`"0.31"`, `"NaN"`). Names of nested objects
 * are joined with `.` (`{"train": {"loss": 1}}` → `train.loss`), except that `metrics` adds no name of its own. Booleans, null,
 * lists, names that are empty or longer than 200, and objects nested deeper than four are left out.
 */
export function addMetricsOfObject(
  metrics: Map<string, number>,
  object: Readonly<Record<string, unknown>>,
  prefix = "",
  depth = 1,
): void {
  for (const [key, value] of Object.entries(object)) {
    if (key.length === 0 || prefix.length + key.length > maxMetricNameLength) continue;
    const number = typeof value === "number" ? value + 0 : typeof value === "string" ? parseNumber(value) : undefined;
    if (number !== undefined) metrics.set(prefix + key, number);
    else if (isPlainObject(value) && depth < maxObjectDepth) {
      addMetricsOfObject(metrics, value, key === "metrics" ? prefix : `${prefix}${key}.`, depth + 1);
    }
  }
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts quotes around the words `NaN`, `Infinity` and `-Infinity` that stand outside string literals. */
function quoteNonFinite(text: string): string {
  const words = ["NaN", "Infinity", "-Infinity"];
  let quoted = "";
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const word = words.find((candidate) => text.startsWith(candidate, at));
    if (text[at] === '"') at = endOfString(text, at);
    else if (word === undefined) at++;
    else {
      quoted += `${text.slice(copied, at)}"${word}"`;
      at += word.length;
      copied = at;
    }
  }
  return quoted + text.slice(copied);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}
