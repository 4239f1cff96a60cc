import {
  type Fidelity,
  type Metrics,
  type Storage,
  type StudyRecord,
  type StudySession,
  studyImportance,
  trialParams,
} from "@tunesmith/core";
import { formatDuration, formatNumber, formatPercent, importanceMessages, type Language, runMessages } from "@tunesmith/protocol";
import type { Standing } from "../evaluation/confirmation.ts";
import type { TrainingOptions } from "../training/training-options.ts";
import { runFinalTest } from "../tuning/final-test.ts";
import { modelOfTrial } from "../tuning/model-of-trial.ts";
import { type StudyResult, studyResult } from "../tuning/study-result.ts";
import type { CliContext } from "./cli-context.ts";
import { plannedMemberCount } from "./planned-member-count.ts";
import { populationProgress } from "./population-progress.ts";
import { repeatedFidelity } from "./repeated-fidelity.ts";
import { fittedLines, lineRoom } from "./terminal/fitted-lines.ts";
import { flowingText } from "./terminal/flowing-text.ts";
import { importancePieces } from "./terminal/importance-pieces.ts";
import { configPieces } from "./terminal/parameter-text.ts";
import { shownText } from "./terminal/shown-text.ts";
import { createStyle } from "./terminal/style.ts";
import { harmless, padText } from "./terminal/text-width.ts";

const labelWidth = 9;
// What matters is known from far fewer.
const mostCompared = 2_000;

/** A label and what belongs to it, further lines below. */
function print(context: CliContext, label: string, ...lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) context.print(`${padText(i === 0 ? label : "", labelWidth)}${line}`);
}

/** Prints what a finished run came to: the result first, how sure it is, what it cost, where to look. @returns The exit code. */
export async function printRunSummary(
  context: CliContext,
  storage: Storage,
  session: StudySession,
  durationMs: number,
  training: TrainingOptions,
): Promise<number> {
  const messages = runMessages(context.language);
  const study = await storage.getStudy(session.studyId);
  if (study === null) return 1;
  for (const line of fittedLines(context, await costLine(context, session, durationMs))) context.print(line);
  context.print();
  const result = await studyResult(storage, study);
  const name = harmless(study.name);
  if (result.winner === null) {
    context.print(messages.noBest(name));
    return 1;
  }
  const tested = training.test === null ? null : await testBoth(storage, study, result, training);
  printBest(context, result, result.winner, tested);
  // What grew out of several configs is not repeated by one of them.
  if (result.winner.standardError === null && result.winner.trial.parent === null)
    print(context, "", ...fittedLines(context, messages.oneRun(name), labelWidth));
  const important = await importantParameters(storage, study, result, context.language);
  if (important !== null)
    print(context, importanceMessages(context.language).matters, ...flowingText(important, lineRoom(context, labelWidth)));
  const kept = await modelOfTrial(storage, study.id, result.winner.trial, result.problem.objectives[0]);
  if (kept !== null) print(context, messages.model, messages.modelKept(name));
  print(context, messages.lookLabel, messages.look(name));
  return 0;
}

/** For the first objective; null where too little is known. */
async function importantParameters(
  storage: Storage,
  { id }: StudyRecord,
  { problem }: StudyResult,
  language: Language,
): Promise<readonly string[] | null> {
  const trials = await storage.getTrials(id, { states: ["complete"], limit: mostCompared });
  const [first] = studyImportance(trials, problem);
  return first.withheld === null ? importancePieces(first, language) : null;
}

async function costLine(context: CliContext, session: StudySession, durationMs: number): Promise<string> {
  const { fidelity } = session.problem;
  const members = plannedMemberCount(session.settings);
  if (fidelity !== null && members !== null) return populationCost(context, session, fidelity, members, durationMs);
  const messages = runMessages(context.language);
  const { complete, stopped, failed } = session.endedCounts;
  const { finishedCount } = session.history;
  const done = messages.doneSummary(formatDuration(durationMs, context.language), finishedCount, complete, stopped, failed);
  // Of what grew out of several configs nobody would run all to the end.
  if (fidelity === null || stopped === 0 || session.record.childCount > 0) return messages.cost(done, null);
  const trained = session.progress().stepSum + (await repeatedFidelity(session));
  const share = 1 - trained / ((complete + stopped) * fidelity.max);
  return messages.cost(
    done,
    share <= 0 ? null : messages.fidelitySaved(formatPercent(share), shownText(fidelity.name, 40), complete + stopped),
  );
}

function populationCost(
  { language }: CliContext,
  session: StudySession,
  { name, max }: Fidelity,
  members: number,
  durationMs: number,
): string {
  const messages = runMessages(language);
  const { memberCount, copyCount } = populationProgress(session.history, members, max);
  const steps = `${formatNumber(session.progress().stepSum)} ${shownText(name, 40)}`;
  const done = messages.populationSummary(
    formatDuration(durationMs, language),
    memberCount,
    copyCount,
    steps,
    session.endedCounts.failed,
  );
  return messages.cost(done, null);
}

interface Tested {
  readonly winner: Metrics | null;
  readonly defaults: Metrics | null;
}

/** The test data are read here and nowhere else: once for the winner, once for the default configuration. */
async function testBoth(storage: Storage, study: StudyRecord, result: StudyResult, training: TrainingOptions): Promise<Tested> {
  const test = async (standing: Standing | null): Promise<Metrics | null> => {
    if (standing === null) return null;
    const model = await modelOfTrial(storage, study.id, standing.trial, result.problem.objectives[0]);
    if (model === null) return null;
    const { number, config } = standing.trial;
    return runFinalTest(training, { trial: number, config, seed: model.replicate.seed, checkpoint: model.checkpoint.location });
  };
  return { winner: await test(result.winner), defaults: await test(result.defaults) };
}

function printBest(context: CliContext, result: StudyResult, winner: Standing, tested: Tested | null): void {
  const messages = runMessages(context.language);
  const style = createStyle(context.color);
  const { name } = result.problem.objectives[0];
  const parts = [`#${winner.trial.number}`, `${name} ${valueText(winner)}`];
  if (winner.confirmValues.length > 0 && winner.searchValue !== null)
    parts[1] += ` ${messages.duringSearch(formatNumber(winner.searchValue))}`;
  for (const [metric, value] of Object.entries(tested?.winner ?? {})) parts.push(`${metric} ${formatNumber(value)}`);
  print(context, messages.best, style.best(harmless(parts.join("   "))));
  const pieces = configPieces(trialParams(winner.trial), result.problem.space);
  print(context, "", ...flowingText(pieces, lineRoom(context, labelWidth)));
  if (result.defaults !== null && result.defaults.trial.number !== winner.trial.number) {
    const numbers = Object.entries(tested?.defaults ?? {}).map(([metric, value]) => `${metric} ${formatNumber(value)}`);
    const text = [`${name} ${valueText(result.defaults)}`, ...numbers].join("   ");
    print(context, "", harmless(messages.defaultConfiguration(text)));
  }
}

/** A value with its standard error where one is known. */
function valueText({ value, standardError }: Standing): string {
  return standardError === null ? formatNumber(value) : `${formatNumber(value)} ± ${formatNumber(standardError, 2)}`;
}
