import type { Storage } from "@tunesmith/core";
import { commandMessages, studyMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";

export interface PauseOptions {
  /** Default: the newest. */
  readonly study?: string;
  readonly trials?: readonly string[];
}

/** Starts no more trials of a study until it is resumed. @returns 1 if it is done. @throws {UsageError} For single trials. */
export async function pause(context: CliContext, storage: Storage, { study, trials = [] }: PauseOptions = {}): Promise<number> {
  const messages = commandMessages(context.language);
  const record = await findStudy(storage, study);
  const name = shownText(record.name);
  if (trials.length > 0)
    throw new UsageError(
      messages.trialCannotPause(name),
      messages.tryThis(`tunesmith stop ${shellWord(record.name)} ${shownText(trials.join(" "))}`),
    );
  if (record.state === "active") await storage.setStudyState(record.id, "paused", "person");
  const isDone = record.state === "done";
  if (context.json)
    context.print(jsonLine({ study: record.name, state: isDone ? "done" : "paused", changed: record.state === "active" }));
  else if (isDone) context.warn(messages.doneAlready(name, studyMessages(context.language).causes[record.cause ?? "stopped"]));
  else if (record.state === "paused") context.print(messages.alreadyPaused(name));
  else {
    context.print(messages.paused(name, await storage.hasRunner(record.id)));
    context.print(studyMessages(context.language).goOn(`tunesmith resume ${shellWord(record.name)}`));
  }
  return isDone ? 1 : 0;
}
