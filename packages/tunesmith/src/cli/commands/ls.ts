import type { Storage, StudyRecord } from "@tunesmith/core";
import {
  createTranslator,
  formatAgo,
  formatCount,
  formatNumber,
  type ShownStudyState,
  type StudyMessages,
  studyMessages,
  type Translator,
} from "@tunesmith/protocol";
import { type StudyResult, studyResult } from "../../tuning/study-result.ts";
import type { CliContext } from "../cli-context.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { textTable } from "../terminal/text-table.ts";
import { finishedCount, studyState } from "./parts/study-state.ts";

/** Lists the studies, newest first: state, progress, best, when something last happened, what is worth knowing. */
export async function ls(
  context: CliContext,
  storage: Storage,
  { nowMs = Date.now() }: { readonly nowMs?: number } = {},
): Promise<number> {
  const words = studyMessages(context.language);
  const studies = await storage.listStudies();
  const listed: Listed[] = [];
  for (const record of studies) listed.push(await list(storage, record));
  if (context.json) for (const each of listed) context.print(jsonLine(asJson(each)));
  else if (listed.length === 0) context.print(words.noStudies);
  else for (const line of table(context, listed, words, nowMs)) context.print(line);
  return 0;
}

interface Listed {
  readonly record: StudyRecord;
  readonly state: ShownStudyState;
  readonly result: StudyResult;
  /** Wall clock of the newest thing that happened to the newest trials. */
  readonly lastAt: number;
}

const lookedAtCount = 20;

async function list(storage: Storage, record: StudyRecord): Promise<Listed> {
  const newest = await storage.getTrials(record.id, { after: record.trialCount - 1 - lookedAtCount, limit: lookedAtCount });
  const lastAt = Math.max(
    record.createdAt,
    ...newest.map(({ finishedAt, startedAt, createdAt }) => finishedAt ?? startedAt ?? createdAt),
  );
  return { record, state: await studyState(storage, record), result: await studyResult(storage, record), lastAt };
}

function asJson({ record, state, result, lastAt }: Listed): unknown {
  const { id, name, cause, message, trialCount, stateCounts, createdAt } = record;
  const { winner, by, problem } = result;
  const best = winner && { trial: winner.trial.number, value: winner.value, standardError: winner.standardError, by };
  const trials = { ...stateCounts, made: trialCount, budget: problem.trialBudget };
  return { study: name, id, state, cause, message, objective: problem.objectives[0].name, best, trials, createdAt, lastAt };
}

function table(context: CliContext, listed: readonly Listed[], words: StudyMessages, nowMs: number): string[] {
  const { columns } = words;
  const translator = createTranslator(context.language);
  const titles = [columns.study, columns.state, columns.trials, columns.best, columns.when, columns.note];
  const rows = listed.map(({ record, state, result, lastAt }) => [
    shownText(record.name, 30),
    words.states[state],
    progressText(record, state, result),
    bestText(result),
    formatAgo(state === "running" ? nowMs : lastAt, nowMs, context.language),
    shownText(noteText(record, words, translator), 60),
  ]);
  const [head, ...lines] = textTable(
    titles.map((title) => ({ title })),
    rows,
  );
  return [createStyle(context.color).pale(head), ...lines];
}

function progressText(record: StudyRecord, state: ShownStudyState, { problem }: StudyResult): string {
  // Of a population's trials only those count against the budget that are no copies.
  const total = problem.trialBudget === null || record.childCount > 0 ? "" : `/${problem.trialBudget}`;
  const running = state === "running" && record.stateCounts.running > 0 ? ` ${record.stateCounts.running}↑` : "";
  return `${finishedCount(record)}${total}${running}`;
}

function bestText({ winner }: StudyResult): string {
  return winner === null ? "" : `${formatNumber(winner.value)} #${winner.trial.number}`;
}

function noteText(
  { cause, message, stateCounts, childCount, state }: StudyRecord,
  words: StudyMessages,
  { text }: Translator,
): string {
  const notes: string[] = [];
  if (message !== null) notes.push(text(message));
  else if (cause !== null && !(state === "done" && cause === "trials")) notes.push(words.causes[cause]);
  if (childCount > 0) notes.push(words.copies(formatCount(childCount)));
  else if (stateCounts.stopped > 0) notes.push(words.stateCount(formatCount(stateCounts.stopped), words.trialStates.stopped));
  if (stateCounts.failed > 0) notes.push(words.stateCount(formatCount(stateCounts.failed), words.trialStates.failed));
  return words.notes(notes);
}
