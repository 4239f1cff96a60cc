import { type ReplayResult, type Storage, type StudyRecord, TunesmithError } from "@tunesmith/core";
import { createTranslator, type DoctorMessages, doctorMessages, type Translator } from "@tunesmith/protocol";
import { type ProcessEntry, processTable } from "../../training/process-table.ts";
import { replayStudy } from "../../tuning/replay-study.ts";
import type { CliContext } from "../cli-context.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { checkCheckpoints, checkProcesses, checkRecord, type Finding, finding } from "./parts/study-checks.ts";
import { readContents, type StudyContents } from "./parts/study-contents.ts";

export interface DoctorOptions {
  /** Default: all. */
  readonly study?: string;
  /** Computes every suggestion again and compares. */
  readonly replay?: boolean;
}

/** Checks that what is stored is sound. @returns 1 if anything is not. */
export async function doctor(
  context: CliContext,
  storage: Storage,
  { study, replay = false }: DoctorOptions = {},
): Promise<number> {
  const messages = doctorMessages(context.language);
  const records = study === undefined ? await storage.listStudies() : [await findStudy(context, storage, study)];
  if (records.length === 0 && !context.json) context.print(messages.noStudies);
  const processes = await processTable({ markers: true });
  let isSound = true;
  for (const record of records) isSound = (await checkStudy(context, storage, record, processes, replay)) && isSound;
  return isSound ? 0 : 1;
}

async function checkStudy(
  context: CliContext,
  storage: Storage,
  record: StudyRecord,
  processes: readonly ProcessEntry[],
  replay: boolean,
): Promise<boolean> {
  const contents = await readContents(storage, record.id);
  if (contents === null) {
    context.warn(doctorMessages(context.language).keepsChanging(shownText(record.name)));
    return false;
  }
  // What a program reads does not depend on the person's language.
  const words = doctorMessages(context.json ? "en" : context.language).examples;
  const found = [
    ...checkRecord(contents, words),
    await checkCheckpoints(contents, words),
    checkProcesses(contents, processes, words),
  ];
  const translator = createTranslator(context.json ? "en" : context.language);
  const replayed = replay ? await replayOrRefusal(storage, contents.record, context.home, translator) : null;
  if (typeof replayed === "string") found.push(finding("replay", "I16", [replayed]));
  else if (replayed !== null)
    found.push(
      finding(
        "replay",
        "I16",
        replayed.differences.map(({ trial, what }) => `#${trial} ${what}`),
      ),
    );
  const result = typeof replayed === "string" ? null : replayed;
  const findings = found.filter(({ count }) => count > 0);
  if (context.json) printJson(context, contents, findings, result);
  else printWords(context, contents, findings, result);
  return findings.length === 0;
}

/** What came of it, or why the study's own sampler cannot be asked again: its file is not what it was, for instance. */
async function replayOrRefusal(
  storage: Storage,
  record: StudyRecord,
  home: string,
  translator: Translator,
): Promise<ReplayResult | string> {
  try {
    return await replayStudy(storage, record, home);
  } catch (error) {
    if (error instanceof TunesmithError && error.code === "refused") return translator.error(error);
    throw error;
  }
}

function printJson(
  context: CliContext,
  { record, trials, events }: StudyContents,
  findings: readonly Finding[],
  replayed: ReplayResult | null,
): void {
  const sound = findings.length === 0;
  context.print(
    jsonLine({
      study: record.name,
      id: record.id,
      sound,
      trials: trials.length,
      events: events.length,
      findings,
      replay: replayed,
    }),
  );
}

const mostDifferences = 10;

function printWords(
  context: CliContext,
  { record, trials, events }: StudyContents,
  findings: readonly Finding[],
  replayed: ReplayResult | null,
): void {
  const messages = doctorMessages(context.language);
  const style = createStyle(context.color);
  const name = shownText(record.name);
  context.print(
    findings.length === 0
      ? messages.sound(name, trials.length, events.length)
      : style.failed(messages.unsound(name, findings.length)),
  );
  for (const { check, count, examples } of findings) {
    context.print(`  ${messages.finding(count, messages.checks[check])}`);
    context.print(`     ${shownText(examples.join("   "), context.width - 5)}${count > examples.length ? " …" : ""}`);
    const advice = messages.advice(check, shellWord(record.name));
    if (advice !== null) context.print(`     ${advice}`);
  }
  if (replayed !== null) printReplay(context, replayed, messages);
}

function printReplay(
  context: CliContext,
  { replayedCount, earlierRevisionCount, differences }: ReplayResult,
  messages: DoctorMessages,
): void {
  context.print(`  ${messages.replayed(replayedCount, differences.length)}`);
  if (earlierRevisionCount > 0) context.print(`  ${messages.earlierRevision(earlierRevisionCount)}`);
  for (const { trial, what, recorded, recomputed } of differences.slice(0, mostDifferences))
    context.print(`  ${messages.difference(trial, what, shownText(recorded, 200), shownText(recomputed, 200))}`);
}
