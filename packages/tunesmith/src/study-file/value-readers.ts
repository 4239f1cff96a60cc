import { isAbsolute, resolve } from "node:path";
import type { Config, Json, JsonObject } from "@tunesmith/core";
import { joinPath } from "./placed-fault.ts";
import { parseByteSize, parseDuration, type Quantity } from "./quantity.ts";
import { addFault, type Field, type Reader, type Reading, refuse } from "./reading.ts";
import { plainValue, type ScalarNode, type SourceNode } from "./source-node.ts";

/** Anything; somebody else checks it. */
export const anything: Reader<{ readonly value: Json }> = ({ node }) => ({ value: plainValue(node) });

/** Text that is not empty; unquoted numbers and truth values count as the text they were written with. */
export const text: Reader<string> = (field, reading) => {
  const scalar = scalarOf(field);
  if (scalar === null || scalar.value === null) return refuse(reading, field, "text");
  return scalar.text.trim() === "" ? refuse(reading, field, "text that is not blank") : scalar.text;
};

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const longestName = 200;

/** A name that can stand in one line: at most 200 characters, none of them a control character, no blanks around it. */
export const name: Reader<string> = (field, reading) => {
  const value = text(field, reading);
  if (value === undefined) return undefined;
  if (value.length > longestName) return addFault(reading, field, `${value.length} characters; allowed: at most ${longestName}`);
  if (unprintable.test(value)) return addFault(reading, field, "holds control characters; allowed: any others");
  if (value !== value.trim()) return addFault(reading, field, `${JSON.stringify(value)} begins or ends with a blank`);
  return value;
};

export const flag: Reader<boolean> = (field, reading) => {
  const value = scalarOf(field)?.value;
  return typeof value === "boolean" ? value : refuse(reading, field, "true, false");
};

export const finiteNumber: Reader<number> = (field, reading) => {
  const value = scalarOf(field)?.value;
  return typeof value === "number" ? value + 0 : refuse(reading, field, "a finite number");
};

export const positiveNumber: Reader<number> = (field, reading) => {
  const value = scalarOf(field)?.value;
  return typeof value === "number" && value > 0 ? value : refuse(reading, field, "a number above 0");
};

/** A whole number from `low` to `high`. */
export function count(low: number, high: number): Reader<number> {
  return (field, reading) => {
    const value = scalarOf(field)?.value;
    if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high) return (value as number) + 0;
    return refuse(reading, field, `a whole number from ${low} to ${high}`);
  };
}

/** One of some words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (field, reading) => {
    const value = scalarOf(field)?.value;
    return words.find((word) => word === value) ?? refuse(reading, field, words.join(", "));
  };
}

/** The one word, or what another reader takes. */
export function orWord<const Word extends string, T>(word: Word, read: Reader<T>, allowed: string): Reader<T | Word> {
  return (field, reading) => {
    const value = scalarOf(field)?.value;
    if (value === word) return word;
    return typeof value === "string" ? refuse(reading, field, allowed) : read(field, reading);
  };
}

/** Milliseconds. */
export const duration: Reader<number> = quantity(parseDuration, "a duration such as 30s, 30m or 2h");
/** Bytes. */
export const byteSize: Reader<number> = quantity(parseByteSize, "a size such as 512MB or 8GiB");

function quantity(parse: (text: string) => Quantity, allowed: string): Reader<number> {
  return (field, reading) => {
    const scalar = scalarOf(field);
    if (scalar === null || typeof scalar.value === "boolean" || scalar.value === null) return refuse(reading, field, allowed);
    const { value, fault } = parse(scalar.text);
    return fault === null ? value : addFault(reading, field, fault);
  };
}

/** A command: a line of text, or its elements. */
export const command: Reader<string | readonly string[]> = (field, reading) => {
  const { node, path } = field;
  if (node.kind !== "list")
    return node.kind === "scalar" ? text(field, reading) : refuse(reading, field, "a line of text, or a list of arguments");
  const elements = node.items.map((item, i) => argument({ node: item, path: joinPath(path, i) }, reading));
  return elements.includes(undefined) ? undefined : (elements as string[]);
};

const argument: Reader<string> = (field, reading) => {
  const scalar = scalarOf(field);
  return scalar === null || scalar.value === null ? refuse(reading, field, "text or a number") : scalar.text;
};

