import {
  type Config,
  type Problem,
  type Replicate,
  type Storage,
  type StudyRecord,
  type Trial,
  trialParams,
} from "@tunesmith/core";
import {
  createTranslator,
  formatAgo,
  formatDuration,
  formatNumber,
  type Language,
  type StudyMessages,
  studyMessages,
  type TrialMessages,
  trialMessages,
  whyMessage,
} from "@tunesmith/protocol";
import { studyResult } from "../../../tuning/study-result.ts";
import type { CliContext } from "../../cli-context.ts";
import { fittedLines } from "../../terminal/fitted-lines.ts";
import { flowingText } from "../../terminal/flowing-text.ts";
import { jsonLine } from "../../terminal/json-line.ts";
import { type LabelledLine, labelledLines } from "../../terminal/labelled-lines.ts";
import { configPieces, valueText } from "../../terminal/parameter-text.ts";
import { shellWord } from "../../terminal/shell-word.ts";
import { shownText } from "../../terminal/shown-text.ts";
import { sparkline } from "../../terminal/sparkline.ts";
import { createStyle } from "../../terminal/style.ts";
import { configArguments } from "./config-arguments.ts";
import { readLastValues } from "./last-values.ts";
import { type CurvePoint, readCurve } from "./learning-curve.ts";
import { type OpenedStudy, openedStudy } from "./opened-study.ts";
import { readRungStory, rungStoryLines } from "./rung-story.ts";

const labelRoom = 12;
const mostRuns = 12;
const mostCheckpoints = 6;

/** The story of one trial: why it was suggested, what it is, how it went, what was decided, what it left, what to do next. */
export async function showTrial(
  context: CliContext,
  storage: Storage,
  record: StudyRecord,
  trial: Trial,
  nowMs: number,
): Promise<number> {
  const opened = openedStudy(record);
  if (context.json) {
    context.print(jsonLine(await trialJson(storage, opened, trial)));
    return 0;
  }
  const words = trialMessages(context.language);
  const style = createStyle(context.color);
  const lastValues = await readLastValues(storage, record.id, trial, opened.problem);
  const studyWords = studyMessages(context.language);
  const when = formatAgo(trial.finishedAt ?? trial.startedAt ?? trial.createdAt, nowMs, context.language);
  context.print(
    `${style.strong(`${shownText(record.name)} #${trial.number}`)}   ${headText(opened.problem, trial, lastValues, studyWords)}   ${style.pale(when)}`,
  );
  context.print();
  const room = context.width - labelRoom;
  const fitted = (lines: readonly string[]): string[] => lines.flatMap((line) => fittedLines(context, line, labelRoom));
  const curve = await readCurve(storage, record.id, trial, opened.problem);
  const story = await readRungStory(storage, opened, trial);
  const entries: LabelledLine[] = [
    [words.labels.why, ...fitted(whyLines(context, trial, words))],
    [words.labels.lineage, ...fitted(await lineageLines(storage, opened, trial, words))],
    [words.labels.config, ...configLines(opened.problem, trial, words, room)],
    [words.labels.result, ...resultLines(opened.problem, trial, studyWords, record)],
    [words.labels.metrics, ...metricLines(opened.problem, trial, room)],
    [words.labels.how, ...howLines(context, opened.problem, trial, curve, words)],
    [words.labels.rungs, ...rungStoryLines(story, opened, trial, words)],
    [words.labels.decided, ...fitted(await decidedLines(context, storage, opened, trial))],
    [words.labels.failed, ...fitted(failedLines(trial, context.language))],
    [words.labels.against, ...(await againstLines(storage, opened, trial, words, room))],
    [words.labels.runs, ...runLines(opened.problem, trial, words, studyWords)],
    [words.labels.kept, ...(await keptLines(storage, record, trial, words))],
    [words.labels.tags, ...(trial.tags.length === 0 ? [] : [trial.tags.map((tag) => shownText(tag)).join("   ")])],
    [words.labels.next, ...nextLines(opened, trial, room)],
  ];
  for (const line of labelledLines(entries, style.pale)) context.print(line);
  return 0;
}

function headText({ objectives }: Problem, { state }: Trial, values: readonly number[] | null, words: StudyMessages): string {
  const said = values === null ? [] : objectives.map(({ name }, k) => `${shownText(name, 40)} ${formatNumber(values[k])}`);
  return [words.trialStates[state], ...said].join("   ");
}

