import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import type { Parameter } from "@tunesmith/core";
import {
  type CommonHyperparameter,
  commonHyperparameter,
  commonHyperparameters,
} from "../../../study-file/common-hyperparameters.ts";
import type { OutlinedParameter } from "../../../study-file/write-study-file.ts";
import { splitCommand } from "../../../training/split-command.ts";
import { domainText } from "../../terminal/parameter-text.ts";

/** A hyperparameter that a study could search. */
export interface Proposal {
  readonly parameter: OutlinedParameter;
  readonly domain: string;
  /** Whether it is chosen unless somebody says otherwise. */
  readonly isProposed: boolean;
}

// What trains a model without a word is looked for under these names, in this order.
const usualScripts = [
  ["train.py", "python train.py"],
  ["main.py", "python main.py"],
  ["train.mjs", "node train.mjs"],
  ["train.js", "node train.js"],
  ["train.sh", "sh train.sh"],
] as const;

// Where nothing is known of the script: what nearly every network has.
const usualNames: ReadonlySet<string> = new Set(["lr", "batch_size", "weight_decay", "dropout"]);

/** The training command of this folder, as far as its files tell. */
export async function guessCommand(): Promise<string> {
  const found = usualScripts.find(([file]) => existsSync(file));
  return `${found?.[1] ?? "python train.py"} \${args}`;
}

/** The command, with `${args}` behind it if it takes no parameter yet. */
export function withArgs(command: string): string {
  return /\$\{[^}]+\}/.test(command) ? command : `${command.trim()} \${args}`;
}

const largerIsBetter = /acc|auc|f1|score|reward|return|r2|precision|recall|map\b|bleu|rouge|dice|iou|throughput/i;

export function guessGoal(metric: string): "minimize" | "maximize" {
  return largerIsBetter.test(metric) && !/loss|err/i.test(metric) ? "maximize" : "minimize";
}

/** The file's name; of a file called study the folder's. */
export function defaultName(file: string): string {
  const own = basename(file, extname(file));
  const name = own === "study" ? basename(dirname(resolve(file))) : own;
  const printable = name
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, "")
    .trim()
    .slice(0, 200);
  return printable === "" ? "study" : printable;
}

const largestScriptBytes = 1 << 20;

/** The script that a command runs: its first word that is a file here; null if none is. */
export function findScript(command: string): string | null {
  const { elements } = splitCommand(command);
  return (
    elements?.find(
      (word) => /\.\w+$/.test(word) && existsSync(word) && statSync(word).isFile() && statSync(word).size <= largestScriptBytes,
    ) ?? null
  );
}

/**
 * The usual hyperparameters of deep learning. Those that the command's script takes as arguments come first and are proposed; when it
 * takes none, or cannot be read, a few that nearly every network has.
 */
export async function proposeParameters(
  command: string,
): Promise<{ readonly parameters: readonly Proposal[]; readonly foundCount: number }> {
  const script = findScript(command);
  const found = script === null ? [] : argumentsIn(await readFile(script, "utf8"));
  const known = new Map<CommonHyperparameter, string>();
  for (const argument of found) {
    const common = commonHyperparameter(argument);
    if (common !== null && !known.has(common)) known.set(common, argument);
  }
  const ordered = [...known.keys(), ...commonHyperparameters.filter((common) => !known.has(common))];
  const optimizer = ordered.find(({ names }) => names[0] === "optimizer");
  const optimizerName = optimizer === undefined ? null : nameFor(optimizer, known.get(optimizer));
  const parameters = ordered.map((common) => {
    const argument = known.get(common);
    const isProposed = known.size > 0 ? argument !== undefined : usualNames.has(common.names[0]);
    const withSgd = common.names[0] === "momentum" && optimizer !== undefined && known.has(optimizer);
    const parameter: Parameter = withSgd
      ? ({ ...common.parameter, when: { [optimizerName ?? "optimizer"]: "sgd" } } as Parameter)
      : common.parameter;
    const name = nameFor(common, argument);
    const outlined = {
      name,
      parameter,
      reason: common.reason,
      ...(argument === undefined || argument === `--${name}` ? {} : { arg: argument }),
    };
    return { parameter: outlined, domain: domainText(parameter), isProposed };
  });
  return { parameters, foundCount: known.size };
}

function nameFor({ names }: CommonHyperparameter, argument: string | undefined): string {
  return argument === undefined ? names[0] : argument.replace(/^-+/, "").replace(/[-.]/g, "_");
}

/** Long options named in a script: `"--learning-rate"`. */
function argumentsIn(script: string): string[] {
  return [...script.matchAll(/["'`](--[A-Za-z][\w.-]*)/g)].map(([, argument]) => argument);
}
