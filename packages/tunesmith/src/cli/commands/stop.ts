import { isTerminal, type Storage, type StudyRecord, TunesmithError } from "@tunesmith/core";
import { commandMessages, studyMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { findTrials, trialList } from "./parts/find-trial.ts";

export interface StopOptions {
  readonly study: string;
  /** `4` or `#4`; none: the whole study. */
  readonly trials?: readonly string[];
}

/** Ends a study and keeps everything, or cancels some of its trials. @returns 1 if there was nothing to end. */
export async function stop(context: CliContext, storage: Storage, { study, trials = [] }: StopOptions): Promise<number> {
  const record = await findStudy(context, storage, study);
  return trials.length === 0 ? stopStudy(context, storage, record) : cancelTrials(context, storage, record, trials);
}

async function stopStudy(context: CliContext, storage: Storage, record: StudyRecord): Promise<number> {
  const messages = commandMessages(context.language);
  const words = studyMessages(context.language);
  const isDone = record.state === "done";
  if (!isDone) await storage.setStudyState(record.id, "done", "stopped");
  if (context.json)
    context.print(jsonLine({ study: record.name, state: "done", cause: isDone ? record.cause : "stopped", changed: !isDone }));
  else if (isDone) context.warn(messages.doneAlready(shownText(record.name), words.causes[record.cause ?? "stopped"]));
  else {
    context.print(messages.stopped(shownText(record.name), await storage.hasRunner(record.id)));
    context.print(words.goOn(`tunesmith resume ${shellWord(record.name)}`));
  }
  return isDone ? 1 : 0;
}

async function cancelTrials(
  context: CliContext,
  storage: Storage,
  record: StudyRecord,
  texts: readonly string[],
): Promise<number> {
  const messages = commandMessages(context.language);
  const { trialStates } = studyMessages(context.language);
  const cancelled: number[] = [];
  let finishedCount = 0;
  for (const { number, state } of await findTrials(context, storage, record, texts)) {
    if (!isTerminal(state) && (await cancel(storage, record.id, number))) cancelled.push(number);
    else {
      finishedCount++;
      const now = (await storage.getTrial(record.id, number))?.state ?? state;
      context.warn(messages.trialFinished(number, trialStates[now]));
    }
  }
  if (context.json) for (const trial of cancelled) context.print(jsonLine({ trial, state: "cancelled" }));
  else if (cancelled.length > 0) context.print(messages.cancelled(trialList(cancelled)));
  return finishedCount > 0 ? 1 : 0;
}

/** @returns Whether it was still unfinished: its runner may have been faster. */
async function cancel(storage: Storage, studyId: string, trial: number): Promise<boolean> {
  try {
    await storage.cancel(studyId, trial);
    return true;
  } catch (error) {
    if (error instanceof TunesmithError && error.code === "wrong-state") return false;
    throw error;
  }
}
