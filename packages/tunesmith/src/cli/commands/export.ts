import { writeFile } from "node:fs/promises";
import { exportStudy, type Storage, type Trial, TunesmithError } from "@tunesmith/core";
import { commandMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shownText } from "../terminal/shown-text.ts";
import { allTrials } from "./parts/all-trials.ts";
import { lastValuesOf } from "./parts/last-values.ts";
import { openedStudy } from "./parts/opened-study.ts";
import { trialsCsv } from "./parts/trials-csv.ts";

export interface ExportOptions {
  /** Default: the newest. */
  readonly study?: string;
  /** The trials as comma-separated values, instead of everything as JSON. */
  readonly csv?: boolean;
  /** Default: standard output. */
  readonly out?: string;
  /** Replaces a file that is there. */
  readonly force?: boolean;
}

/** Writes a study out: everything as JSON that can be imported again, or its trials as CSV. */
export async function exportStudyCommand(
  context: CliContext,
  storage: Storage,
  { study, csv = false, out, force = false }: ExportOptions = {},
): Promise<number> {
  const record = await findStudy(context, storage, study);
  const lines = csv ? await csvLines(storage, record.id) : [JSON.stringify(await exportQuietly(storage, record.id))];
  if (out === undefined) {
    for (const line of lines) context.print(context.isTerminal ? shownText(line, Number.POSITIVE_INFINITY) : line);
    return 0;
  }
  const messages = commandMessages(context.language);
  try {
    await writeFile(out, `${lines.join("\n")}\n`, { flag: force ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new UsageError(messages.fileExists(shownText(out)));
    throw error;
  }
  context.print(context.json ? jsonLine({ study: record.name, file: out }) : messages.wrote(shownText(out)));
  return 0;
}

async function csvLines(storage: Storage, studyId: string): Promise<readonly string[]> {
  const record = await storage.getStudy(studyId);
  if (record === null) return [];
  const trials: Trial[] = [];
  for await (const trial of allTrials(storage, studyId)) trials.push(trial);
  const opened = openedStudy(record);
  return [...trialsCsv(opened.problem, trials, await lastValuesOf(storage, opened, trials))];
}

const mostTries = 5;

/** A study that is being run changes while it is read; then it is read again. */
async function exportQuietly(storage: Storage, studyId: string): Promise<unknown> {
  for (let triesLeft = mostTries; ; triesLeft--) {
    try {
      return await exportStudy(storage, studyId);
    } catch (error) {
      if (triesLeft === 0 || !(error instanceof TunesmithError) || error.code !== "wrong-state") throw error;
    }
  }
}
