import type { Storage, StudyRecord, Trial } from "@tunesmith/core";
import { createTranslator, studyMessages, trialMessages } from "@tunesmith/protocol";
import { readLog } from "../../evaluation/read-log.ts";
import { attemptFolder } from "../../training/attempt-folder.ts";
import type { CliContext } from "../cli-context.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { findTrial } from "./parts/find-trial.ts";

export interface LogsOptions {
  /** Default: the newest. */
  readonly study?: string;
  /** Default: the newest that failed, else the newest that was started. */
  readonly trial?: number;
  /** Only the last so many lines. */
  readonly tail?: number;
}

/** What a trial's newest attempt printed, control characters made visible. */
export async function logs(
  context: CliContext,
  storage: Storage,
  { study, trial: number, tail }: LogsOptions = {},
): Promise<number> {
  const words = trialMessages(context.language);
  const record = await findStudy(context, storage, study);
  const trial = number === undefined ? await newestStarted(storage, record) : await findTrial(context, storage, record, number);
  if (trial === null) {
    const none =
      record.trialCount === 0
        ? studyMessages(context.language).noTrials(`tunesmith resume ${shellWord(record.name)}`)
        : words.noAttempt;
    context.warn(none);
    return 1;
  }
  const { attempt } = trial.replicates[0];
  const { dir } = attemptFolder(context.home, {
    studyId: record.id,
    trial: trial.number,
    replicate: 0,
    attempt: Math.max(1, attempt),
  });
  const lines = await readLog(dir, tail === undefined ? {} : { tailLines: tail });
  const style = createStyle(context.color);
  const translator = createTranslator(context.language);
  if (!context.json && number === undefined) context.warn(style.pale(words.attemptOf(trial.number, attempt)));
  if (!context.json && lines.length === 0) context.warn(words.noLog(trial.number));
  for (const { from, text } of lines) {
    if (context.json) context.print(jsonLine({ trial: trial.number, attempt, from, text }));
    else context.print(from === "notice" ? style.pale(shownLine(translator.text(text))) : shownLine(text));
  }
  return 0;
}

/** A line of output keeps its tabs. */
function shownLine(text: string): string {
  return text
    .split("\t")
    .map((part) => shownText(part, Number.POSITIVE_INFINITY))
    .join("\t");
}

const pageSize = 200;

async function newestStarted(storage: Storage, { id, trialCount }: StudyRecord): Promise<Trial | null> {
  let started: Trial | null = null;
  for (let end = trialCount; end > 0; end -= pageSize) {
    const limit = Math.min(pageSize, end);
    const page = await storage.getTrials(id, { after: end - 1 - limit, limit });
    const failed = page.findLast(({ state }) => state === "failed");
    if (failed !== undefined) return failed;
    started ??= page.findLast(({ replicates }) => replicates[0].attempt > 0) ?? null;
  }
  return started;
}