function whyLines(context: CliContext, { why, source, fixed, state, replicates, config }: Trial, words: TrialMessages): string[] {
  const reason = why === null || why.code === "enqueued" ? "" : shownText(whyMessage(why, context.language), 120);
  // The reason of a child names the trial it is a copy of.
  const isTold = source === "sampler" || (source === "child" && reason !== "");
  if (fixed === null) return isTold ? [reason] : [words.sources[source], reason].filter((line) => line !== "");
  if (state === "queued" && replicates[0].attempt === 0) return [words.sources[source], words.stillOpen];
  const names = Object.keys(fixed);
  // The sampler had a hand in it only where something was left open.
  if (names.length === Object.keys(config).length) return [words.sources[source]];
  const filled = names.length === 0 ? [] : [words.fixedByHand(names.map((name) => shownText(name, 40)))];
  return [words.sources[source], ...filled, reason].filter((line) => line !== "");
}

/** From which trials' checkpoints its model comes, the nearest first; nothing where it began by itself. */
async function lineageLines(
  storage: Storage,
  { record, problem }: OpenedStudy,
  trial: Trial,
  words: TrialMessages,
): Promise<string[]> {
  const unit = shownText(problem.fidelity?.name ?? "", 20);
  const steps: string[] = [];
  for (let at: Trial | null = trial; at?.parent != null; at = await storage.getTrial(record.id, at.parent.trial))
    steps.push(words.lineage(at.parent.trial, unit, at.parent.step));
  return steps.length === 0 ? [] : [steps.join("   ←   ")];
}

function configLines({ space }: Problem, trial: Trial, words: TrialMessages, room: number): string[] {
  const pieces = configPieces(trialParams(trial), space);
  return pieces.length === 0 ? [words.stillOpen] : flowingText(pieces, room);
}

function resultLines({ objectives }: Problem, trial: Trial, words: StudyMessages, { name }: StudyRecord): string[] {
  const { values, standardErrors, replicates } = trial;
  if (values === null) return [];
  const runCount = replicates.filter(({ confirm }) => !confirm).length;
  const said = objectives.map((objective, k) => {
    const error = standardErrors?.[k];
    const value = `${shownText(objective.name, 40)} ${formatNumber(values[k])}`;
    return error === undefined || Number.isNaN(error)
      ? value
      : `${value} ± ${formatNumber(error, 2)} ${words.overReplicates(runCount)}`;
  });
  const isSingle =
    trial.parent === null && runCount === 1 && !replicates.some(({ confirm, state }) => confirm && state === "complete");
  const hint = isSingle && trial.state === "complete" ? [words.oneRun(`tunesmith retry ${shellWord(name)} ${trial.number}`)] : [];
  // The values stand in the headline already.
  return hint.length > 0 || standardErrors !== null ? [said.join("   "), ...hint] : [];
}

function metricLines({ objectives }: Problem, { metrics }: Trial, room: number): string[] {
  const others = Object.entries(metrics ?? {}).filter(([name]) => !objectives.some((objective) => objective.name === name));
  return flowingText(
    others.map(([name, value]) => `${shownText(name, 40)} ${formatNumber(value)}`),
    room,
  );
}

function howLines(
  { language, width }: CliContext,
  { fidelity }: Problem,
  { startedAt, finishedAt }: Trial,
  curve: readonly CurvePoint[],
  words: TrialMessages,
): string[] {
  const took = startedAt !== null && finishedAt !== null ? words.took(formatDuration(finishedAt - startedAt, language)) : "";
  if (curve.length === 0) return startedAt === null ? [] : [[words.noReports, took].filter((part) => part !== "").join("   ")];
  const last = curve[curve.length - 1];
  const unit = fidelity === null ? "" : ` ${shownText(fidelity.name, 20)}`;
  const values = curve.map(({ value }) => value);
  const span = values.length === 1 ? formatNumber(last.value) : `${formatNumber(values[0])} → ${formatNumber(last.value)}`;
  const drawing = curve.length > 1 ? [sparkline(values, Math.min(60, width - labelRoom - 50))] : [];
  return [[...drawing, span, `${formatNumber(last.fidelity)}${unit}`, took].filter((part) => part !== "").join("   ")];
}

async function decidedLines(
  context: CliContext,
  storage: Storage,
  { record, problem }: OpenedStudy,
  trial: Trial,
): Promise<string[]> {
  const words = trialMessages(context.language);
  const decisions = await storage.getDecisions(record.id, trial.number);
  const lines = decisions.flatMap(({ step, decision }) => {
    if (decision.kind === "continue") return [];
    const name = problem.objectives[0].step;
    return words.decided(
      words.step(name === undefined ? null : shownText(name, 20), step),
      whyMessage(decision.why, context.language),
    );
  });
  if (lines.length === 0 && trial.stopWhy !== null) return [shownText(whyMessage(trial.stopWhy, context.language), 120)];
  return lines.map((line) => shownText(line, 140));
}

function failedLines({ reason, message }: Trial, language: Language): string[] {
  if (reason === null) return [];
  const told = message === null ? [] : [shownText(createTranslator(language).text(message), 200)];
  return [trialMessages(language).reasons[reason], ...told];
}

