import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type JsonObject, TunesmithError } from "@tunesmith/core";
import { splitCommand } from "../../training/split-command.ts";
import type { CommandLine } from "../../training/training-options.ts";

/** What is stored of a sampler that is a module of the user's. */
export interface ModuleSpec extends JsonObject {
  /** The module as the study file names it, e.g. `./mine.mjs`. */
  readonly type: string;
  /** Absolute; what `type` is relative to. */
  readonly folder: string;
  /** Hash of the module's file: another content is another sampler. */
  readonly sha256: string;
  readonly options: JsonObject;
}

/** What is stored of a sampler that is a process. */
export interface CommandSpec extends JsonObject {
  readonly type: typeof commandType;
  readonly command: CommandLine;
  /** Absolute; where it runs. */
  readonly folder: string;
  /** Hash of the files that the command names. */
  readonly sha256: string;
  /** Longest time for one suggestion. */
  readonly timeoutMs: number;
  readonly options: JsonObject;
}

export type OwnSpec = ModuleSpec | CommandSpec;

export const commandType = "command";
export const commandDefaults = Object.freeze({ timeoutMs: 60_000 });

const largestHashedBytes = 1 << 26;

/** Whether a type names a file rather than a sampler of ours. */
export function isModuleType(type: unknown): type is string {
  return typeof type === "string" && /[/\\]|\.[cm]?[jt]s$/.test(type);
}

/** Stored settings as those of an own sampler; null if they are of ours. */
export function ownSpecOf(spec: JsonObject): OwnSpec | null {
  if (typeof spec.folder !== "string" || typeof spec.sha256 !== "string") return null;
  return spec.type === commandType || isModuleType(spec.type) ? (spec as OwnSpec) : null;
}

export function isCommandSpec(spec: OwnSpec): spec is CommandSpec {
  return spec.type === commandType;
}

/** How messages call it. */
export function ownName(spec: OwnSpec): string {
  if (!isCommandSpec(spec)) return spec.type;
  const { command } = spec;
  return typeof command === "string" ? command : command.join(" ");
}

/** The file of a module. */
export function modulePath({ folder, type }: Pick<ModuleSpec, "folder" | "type">): string {
  return resolve(folder, type);
}

/** The program of a command and its arguments. @throws {TunesmithError} `invalid-input` for text that cannot be split. */
export function commandElements(command: CommandLine): readonly string[] {
  if (typeof command !== "string") return command;
  const { elements, faults } = splitCommand(command);
  if (elements === null) throw new TunesmithError("invalid-input", faults.join("; "));
  return elements;
}

/** The hash of what a spec names, as the files are now. Files beyond 64 MiB are data and count by their size. */
export function contentHash(
  spec: Pick<ModuleSpec, "type" | "folder"> | Pick<CommandSpec, "type" | "folder" | "command">,
): string {
  const names = "command" in spec ? commandElements(spec.command as CommandLine) : [spec.type];
  const hash = createHash("sha256");
  for (const name of names) {
    const path = resolve(spec.folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) continue;
    hash.update(`${name}\0${found.size}\0`);
    if (found.size <= largestHashedBytes) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

/**
 * Refuses to go on with other files than those that are on record.
 * @throws {TunesmithError} `refused`.
 */
export function requireSameContent(spec: OwnSpec): void {
  if (contentHash(spec) === spec.sha256) return;
  throw new TunesmithError(
    "refused",
    `sampler ${ownName(spec)} is not what the study knows: its file in ${spec.folder} was changed or is gone; ` +
      "run the study file again to go on with it as it is now",
  );
}
