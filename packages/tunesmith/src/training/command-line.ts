import { type Config, type Fault, TunesmithError } from "@tunesmith/core";
import { formatValue } from "./format-value.ts";
import { shellName, shellNameFaults } from "./shell-variables.ts";
import { splitCommand } from "./split-command.ts";
import type { CommandLine, TrainingOptions } from "./training-options.ts";

/** What the macros of one attempt stand for; null is empty. */
export interface MacroValues {
  readonly params: Config;
  readonly trial: number;
  readonly seed: number;
  readonly fold: number | null;
  readonly fidelity: number | null;
  /** Folder of the checkpoint to continue from. */
  readonly checkpoint: string | null;
  /** Gives the file that holds the parameters as one JSON object, writing it if need be. */
  readonly argsJsonFile: () => string;
  /** The environment that the command will see. */
  readonly env: { readonly [name: string]: string | undefined };
}

export type CommandOptions = Pick<TrainingOptions, "shell" | "program" | "parameterNames" | "parameterArgs" | "fidelity">;

/** A command that is split and checked, ready to be filled in for every attempt. */
export interface CommandTemplate {
  /**
   * The elements to execute. An element with an empty macro in it (no checkpoint, an inactive parameter) is left out.
   * @throws {TunesmithError} `invalid-input` if an `${envvar:NAME}` is not set.
   */
  expand(values: MacroValues): string[];
}

type Part = string | { readonly macro: string };

const listMacros = ["args", "args_no_hyphens", "args_no_boolean_flags"] as const;
type ListMacro = (typeof listMacros)[number];
const singleMacros = [
  "args_json",
  "args_json_file",
  "env",
  "interpreter",
  "program",
  "trial",
  "seed",
  "fold",
  "checkpoint",
  "fidelity",
];

/** Names that a parameter must not have, because `${NAME}` already means something. */
export const macroNames: readonly string[] = Object.freeze([...listMacros, ...singleMacros]);

/**
 * Splits a command, checks its macros and prepares it.
 *
 * Macros: `${args}` (`--name=value` for every active parameter in declared order), `${args_no_hyphens}` (`name=value`),
 * `${args_no_boolean_flags}` (`--name` for true, nothing for false), each only as a whole element and becoming as many as needed;
 * `${args_json}`, `${args_json_file}`, `${env}`, `${interpreter}`, `${program}`, `${envvar:NAME}`, `${trial}`, `${seed}`,
 * `${fold}`, `${checkpoint}`, `${fidelity}` and `${NAME}` of a parameter anywhere in an element. `$${` is a plain `${`.
 * Values are put in after splitting: whatever they contain, they stay one element.
 *
 * Source: the macro names of Weights & Biases sweeps, https://docs.wandb.ai/guides/sweeps/define-sweep-configuration (`command`).
 * @param path  Where the command stands in the study, for messages.
 * @throws {TunesmithError} `invalid-input` with all faults.
 */
export function compileCommand(command: CommandLine, options: CommandOptions, path = "command"): CommandTemplate {
  const faults = commandFaults(command, options, path);
  if (faults.length > 0) {
    throw new TunesmithError("invalid-input", faults.map((fault) => `${fault.path}: ${fault.message}`).join("; "), faults);
  }
  if (options.shell) return { expand: () => ["/bin/sh", "-c", command as string] };
  const elements = (typeof command === "string" ? (splitCommand(command).elements ?? []) : command).map(partsOf);
  return { expand: (values) => elements.flatMap((parts) => expandElement(parts, values, options)) };
}

/** All that is wrong with a command; see `compileCommand`. */
export function commandFaults(command: CommandLine, options: CommandOptions, path = "command"): readonly Fault[] {
  return messagesAbout(command, options).map((message) => ({ path, message }));
}

function messagesAbout(command: CommandLine, options: CommandOptions): readonly string[] {
  if (options.shell) return shellMessages(command, options);
  if (typeof command !== "string" && command.length === 0) return ["is empty; give a command such as python train.py ${args}"];
  const { elements, faults } = typeof command === "string" ? splitCommand(command) : { elements: command, faults: [] };
  return elements === null ? faults : elements.flatMap((element) => elementMessages(partsOf(element), options));
}

