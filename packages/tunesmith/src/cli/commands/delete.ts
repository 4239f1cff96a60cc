import { confirm } from "@clack/prompts";
import type { Storage } from "@tunesmith/core";
import { type CommandMessages, commandMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";

export interface DeleteOptions {
  readonly study: string;
  /** Without asking. */
  readonly yes?: boolean;
  /** How to ask; default in the terminal. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/** Deletes a study, softly. @returns 1 if it is being run, or the person said no. @throws {UsageError} Without a terminal to ask in. */
export async function deleteStudy(
  context: CliContext,
  storage: Storage,
  { study, yes = false, ask }: DeleteOptions,
): Promise<number> {
  const messages = commandMessages(context.language);
  const record = await findStudy(context, storage, study);
  const name = shownText(record.name);
  if (await storage.hasRunner(record.id)) {
    context.warn(messages.runnerHolds(name, `tunesmith stop ${shellWord(record.name)}`));
    return 1;
  }
  if (!yes) {
    if (!context.isTerminal || context.json)
      throw new UsageError(messages.confirmWithYes(`tunesmith delete ${shellWord(record.name)} --yes`));
    const question = messages.deleteQuestion(name, record.trialCount);
    if (!(await (ask === undefined ? askInTerminal(question, messages) : ask(question)))) {
      context.print(messages.notDeleted);
      return 1;
    }
  }
  await storage.deleteStudy(record.id);
  if (context.json) context.print(jsonLine({ study: record.name, id: record.id, deleted: true }));
  else context.print(messages.deleted(name, record.trialCount));
  return 0;
}

async function askInTerminal(message: string, { yes, no }: CommandMessages): Promise<boolean> {
  return (await confirm({ message, initialValue: false, active: yes, inactive: no })) === true;
}
