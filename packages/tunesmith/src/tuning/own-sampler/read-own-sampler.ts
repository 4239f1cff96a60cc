import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type JsonObject, type Problem, throwFaults } from "@tunesmith/core";
import type { OwnSampler } from "../../study-file/training-checks.ts";
import { splitCommand } from "../../training/split-command.ts";
import { commandRefusal } from "./command-sampler.ts";
import { moduleSampler } from "./module-sampler.ts";
import { type CommandSpec, commandDefaults, commandType, contentHash, isModuleType } from "./own-sampler-spec.ts";

/**
 * What a study file's `sampler` is when it is the user's own: `{ type: ./mine.mjs, …options }` or `{ command, timeout, …options }` (milliseconds).
 * A module is loaded and makes its sampler; a process is not started, only looked for.
 *
 * @returns  Null if it names neither.
 * @throws {TunesmithError} `invalid-input` with all faults; paths begin with `sampler`.
 */
export function readOwnSampler(written: JsonObject, folder: string): OwnSampler | null {
  if (written.command !== undefined) return readCommand(written, folder);
  const { type, ...options } = written;
  if (!isModuleType(type)) return null;
  const spec = { type, folder: resolve(folder), options, sha256: contentHash({ type, folder }) };
  const sampler = moduleSampler(spec);
  return { spec, refuse: (problem: Problem) => sampler.refuse(problem) };
}

function readCommand({ command, timeout = commandDefaults.timeoutMs, ...options }: JsonObject, folder: string): OwnSampler {
  const line = command as CommandSpec["command"];
  const faults = commandFaults(line, folder);
  throwFaults(
    "sampler",
    faults.map((message) => ({ path: "sampler.command", message })),
  );
  const place = { type: commandType, command: line, folder: resolve(folder) } as const;
  return { spec: { ...place, sha256: contentHash(place), timeoutMs: timeout, options }, refuse: commandRefusal };
}

/** What can be told without starting it. */
function commandFaults(line: CommandSpec["command"], folder: string): readonly string[] {
  // What needs a shell can have one, though not by the study's `shell: true`, which is for trainings.
  const advice = (message: string): string => message.replace("set shell: true", 'start one: sh -c "…"');
  const { elements, faults } = typeof line === "string" ? splitCommand(line) : { elements: line, faults: [] };
  const fault = elements === null ? null : elementsFault(elements, folder);
  return fault === null ? faults.map(advice) : [fault];
}

function elementsFault(elements: readonly string[], folder: string): string | null {
  const [file = "", ...args] = elements;
  if (file === "") return "is empty; give a command such as python3 my_sampler.py";
  const macro = elements.find((element) => element.includes("${"));
  if (macro !== undefined) return `${macro}: a sampler's command has no macros; everything reaches it on standard input`;
  if (!isProgram(file, folder)) return `cannot find the program ${file}`;
  const missing = args.find((arg) => /^[^-].*\.(?:py|[cm]?[jt]s|R|jl|rb|pl|sh)$/.test(arg) && !isFile(resolve(folder, arg)));
  return missing === undefined ? null : `there is no file ${missing} in ${folder}`;
}

function isProgram(file: string, folder: string): boolean {
  if (/[/\\]/.test(file)) return isExecutable(resolve(folder, file));
  const folders = (process.env.PATH ?? "").split(delimiter).filter((each) => each !== "");
  const endings = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
  return folders.some((each) => endings.some((ending) => isExecutable(join(each, file + ending))));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  if (!isFile(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
