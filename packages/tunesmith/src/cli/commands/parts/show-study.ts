import { type Problem, type Storage, type StudyRecord, studyImportance, type Trial, trialParams } from "@tunesmith/core";
import {
  createTranslator,
  formatAgo,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  importanceMessages,
  type Language,
  type StudyMessages,
  studyMessages,
} from "@tunesmith/protocol";
import type { Standing } from "../../../evaluation/confirmation.ts";
import { type StudyResult, studyResult } from "../../../tuning/study-result.ts";
import type { CliContext } from "../../cli-context.ts";
import { chart } from "../../terminal/chart.ts";
import { flowingText } from "../../terminal/flowing-text.ts";
import { importancePieces } from "../../terminal/importance-pieces.ts";
import { jsonLine } from "../../terminal/json-line.ts";
import { type LabelledLine, labelledLines } from "../../terminal/labelled-lines.ts";
import { conditionText, configPieces, domainText } from "../../terminal/parameter-text.ts";
import { shellWord } from "../../terminal/shell-word.ts";
import { shownText } from "../../terminal/shown-text.ts";
import { rangeOf, sparkline } from "../../terminal/sparkline.ts";
import { createStyle } from "../../terminal/style.ts";
import { textTable } from "../../terminal/text-table.ts";
import { allTrials } from "./all-trials.ts";
import { bestSoFar, completeValues, finishOrder } from "./best-so-far.ts";
import { readCurve } from "./learning-curve.ts";
import { type OpenedStudy, openedStudy } from "./opened-study.ts";
import { paretoFront } from "./pareto-front.ts";
import { populationLines, readPopulation } from "./population-table.ts";
import { rungLines } from "./rung-lines.ts";
import { type BracketRungs, readRungs } from "./rung-table.ts";
import { standingText } from "./standing-text.ts";
import { studyState } from "./study-state.ts";

// Charts of more trials would take longer to read from disk than to look at.
const mostCharted = 20_000;
const leastCharted = 3;
const narrowest = 50;
const chartHeight = 8;
const curveCount = 5;
const mostParameters = 24;
const labelRoom = 12;

/** What a study came to and how: the result first, then what it cost, where it searched, how it went, where to look closer. */
export async function showStudy(context: CliContext, storage: Storage, record: StudyRecord, nowMs: number): Promise<number> {
  const opened = openedStudy(record);
  const result = await studyResult(storage, record);
  const trials: Trial[] = [];
  if (record.trialCount <= mostCharted) for await (const trial of allTrials(storage, record.id)) trials.push(trial);
  if (context.json) {
    context.print(jsonLine(await studyJson(storage, opened, result, trials)));
    return 0;
  }
  const words = studyMessages(context.language);
  const state = await studyState(storage, record);
  const rungs = (await readRungs(storage, opened, trials)) ?? [];
  const members = (await readPopulation(storage, opened, trials)) ?? [];
  const style = createStyle(context.color);
  context.print(
    `${style.strong(shownText(record.name))}   ${headText(record, words.states[state], context.language)}   ${style.pale(agoText(record, trials, nowMs, context.language))}`.trimEnd(),
  );
  context.print();
  const entries: LabelledLine[] = [
    ...resultEntries(context, opened, result, trials),
    ...importanceEntries(context, opened, trials),
    [words.labels.trials, countsText(record, words)],
    [words.labels.spent, spentText(opened, trials, words, context.language)],
    [words.labels.space, ...spaceLines(opened.problem, words)],
    [words.labels.search, searchText(opened, words)],
    [words.labels.rungs, ...rungLines(rungs, opened.problem, words)],
    [words.labels.population, ...populationLines(members, opened.problem, words)],
  ];
  for (const line of labelledLines(entries, style.pale)) context.print(line);
  if (context.width >= narrowest) await printCharts(context, storage, opened, result, trials);
  context.print();
  for (const line of labelledLines([[words.labels.look, ...lookLines(context, opened, result)]], style.pale)) context.print(line);
  return 0;
}

/** For the first objective. */
function importanceEntries({ language, width }: CliContext, { problem }: OpenedStudy, trials: readonly Trial[]): LabelledLine[] {
  if (trials.length === 0) return [];
  const [first] = studyImportance(trials, problem);
  return [[importanceMessages(language).matters, ...flowingText(importancePieces(first, language), width - labelRoom, "   ")]];
}

function headText({ cause, message }: StudyRecord, state: string, language: Language): string {
  const words = studyMessages(language);
  const told = message === null ? null : createTranslator(language).text(message);
  const why = told === null ? (cause === null ? "" : words.causes[cause]) : shownText(told, 100);
  return why === "" ? state : words.stateBecause(state, why);
}

function agoText(record: StudyRecord, trials: readonly Trial[], nowMs: number, language: Language): string {
  let lastAt = record.createdAt;
  for (const { finishedAt, startedAt } of trials) lastAt = Math.max(lastAt, finishedAt ?? startedAt ?? 0);
  return formatAgo(lastAt, nowMs, language);
}