/** How its config differs from the best trial's; the best one's from the next best. */
async function againstLines(
  storage: Storage,
  { record, problem }: OpenedStudy,
  trial: Trial,
  words: TrialMessages,
  room: number,
): Promise<string[]> {
  if (problem.objectives.length > 1) return [];
  const { ranking } = await studyResult(storage, record);
  const isBest = ranking[0]?.trial.number === trial.number;
  const other = isBest ? ranking[1] : ranking[0];
  if (other === undefined) return [];
  const title = isBest ? words.nextBest(other.trial.number) : words.bestTrial(other.trial.number);
  const differences = differingPieces(trialParams(trial), trialParams(other.trial), problem);
  const value = `${shownText(problem.objectives[0].name, 40)} ${formatNumber(other.value)}`;
  return [`${title}   ${value}`, ...(differences.length === 0 ? [words.sameConfig] : flowingText(differences, room))];
}

/** `lr 0.01 (there 0.003)`; `–` where it takes no part. */
function differingPieces(config: Config, other: Config, { space }: Problem): string[] {
  const text = (from: Config, name: string): string => (Object.hasOwn(from, name) ? valueText(from[name]) : "–");
  return [...new Set([...Object.keys(space.parameters), ...Object.keys(config), ...Object.keys(other)])]
    .filter((name) => config[name] !== other[name])
    .map((name) => `${shownText(name, 40)} ${text(config, name)} ↔ ${text(other, name)}`);
}

function runLines(
  { replicates: { kind, count }, objectives }: Problem,
  { replicates }: Trial,
  words: TrialMessages,
  studyWords: StudyMessages,
): string[] {
  if (replicates.length === 1 && replicates[0].attempt <= 1) return [];
  const title = ({ index, confirm }: Replicate): string =>
    confirm ? words.confirmRun(index - count + 1) : kind === "folds" ? words.fold(index) : words.run(index + 1);
  const lines = replicates.slice(0, mostRuns).map((replicate) => {
    const value = replicate.metrics?.[objectives[0].name];
    const parts = [
      title(replicate),
      studyWords.trialStates[replicate.state],
      ...(value === undefined ? [] : [formatNumber(value)]),
    ];
    if (replicate.attempt > 1) parts.push(words.attempts(replicate.attempt));
    if (replicate.reason !== null) parts.push(words.reasons[replicate.reason]);
    return parts.join("   ");
  });
  return replicates.length > mostRuns ? [...lines, words.more(replicates.length - mostRuns)] : lines;
}

async function keptLines(
  storage: Storage,
  { id }: StudyRecord,
  { number, replicates }: Trial,
  words: TrialMessages,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { index } of replicates)
    for (const { step, location } of await storage.getCheckpoints(id, number, index))
      lines.push(`${words.checkpoint(step)}   ${shownText(location, 200)}`);
  return lines.length > mostCheckpoints
    ? [...lines.slice(0, mostCheckpoints), words.more(lines.length - mostCheckpoints)]
    : lines;
}

function nextLines(opened: OpenedStudy, { number, state, replicates, config }: Trial, room: number): string[] {
  const name = shellWord(opened.record.name);
  const commands: string[] = [];
  if (opened.record.definition !== null && replicates[0].attempt > 0) commands.push(`tunesmith logs ${name} ${number}`);
  if (state === "running") commands.push(`tunesmith pause ${name} ${number}`);
  if (state === "paused") commands.push(`tunesmith resume ${name} ${number}`);
  if (state === "queued" || state === "running" || state === "paused") commands.push(`tunesmith stop ${name} ${number}`);
  else commands.push(`tunesmith retry ${name} ${number}`);
  const names = Object.keys(opened.problem.space.parameters);
  const near = configArguments(config, names, Object.fromEntries(names.map((each) => [each, each])));
  return [
    ...flowingText(commands, room, "   ·   "),
    ...(near.length === 0 ? [] : [`tunesmith enqueue ${name} ${near.join(" ")}`]),
  ];
}

async function trialJson(storage: Storage, opened: OpenedStudy, trial: Trial): Promise<unknown> {
  const { id, name } = opened.record;
  const story = await readRungStory(storage, opened, trial);
  const checkpoints: unknown[] = [];
  for (const { index } of trial.replicates)
    for (const checkpoint of await storage.getCheckpoints(id, trial.number, index))
      checkpoints.push({ replicate: index, ...checkpoint });
  return {
    study: name,
    ...trial,
    reports: await storage.getReports(id, trial.number),
    decisions: await storage.getDecisions(id, trial.number),
    checkpoints,
    rungs: story?.passages ?? null,
  };
}
