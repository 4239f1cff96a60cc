import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createTranslator, initMessages } from "@tunesmith/protocol";
import { type StudyOutline, writeStudyFile } from "../../study-file/write-study-file.ts";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { type InitPrompts, terminalPrompts } from "./parts/init-prompts.ts";
import {
  defaultName,
  findScript,
  guessCommand,
  guessGoal,
  type Proposal,
  proposeParameters,
  withArgs,
} from "./parts/study-proposal.ts";

export interface InitOptions {
  /** Default: study.yaml. */
  readonly file?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly command?: string;
  readonly metric?: string;
  readonly goal?: string;
  /** How to ask; default in the terminal. */
  readonly prompts?: InitPrompts;
}

const defaultTrialCount = 50;

/**
 * Writes a commented study file: asks in a terminal, else takes options and defaults.
 * @returns 1 if the person broke off. @throws {UsageError} If the file is there, or nobody can be asked.
 */
export async function init(context: CliContext, options: InitOptions = {}): Promise<number> {
  const messages = initMessages(context.language);
  const { file = "study.yaml", yes = false, force = false, prompts = terminalPrompts(messages) } = options;
  if (existsSync(file) && !force) throw new UsageError(messages.fileExists(shownText(file)));
  if (!yes && !context.isTerminal) throw new UsageError(messages.needsAnswers(shellWord(file)));
  const goal = readGoal(options.goal, messages.badGoal);
  const outline = yes
    ? await outlineOfOptions(options, file, goal)
    : await outlineOfAnswers(context, options, file, goal, prompts);
  if (outline === null) {
    context.print(messages.nothingWritten);
    return 1;
  }
  await writeFile(file, writeStudyFile(outline, createTranslator(context.language).text), { flag: force ? "w" : "wx" });
  if (context.json) context.print(jsonLine({ file, ...outline }));
  else {
    context.print(messages.wrote(shownText(file)));
    context.print(messages.printMetric(shownText(outline.objective.name, 40)));
    context.print(messages.next(`tunesmith run ${shellWord(file)}`));
  }
  return 0;
}

/** @throws {UsageError} */
function readGoal(text: string | undefined, badGoal: (found: string) => string): "minimize" | "maximize" | null {
  if (text === undefined || text === "minimize" || text === "maximize") return text ?? null;
  throw new UsageError(badGoal(shownText(JSON.stringify(text))));
}

async function outlineOfOptions(
  { command, metric = "val_loss" }: InitOptions,
  file: string,
  goal: "minimize" | "maximize" | null,
): Promise<StudyOutline> {
  const chosen = withArgs(command ?? (await guessCommand()));
  const { parameters } = await proposeParameters(chosen);
  const preselected = parameters.filter(({ isProposed }) => isProposed).map(({ parameter }) => parameter);
  return {
    name: defaultName(file),
    command: chosen,
    parameters: preselected,
    objective: { name: metric, goal: goal ?? guessGoal(metric) },
    budget: { trials: defaultTrialCount },
  };
}

/** Null as soon as a question is broken off. */
async function outlineOfAnswers(
  context: CliContext,
  { command, metric }: InitOptions,
  file: string,
  givenGoal: "minimize" | "maximize" | null,
  prompts: InitPrompts,
): Promise<StudyOutline | null> {
  const messages = initMessages(context.language);
  const typed = command ?? (await prompts.text(messages.askCommand, await guessCommand()));
  if (typed === null) return null;
  const chosen = withArgs(typed);
  const name = metric ?? (await prompts.text(messages.askMetric, "val_loss"));
  if (name === null) return null;
  const choices = [
    { value: "minimize", label: messages.minimize },
    { value: "maximize", label: messages.maximize },
  ] as const;
  const goal = givenGoal ?? (await prompts.select(messages.askGoal, choices, guessGoal(name)));
  if (goal === null) return null;
  const { parameters, foundCount } = await proposeParameters(chosen);
  const script = findScript(chosen);
  context.print(foundCount > 0 && script !== null ? messages.foundInScript(foundCount, shownText(script)) : messages.guessed);
  const picked = await prompts.choose(
    messages.askParameters,
    parameters.map((proposal) => choiceOf(proposal, createTranslator(context.language).text)),
    parameters.filter(({ isProposed }) => isProposed).map(nameOf),
  );
  if (picked === null) return null;
  const trials = await prompts.count(messages.askTrials, defaultTrialCount);
  if (trials === null) return null;
  const kept = parameters.filter((proposal) => picked.includes(nameOf(proposal))).map(({ parameter }) => parameter);
  return { name: defaultName(file), command: chosen, parameters: kept, objective: { name, goal }, budget: { trials } };
}

function nameOf({ parameter }: Proposal): string {
  return parameter.name;
}

function choiceOf(
  { parameter: { name, reason }, domain }: Proposal,
  worded: (reason: string) => string,
): { readonly value: string; readonly label: string; readonly hint: string } {
  return { value: name, label: `${name}   ${domain}`, hint: reason === undefined ? "" : worded(reason) };
}