function resultEntries(
  context: CliContext,
  { problem, record }: OpenedStudy,
  result: StudyResult,
  trials: readonly Trial[],
): LabelledLine[] {
  const words = studyMessages(context.language);
  const { winner } = result;
  const command = `tunesmith ${record.trialCount === 0 ? "resume" : "trials"} ${shellWord(record.name)}`;
  if (winner === null) return [[words.labels.best, record.trialCount === 0 ? words.noTrials(command) : words.noResult(command)]];
  const room = context.width - labelRoom;
  if (problem.objectives.length > 1) return [[words.labels.front, ...frontLines(problem, paretoFront(trials, problem), words)]];
  const best = `#${winner.trial.number}   ${shownText(problem.objectives[0].name, 40)} ${standingText(winner, words)}`;
  return [
    [
      words.labels.best,
      createStyle(context.color).best(best),
      ...flowingText(configPieces(trialParams(winner.trial), problem.space), room),
    ],
    [words.labels.sure, ...sureLines(record, winner, words)],
    [words.labels.default, ...defaultLines(problem, result, words)],
  ];
}

const mostOfFront = 8;

function frontLines({ objectives }: Problem, front: readonly Trial[], words: StudyMessages): string[] {
  const lines = front.slice(0, mostOfFront).map(({ number, values }) => {
    const parts = objectives.map(({ name }, k) => `${shownText(name, 40)} ${formatNumber(values?.[k] ?? Number.NaN)}`);
    return `#${number}   ${parts.join("   ")}`;
  });
  return [
    words.bestOfFront(front.length),
    ...lines,
    ...(front.length > mostOfFront ? [words.more(front.length - mostOfFront)] : []),
  ];
}

function sureLines({ name }: StudyRecord, winner: Standing, words: StudyMessages): string[] {
  if (winner.confirmValues.length > 0) return [words.confirmedOn(winner.confirmValues.length)];
  return winner.standardError === null && winner.trial.parent === null
    ? [words.oneRun(`tunesmith retry ${shellWord(name)} ${winner.trial.number}`)]
    : [];
}

function defaultLines(
  { objectives: [{ name, goal }] }: Problem,
  { winner, defaults }: StudyResult,
  words: StudyMessages,
): string[] {
  if (defaults === null || winner === null || defaults.trial.number === winner.trial.number) return [];
  const gain = (goal === "minimize" ? defaults.value - winner.value : winner.value - defaults.value) / Math.abs(defaults.value);
  const gap = Number.isFinite(gain) && gain > 0 ? `   ${words.defaultGap(formatPercent(gain))}` : "";
  return [`#${defaults.trial.number}   ${shownText(name, 40)} ${standingText(defaults, words)}${gap}`];
}

const shownStates = ["complete", "stopped", "failed", "cancelled", "running", "queued", "paused"] as const;

function countsText({ stateCounts, trialCount }: StudyRecord, words: StudyMessages): string {
  const counts = shownStates
    .filter((state) => stateCounts[state] > 0)
    .map((state) => words.stateCount(formatCount(stateCounts[state]), words.trialStates[state]));
  return counts.length === 0 ? "0" : words.counts(formatCount(trialCount), counts);
}

function spentText(
  { record, problem, settings: { budget } }: OpenedStudy,
  trials: readonly Trial[],
  words: StudyMessages,
  language: Language,
): string {
  const unit = shownText(problem.fidelity?.name ?? "", 40);
  const parts = [words.activeTime(formatDuration(record.activeMs, language))];
  if (problem.fidelity !== null && trials.length > 0) {
    const sum = trials.reduce((total, { fidelity, parent }) => total + (fidelity ?? 0) - (parent?.step ?? 0), 0);
    parts.push(`${formatNumber(sum)} ${unit}`);
  }
  const limits: string[] = [];
  if (budget.trials !== undefined) limits.push(words.budgetTrials(formatCount(budget.trials)));
  if (budget.timeMs !== undefined) limits.push(formatDuration(budget.timeMs, language));
  if (budget.noImprovement !== undefined) limits.push(words.budgetNoImprovement(budget.noImprovement));
  if (budget.steps !== undefined) limits.push(`${formatNumber(budget.steps)} ${unit}`.trim());
  parts.push(limits.length === 0 ? words.noBudget : words.ofBudget(limits));
  return parts.join("   ");
}

function spaceLines({ space }: Problem, words: StudyMessages): string[] {
  const names = Object.keys(space.parameters);
  const rows = names.slice(0, mostParameters).map((name) => {
    const { when } = space.parameters[name];
    const domain = domainText(space.parameters[name]);
    return [shownText(name, 40), when === undefined ? domain : `${domain}   ${words.withCondition(conditionText(when))}`];
  });
  const lines = textTable([{ title: "" }, { title: "" }], rows).slice(1);
  if (names.length > mostParameters) lines.push(words.more(names.length - mostParameters));
  return [...lines, ...space.parameterConstraints.map((text) => words.constraint(shownText(text, 80)))];
}