function shellMessages(command: CommandLine, options: CommandOptions): readonly string[] {
  if (typeof command !== "string") return ["is a list, but shell: true runs a text; write it as one"];
  if (command.trim() === "") return ["is empty"];
  const ours = new Set([...macroNames, ...options.parameterNames]);
  const used = [...command.matchAll(/\$\{([^}]*)\}/g)]
    .map((match) => match[1])
    .filter((name) => ours.has(name) || name.startsWith("envvar:"));
  const example = shellName(options.parameterNames[0] ?? "lr");
  const macros = used.map(
    (name) => `\${${name}} is not replaced with shell: true; parameters arrive in the environment, e.g. $${example}`,
  );
  return [...macros, ...shellNameFaults(options.parameterNames)];
}

function elementMessages(parts: readonly Part[], options: CommandOptions): readonly string[] {
  return parts.flatMap((part) => {
    if (typeof part === "string") return [];
    const name = part.macro;
    if (isListMacro(name))
      return parts.length === 1 ? [] : [`\${${name}} stands for several arguments: it must be an element of its own`];
    if (name === "program" && options.program === null) return ["${program} is used, but the study names no program"];
    if (name === "fidelity" && options.fidelity === null) return ["${fidelity} is used, but the study declares no fidelity"];
    if (singleMacros.includes(name) || options.parameterNames.includes(name) || /^envvar:./.test(name)) return [];
    return [
      `\${${name}} is unknown; allowed: a parameter (${options.parameterNames.join(", ")}), \${envvar:NAME}, ${macroNames.join(", ")}; write $\${${name}} for the plain text`,
    ];
  });
}

function isListMacro(name: string): name is ListMacro {
  return (listMacros as readonly string[]).includes(name);
}

function partsOf(element: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of element.matchAll(/\$(\$?)\{([^}]*)\}/g)) {
    if (match.index > from) parts.push(element.slice(from, match.index));
    parts.push(match[1] === "$" ? match[0].slice(1) : { macro: match[2] });
    from = match.index + match[0].length;
  }
  if (from < element.length || element === "") parts.push(element.slice(from));
  return parts;
}

function expandElement(parts: readonly Part[], values: MacroValues, options: CommandOptions): readonly string[] {
  const only = parts[0];
  if (parts.length === 1 && typeof only !== "string" && isListMacro(only.macro)) return argumentList(only.macro, values, options);
  let text = "";
  for (const part of parts) {
    const piece = typeof part === "string" ? part : macroText(part.macro, values, options);
    if (piece === null) return [];
    text += piece;
  }
  return [text];
}

function argumentList(form: ListMacro, values: MacroValues, options: CommandOptions): readonly string[] {
  const { parameterNames, parameterArgs, fidelity } = options;
  const list: string[] = [];
  const add = (arg: string, value: string | number | boolean | null): void => {
    if (form === "args_no_boolean_flags" && typeof value === "boolean") {
      if (value) list.push(arg);
    } else {
      list.push(`${form === "args_no_hyphens" ? arg.replace(/^-+/, "") : arg}=${formatValue(value)}`);
    }
  };
  for (const name of parameterNames) {
    if (Object.hasOwn(values.params, name))
      add(Object.hasOwn(parameterArgs, name) ? parameterArgs[name] : `--${name}`, values.params[name]);
  }
  if (fidelity !== null && fidelity.arg !== null && values.fidelity !== null) add(fidelity.arg, values.fidelity);
  return list;
}

function macroText(name: string, values: MacroValues, options: CommandOptions): string | null {
  if (name.startsWith("envvar:")) return variable(name.slice("envvar:".length), values.env);
  switch (name) {
    case "args_json":
      return JSON.stringify(values.params);
    case "args_json_file":
      return values.argsJsonFile();
    case "env":
      return "/usr/bin/env";
    case "interpreter":
      return "python3";
    case "program":
      return options.program;
    case "trial":
    case "seed":
    case "fold":
    case "fidelity":
      return values[name] === null ? null : formatValue(values[name]);
    case "checkpoint":
      return values.checkpoint;
    default:
      return Object.hasOwn(values.params, name) ? formatValue(values.params[name]) : null;
  }
}

function variable(name: string, env: MacroValues["env"]): string {
  const value = env[name];
  if (value === undefined)
    throw new TunesmithError("invalid-input", `\${envvar:${name}} is used, but ${name} is not set in the environment`);
  return value;
}
