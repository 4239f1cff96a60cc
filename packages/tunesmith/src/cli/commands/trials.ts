import {
  type Config,
  isTerminal,
  type Storage,
  type Trial,
  type TrialState,
  trialParams,
  trialStateCodes,
} from "@tunesmith/core";
import {
  commandMessages,
  formatAgo,
  formatNumber,
  type Language,
  studyMessages,
  type TrialMessages,
  trialMessages,
  whyMessage,
} from "@tunesmith/protocol";
import { studyResult } from "../../tuning/study-result.ts";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { valueText } from "../terminal/parameter-text.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { type Column, textTable } from "../terminal/text-table.ts";
import { cutText, textWidth } from "../terminal/text-width.ts";
import { allTrials } from "./parts/all-trials.ts";
import { type LastValues, lastValuesOf } from "./parts/last-values.ts";
import { type OpenedStudy, openedStudy } from "./parts/opened-study.ts";
import { trialsCsv } from "./parts/trials-csv.ts";

export interface TrialsOptions {
  /** Default: the newest. */
  readonly study?: string;
  readonly state?: string;
  /** The newest so many; default 50, with `csv` and JSON all. */
  readonly limit?: number;
  readonly csv?: boolean;
  readonly nowMs?: number;
}

const shownByDefault = 50;

/** The trials of a study, newest last. */
export async function trials(context: CliContext, storage: Storage, options: TrialsOptions = {}): Promise<number> {
  const { study, state, csv = false, nowMs = Date.now() } = options;
  const opened = openedStudy(await findStudy(context, storage, study));
  const states = state === undefined ? undefined : [readState(context.language, state)];
  const limit = options.limit ?? (csv || context.json ? Number.POSITIVE_INFINITY : shownByDefault);
  const listed = await newest(storage, opened, limit, states);
  const lastValues = await lastValuesOf(storage, opened, listed);
  if (csv)
    for (const line of trialsCsv(opened.problem, listed, lastValues))
      context.print(context.isTerminal ? shownText(line, Number.POSITIVE_INFINITY) : line);
  else if (context.json)
    for (const trial of listed) context.print(jsonLine({ ...trial, lastValues: lastValues.get(trial.number) }));
  else await printTable(context, storage, opened, listed, lastValues, states, nowMs);
  return 0;
}

/** @throws {UsageError} */
function readState(language: Language, text: string): TrialState {
  if (Object.hasOwn(trialStateCodes, text)) return text as TrialState;
  const allowed = Object.keys(trialStateCodes).join(", ");
  throw new UsageError(commandMessages(language).badState(shownText(JSON.stringify(text)), allowed));
}

async function newest(
  storage: Storage,
  { record }: OpenedStudy,
  limit: number,
  states: readonly TrialState[] | undefined,
): Promise<readonly Trial[]> {
  if (states === undefined && limit <= 10_000)
    return limit === 0 ? [] : storage.getTrials(record.id, { after: record.trialCount - 1 - limit, limit });
  const found: Trial[] = [];
  for await (const trial of allTrials(storage, record.id, states)) {
    found.push(trial);
    if (found.length >= 2 * limit + 1_000) found.splice(0, found.length - limit);
  }
  return found.slice(Math.max(0, found.length - limit));
}