function searchText({ settings, problem }: OpenedStudy, words: StudyMessages): string {
  const scheduler = String(settings.scheduler.type);
  const parts = [shownText(String(settings.sampler.type)), ...(scheduler === "none" ? [] : [shownText(scheduler)])];
  return [...parts, words.inParallel(settings.parallel), words.seed(problem.seed)].join("  ·  ");
}

async function printCharts(
  context: CliContext,
  storage: Storage,
  { problem, record }: OpenedStudy,
  result: StudyResult,
  trials: readonly Trial[],
): Promise<void> {
  const words = studyMessages(context.language);
  const finished = finishOrder(trials);
  const values = completeValues(finished);
  if (problem.objectives.length > 1 || values.filter((value) => value !== null).length < leastCharted) return;
  const { goal } = problem.objectives[0];
  const curves = [{ values: bestSoFar(values, goal) }];
  const ends = ["1", formatCount(finished.length)] as const;
  const lines = chart({ curves, dots: values, width: Math.min(context.width, 100), height: chartHeight, goal, ends });
  const pale = createStyle(context.color).pale;
  context.print();
  context.print(pale(words.labels.bestSoFar));
  for (const line of lines) context.print(line);
  const rows = await curveRows(context, storage, record, problem, result);
  if (rows.length === 0) return;
  context.print();
  context.print(pale(words.labels.curves));
  for (const line of textTable([{ title: "", align: "right" }, { title: "" }, { title: "" }], rows).slice(1)) context.print(line);
}

/** The learning curves of the best few on one scale, as long as they trained. */
async function curveRows(
  context: CliContext,
  storage: Storage,
  { id }: StudyRecord,
  problem: Problem,
  { ranking }: StudyResult,
): Promise<string[][]> {
  const read = await Promise.all(
    ranking.slice(0, curveCount).map(async ({ trial }) => ({ trial, curve: await readCurve(storage, id, trial, problem) })),
  );
  const drawn = read.filter(({ curve }) => curve.length > 1);
  const range = rangeOf(drawn.flatMap(({ curve }) => curve.map(({ value }) => value)));
  const width = Math.min(60, context.width - 30);
  return drawn.map(({ trial, curve }) => {
    const last = curve[curve.length - 1];
    const said = `${formatNumber(last.fidelity)} ${shownText(problem.fidelity?.name ?? "", 20)}`.trim();
    return [
      `#${trial.number}`,
      sparkline(
        curve.map(({ value }) => value),
        width,
        range,
      ),
      `${said}   ${formatNumber(last.value)}`,
    ];
  });
}

function lookLines(context: CliContext, { record, settings }: OpenedStudy, { winner }: StudyResult): string[] {
  const name = shellWord(record.name);
  const commands = winner === null ? [] : [`tunesmith show ${name} ${winner.trial.number}`, `tunesmith best ${name} --args`];
  if (record.trialCount > 0) commands.push(`tunesmith trials ${name}`);
  if (record.stateCounts.failed > 0) commands.push(`tunesmith logs ${name}`);
  const isSpent =
    settings.budget.trials !== undefined && record.trialCount >= settings.budget.trials && record.stateCounts.queued === 0;
  if (record.state !== "done" || (record.cause === "stopped" && !isSpent)) commands.push(`tunesmith resume ${name}`);
  return flowingText(commands, context.width - labelRoom, "   ·   ");
}

async function studyJson(storage: Storage, opened: OpenedStudy, result: StudyResult, trials: readonly Trial[]): Promise<unknown> {
  const { record, problem, settings } = opened;
  const { winner, by, defaults } = result;
  return {
    study: record.name,
    id: record.id,
    state: await studyState(storage, record),
    cause: record.cause,
    message: record.message,
    by,
    best: winner && standingJson(winner),
    default: defaults && standingJson(defaults),
    front:
      problem.objectives.length > 1
        ? paretoFront(trials, problem).map(({ number, values }) => ({ trial: number, values }))
        : null,
    importance: trials.length === 0 ? null : studyImportance(trials, problem),
    rungs: (await readRungs(storage, opened, trials))?.map(bracketJson) ?? null,
    population: await readPopulation(storage, opened, trials),
    trials: { made: record.trialCount, ...record.stateCounts },
    activeMs: record.activeMs,
    problem: record.problem,
    settings,
    createdAt: record.createdAt,
  };
}

function bracketJson({ bracket, trialCount, rungs }: BracketRungs): unknown {
  const told = rungs.map(({ fidelity, places }) => ({
    fidelity,
    came: places.length,
    wentOn: places.filter(({ fate }) => fate === "on").length,
    waiting: places.filter(({ fate }) => fate === "waits").length,
    best: places.length === 0 ? null : { trial: places[0].trial, value: places[0].value },
  }));
  return { bracket, trials: trialCount, rungs: told };
}

function standingJson({ trial, value, standardError, searchValue, confirmValues }: Standing): unknown {
  return { trial: trial.number, value, standardError, searchValue, confirmValues, config: trialParams(trial) };
}
