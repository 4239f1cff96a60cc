import { type Config, canonicalJson, type JsonObject, type Suggestion, TunesmithError, type Why } from "@tunesmith/core";

/** `{ … }`, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an own sampler gave is not what it may give. */
export function refusedAnswer(name: string, what: string): TunesmithError {
  return new TunesmithError("refused", `sampler ${name} ${what}`);
}

/**
 * `why` and `note` as they go on record: `why` has a code, whatever the sampler said, and both are JSON.
 * @throws {TunesmithError} `refused`.
 */
export function readReason(
  name: string,
  code: string,
  { why, note }: Readonly<Record<string, unknown>>,
): Pick<Suggestion, "why" | "note"> {
  const told = why === undefined || why === null ? {} : readJson(name, "why", why);
  const reason = { ...told, code: typeof told.code === "string" && told.code !== "" ? told.code : code } as Why;
  return note === undefined || note === null ? { why: reason } : { why: reason, note: readJson(name, "note", note) };
}

/** @throws {TunesmithError} `refused` if it is no group of values by name; the values are the space's to check. */
export function readConfig(name: string, config: unknown): Config {
  if (isObject(config)) return config as Config;
  throw refusedAnswer(name, `gave ${shown(config)} as config; allowed: values by parameter name, such as { lr: 0.001 }`);
}

/** A value for a message, cut. */
export function shown(value: unknown): string {
  const text =
    typeof value === "function" || typeof value === "undefined" ? typeof value : (JSON.stringify(value) ?? typeof value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function readJson(name: string, member: string, value: unknown): JsonObject {
  if (!isObject(value)) throw refusedAnswer(name, `gave ${shown(value)} as ${member}; allowed: an object`);
  try {
    return JSON.parse(canonicalJson(value)) as JsonObject;
  } catch (error) {
    throw refusedAnswer(name, `gave a ${member} that is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
