import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import * as core from "@tunesmith/core";
import { canonicalJson, type JsonObject, type Sampler, type Suggestion, TunesmithError } from "@tunesmith/core";
import { type ModuleSpec, modulePath } from "./own-sampler-spec.ts";
import { isObject, readConfig, readReason, refusedAnswer, shown } from "./read-suggestion.ts";

/** What a module's `createSampler` gives: a sampler, of which only `suggest` is needed. */
type MadeSampler = Pick<Sampler, "suggest"> & Partial<Sampler>;

const syntaxCheckMs = 10_000;
const example = "export function createSampler(options) { return { suggest(problem, history, context) { … } } }";

/**
 * The sampler of a module: what its export `createSampler(options, tools)` gives, with defaults for what that leaves out: `type` is the
 * file's name, `version` 1, `options` those that were given, and it refuses nothing. `tools` is everything of `@tunesmith/core`, so that
 * the module need not import it.
 *
 * A module is loaded once by a process: what is changed afterwards is seen by the next one.
 *
 * @throws {TunesmithError} `invalid-input` saying what is wrong with the module.
 */
export function moduleSampler(spec: ModuleSpec): Sampler {
  const own = make(spec, exportsOf(spec));
  const { type, version, options } = own;
  const name = spec.type;
  const code = type ?? defaultType(name);
  return {
    type: code,
    version: version ?? 1,
    options: options ?? spec.options,
    refuse(problem) {
      const refusal = guarded(name, "refuse", () => own.refuse?.(problem) ?? null);
      if (refusal === null || typeof refusal === "string") return refusal;
      throw refusedAnswer(name, `gave ${shown(refusal)} from refuse; allowed: a sentence, or null`);
    },
    suggest(problem, history, context) {
      const said = guarded(name, "suggest", () => own.suggest(problem, history, context) as unknown);
      if (!(said instanceof Promise)) return suggestionOf(name, code, said);
      return said.then(
        (later: unknown) => suggestionOf(name, code, later),
        (error: unknown) => {
          throw thrown(name, "suggest", error);
        },
      );
    },
  };
}

function suggestionOf(name: string, code: string, said: unknown): Suggestion | null {
  if (said === null) return null;
  if (!isObject(said)) throw refusedAnswer(name, `suggested ${shown(said)}; allowed: { config, why, note }, or null`);
  return { config: readConfig(name, said.config), ...readReason(name, code, said) };
}

function exportsOf(spec: ModuleSpec): Readonly<Record<string, unknown>> {
  const path = modulePath(spec);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw invalid(spec, found === undefined ? `is not there: no file ${path}` : `is no file: ${path}`);
  try {
    // Unlike import() it answers at once, so that a wrong module is a fault among the others of its study file.
    return createRequire(import.meta.url)(path) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw invalid(spec, `cannot be loaded: ${loadFailure(path, error)}`);
  }
}

function loadFailure(path: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ERR_REQUIRE_ASYNC_MODULE") return "it awaits outside of a function; allowed: inside";
  const runsTypes = "typescript" in process.features && Boolean(process.features.typescript);
  if (/\.[cm]?ts$/.test(path) && !runsTypes) return `Node ${process.version} runs no TypeScript; compile it to JavaScript`;
  const place = error instanceof SyntaxError ? placeOfSyntaxError(path) : placeIn(path, error);
  return `${error.name}: ${error.message.split("\n")[0]}${place === undefined ? "" : ` (${place})`}`;
}

/** As `mine.mjs:12`: a syntax error does not tell its place to the program that meets it, only Node itself prints it. */
function placeOfSyntaxError(path: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8", timeout: syntaxCheckMs });
  const line = /^\S.*:(\d+)$/m.exec(stderr ?? "")?.[1];
  return line === undefined ? undefined : `${basename(path)}:${line}`;
}

function make(spec: ModuleSpec, exported: Readonly<Record<string, unknown>>): MadeSampler {
  const create = exported.createSampler;
  if (typeof create !== "function") {
    const names = Object.keys(exported).filter((name) => name !== "__esModule");
    const found = create === undefined ? `it exports ${names.join(", ") || "nothing"}` : `createSampler is ${shown(create)}`;
    throw invalid(spec, `has no function createSampler: ${found}; write ${example}`);
  }
  let made: unknown;
  try {
    made = create(structuredClone(spec.options), core);
  } catch (error) {
    throw invalid(spec, `: createSampler threw ${failure(modulePath(spec), error)}`);
  }
  const fault = faultOf(made);
  if (fault !== null) throw invalid(spec, `: createSampler gave ${fault}`);
  return made as MadeSampler;
}

function faultOf(made: unknown): string | null {
  if (made instanceof Promise) return "a promise; allowed: a sampler at once";
  if (!isObject(made)) return `${shown(made)}; allowed: an object with a function suggest`;
  const { suggest, refuse, type, version, options } = made;
  if (typeof suggest !== "function") return `an object whose suggest is ${shown(suggest)}; allowed: a function`;
  if (refuse !== undefined && typeof refuse !== "function") return `${shown(refuse)} as refuse; allowed: a function`;
  if (type !== undefined && !(typeof type === "string" && /^[a-z][a-z0-9-]*$/.test(type)))
    return `${shown(type)} as type; allowed: a name such as my-sampler`;
  if (version !== undefined && !(Number.isSafeInteger(version) && (version as number) >= 1))
    return `${shown(version)} as version; allowed: a whole number from 1`;
  return options === undefined || isJsonObject(options) ? null : "options that are no JSON; allowed: values that JSON can carry";
}

function isJsonObject(value: unknown): value is JsonObject {
  try {
    return isObject(value) && canonicalJson(value) === canonicalJson(JSON.parse(JSON.stringify(value)));
  } catch {
    return false; // NaN, a function, something that contains itself
  }
}

function defaultType(file: string): string {
  const words = basename(file)
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  return words === "" ? "own" : words;
}

function guarded<T>(name: string, method: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw thrown(name, method, error);
  }
}

function thrown(name: string, method: string, error: unknown): TunesmithError {
  return error instanceof TunesmithError ? error : refusedAnswer(name, `threw in ${method}: ${failure(name, error)}`);
}

function failure(file: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = placeIn(file, error);
  return `${error.name}: ${error.message}${place === undefined ? "" : ` (${place})`}`;
}

/** Where in the module it was thrown, as `mine.mjs:12`. */
function placeIn(file: string, { stack = "" }: Error): string | undefined {
  const name = basename(file);
  const at = stack.split("\n").find((line) => line.trimStart().startsWith("at ") && line.includes(`/${name}:`));
  const line = at === undefined ? undefined : /:(\d+):\d+\)?$/.exec(at)?.[1];
  return line === undefined ? undefined : `${name}:${line}`;
}

function invalid({ type }: ModuleSpec, what: string): TunesmithError {
  const message = `${JSON.stringify(type)}${what.startsWith(":") ? "" : " "}${what}`;
  return new TunesmithError("invalid-input", `sampler: ${message}`, [{ path: "sampler", message }]);
}