/** Variables by name; values are the text they were written with. */
export const environment: Reader<Readonly<Record<string, string>>> = (field, reading) => {
  const { node, path } = field;
  if (node.kind !== "map") return refuse(reading, field, "variables such as DATA_DIR: ./data");
  const pairs = [...node.members].map(([key, member]) => {
    const fault = variableFault(key);
    if (fault !== null) reading.faults.push({ at: member.keyAt, path: joinPath(path, key), message: fault });
    return [key, argument({ node: member.node, path: joinPath(path, key) }, reading)] as const;
  });
  return Object.fromEntries(pairs) as Record<string, string>;
};

function variableFault(variable: string): string | null {
  if (variable.startsWith("TUNESMITH_")) return "variables that begin with TUNESMITH_ are set by the tuner";
  return /^[^\s=\p{Cc}]+$/u.test(variable)
    ? null
    : "no name of a variable; allowed: any characters but blanks, = and control characters";
}

/** A config, or a part of one: parameter values by name. */
export const config: Reader<Config> = (field, reading) => {
  const { node, path } = field;
  if (node.kind !== "map") return refuse(reading, field, "parameter values by name, such as { lr: 0.001 }");
  for (const [key, member] of node.members) {
    if (member.node.kind !== "scalar") refuse(reading, { node: member.node, path: joinPath(path, key) }, "one value");
  }
  return plainValue(node) as Config;
};

/** A name, or `{ type, …options }`, as `{ type, …options }`; option names become camelCase. */
export function typed(what: string): Reader<JsonObject> {
  return (field, reading) => {
    const { node } = field;
    if (node.kind === "list") return refuse(reading, field, `a ${what}'s name, or { type, … }`);
    if (node.kind === "scalar") {
      const type = text(field, reading);
      return type === undefined ? undefined : { type };
    }
    if (!node.members.has("type")) return addFault(reading, field, `names no type; write { type: … } with a ${what}'s name`);
    return Object.fromEntries(Object.entries(plainValue(node) as JsonObject).map(([key, value]) => [camelCase(key), value]));
  };
}

/** As `typed`; or `{ command, …options }`, whose options keep their names. */
export const sampler: Reader<JsonObject> = (field, reading) => {
  const { node, path } = field;
  const line = node.kind === "map" ? node.members.get("command")?.node : undefined;
  if (node.kind !== "map" || line === undefined) return typed("sampler")(field, reading);
  if (node.members.has("type")) return addFault(reading, field, "names a type and a command; keep one of the two");
  const written = command({ node: line, path: joinPath(path, "command") }, reading);
  const timeout = node.members.get("timeout")?.node;
  const limit = timeout && duration({ node: timeout, path: joinPath(path, "timeout") }, reading);
  if (written === undefined || (timeout !== undefined && limit === undefined)) return undefined;
  const given = { ...(plainValue(node) as JsonObject), command: written };
  return limit === undefined ? given : { ...given, timeout: limit };
};

/** As `typed`; a list of them is `first-to-stop` with these rules. */
export const scheduler: Reader<JsonObject> = (field, reading) => {
  const { node, path } = field;
  if (node.kind === "list") return firstToStop(node.items, path, reading);
  const spec = typed("scheduler")(field, reading);
  const rules = node.kind === "map" ? node.members.get("rules")?.node : undefined;
  if (spec?.type !== "first-to-stop" || rules?.kind !== "list") return spec;
  const read = firstToStop(rules.items, joinPath(path, "rules"), reading);
  return read && { ...spec, ...read };
};

function firstToStop(items: readonly SourceNode[], path: string, reading: Reading): JsonObject | undefined {
  const rules = items.map((node, i) => scheduler({ node, path: `${path}[${i}]` }, reading));
  return rules.includes(undefined) ? undefined : { type: "first-to-stop", rules: rules as JsonObject[] };
}

export function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An absolute folder; relative ones start at `base`. */
export function absoluteFolder(written: string, base: string): string {
  return isAbsolute(written) ? written : resolve(base, written);
}

function scalarOf({ node }: Field): ScalarNode | null {
  return node.kind === "scalar" ? node : null;
}