async function printTable(
  context: CliContext,
  storage: Storage,
  opened: OpenedStudy,
  listed: readonly Trial[],
  lastValues: LastValues,
  states: readonly TrialState[] | undefined,
  nowMs: number,
): Promise<void> {
  const { record } = opened;
  const words = trialMessages(context.language);
  if (listed.length === 0) {
    const none =
      record.trialCount === 0
        ? studyMessages(context.language).noTrials(`tunesmith resume ${shellWord(record.name)}`)
        : words.nothingFound;
    return context.print(none);
  }
  const best = (await studyResult(storage, record)).winner?.trial.number ?? null;
  const { columns, rows } = tableOf(context, opened, listed, lastValues, best, nowMs);
  const [head, ...lines] = textTable(columns, rows);
  const style = createStyle(context.color);
  context.print(style.pale(cutText(head, context.width)));
  lines.forEach((line, i) => {
    const { number, state } = listed[i];
    const cut = cutText(line, context.width);
    context.print(
      number === best ? style.best(cut) : state === "failed" ? style.failed(cut) : state === "stopped" ? style.pale(cut) : cut,
    );
  });
  const total = states === undefined ? record.trialCount : states.reduce((sum, state) => sum + record.stateCounts[state], 0);
  if (listed.length < total) context.print(style.pale(words.shownOf(listed.length, total)));
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const longestValue = 16;
const longestWhy = 20;

/** Number, state and values first, then as many parameters as the width holds, why and when at the end. */
function tableOf(
  context: CliContext,
  { problem }: OpenedStudy,
  listed: readonly Trial[],
  lastValues: LastValues,
  best: number | null,
  nowMs: number,
): Table {
  const words = trialMessages(context.language);
  const { trialStates } = studyMessages(context.language);
  const left: Column[] = [{ title: "#", align: "right" }, { title: words.columns.state }];
  for (const { name } of problem.objectives) left.push({ title: shownText(name, longestValue), align: "right" });
  if (problem.fidelity !== null) left.push({ title: shownText(problem.fidelity.name, longestValue), align: "right" });
  const leftRows = listed.map((trial) => [
    String(trial.number),
    `${trialStates[trial.state]}${trial.number === best ? " ★" : ""}`,
    ...problem.objectives.map((_, k) => valueCell(trial, lastValues, k, words)),
    ...(problem.fidelity === null ? [] : [trial.fidelity === null ? "" : formatNumber(trial.fidelity)]),
  ]);
  const right: Column[] = [{ title: words.columns.why }, { title: words.columns.when }];
  const rightRows = listed.map((trial) => [
    shownText(shortWhy(trial, context.language), longestWhy),
    formatAgo(trial.finishedAt ?? trial.startedAt ?? trial.createdAt, nowMs, context.language),
  ]);
  const room = context.width - widthOf(left, leftRows) - widthOf(right, rightRows);
  const params = listed.map(trialParams);
  const names = new Set([...Object.keys(problem.space.parameters), ...params.flatMap(Object.keys)]);
  const middle = parameterColumns([...names], params, room);
  const rows = listed.map((_, i) => [...leftRows[i], ...middle.rows[i], ...rightRows[i]]);
  return { columns: [...left, ...middle.columns, ...right], rows };
}

/** The first words of the reason; `show` tells the rest. */
function shortWhy({ source, why, fixed, config }: Trial, language: Language): string {
  // The sampler had a hand in it only where something was left open.
  const isFixed = fixed !== null && Object.keys(fixed).length === Object.keys(config).length;
  if (source === "retry" || isFixed || why?.code === "filled-by-defaults") return trialMessages(language).shortSources[source];
  return whyMessage(why, language).split(/[:,：，]/u)[0];
}

function valueCell({ number, state, reason }: Trial, lastValues: LastValues, k: number, words: TrialMessages): string {
  const values = lastValues.get(number) ?? null;
  if (values !== null) return formatNumber(values[k]);
  return isTerminal(state) && k === 0 && reason !== null ? words.shortReasons[reason] : "";
}

function parameterColumns(names: readonly string[], listed: readonly Config[], room: number): Table {
  const columns: Column[] = [];
  const rows: string[][] = listed.map(() => []);
  let used = 0;
  for (const name of names) {
    const cells = listed.map((config) => (Object.hasOwn(config, name) ? cutText(valueText(config[name]), longestValue) : ""));
    const title = shownText(name, longestValue);
    used += 2 + Math.max(textWidth(title), ...cells.map(textWidth));
    if (used > room) break;
    columns.push({ title });
    cells.forEach((cell, i) => void rows[i].push(cell));
  }
  return { columns, rows };
}

function widthOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  return columns.reduce((sum, { title }, i) => sum + 2 + Math.max(textWidth(title), ...rows.map((row) => textWidth(row[i]))), 0);
}
