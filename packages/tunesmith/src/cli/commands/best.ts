import { type Config, type JsonObject, type Space, type Storage, type Trial, trialParams } from "@tunesmith/core";
import { studyMessages } from "@tunesmith/protocol";
import type { Standing } from "../../evaluation/confirmation.ts";
import { definitionFromJson } from "../../study-file/definition-json.ts";
import { type StudyResult, studyResult } from "../../tuning/study-result.ts";
import type { CliContext } from "../cli-context.ts";
import { findStudy } from "../open-store.ts";
import { lineRoom } from "../terminal/fitted-lines.ts";
import { flowingText } from "../terminal/flowing-text.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { type LabelledLine, labelledLines } from "../terminal/labelled-lines.ts";
import { configPieces } from "../terminal/parameter-text.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { configArguments } from "./parts/config-arguments.ts";
import { exportModel } from "./parts/export-model.ts";
import { type OpenedStudy, openedStudy } from "./parts/opened-study.ts";
import { standingText } from "./parts/standing-text.ts";

export interface BestOptions {
  /** Default: the newest. */
  readonly study?: string;
  /** Only the arguments, exact, to be pasted behind a command. */
  readonly args?: boolean;
  /** Only the parameters, exact, as JSON. */
  readonly params?: boolean;
  /** Folder to export the winner's model to. */
  readonly model?: string;
  /** Export into a folder that is not empty. */
  readonly force?: boolean;
}

/** The best configuration: for people, as arguments, as JSON, or with its model. */
export async function best(context: CliContext, storage: Storage, options: BestOptions = {}): Promise<number> {
  const opened = openedStudy(await findStudy(context, storage, options.study));
  const result = await studyResult(storage, opened.record);
  if (result.winner === null) return printNone(context, opened);
  if (options.model !== undefined)
    return exportModel(context, storage, { opened, winner: result.winner, folder: options.model, force: options.force });
  const ordered = orderedParams(result.winner.trial, opened.problem.space);
  if (options.params) context.print(jsonLine(ordered));
  else if (options.args) printArguments(context, opened, ordered);
  else if (context.json) context.print(jsonLine(resultJson(opened, result, result.winner, ordered)));
  else printBest(context, opened, result, result.winner);
  return 0;
}

/** Words go to standard error where the output is meant to be pasted or read by a program. */
function printNone(context: CliContext, { record }: OpenedStudy): number {
  const words = studyMessages(context.language);
  const name = shellWord(record.name);
  const line = record.trialCount === 0 ? words.noTrials(`tunesmith resume ${name}`) : words.noResult(`tunesmith trials ${name}`);
  if (context.json) context.print(jsonLine({ study: record.name, best: null }));
  else context.warn(line);
  return 1;
}

/** All values of a trial: the parameters as they were declared, then those that its training code drew. */
function orderedParams(trial: Trial, { parameters }: Space): Config {
  const params = trialParams(trial);
  const names = new Set([...Object.keys(parameters), ...Object.keys(params)]);
  return Object.fromEntries([...names].flatMap((name) => (Object.hasOwn(params, name) ? [[name, params[name]]] : [])));
}

function printArguments(context: CliContext, opened: OpenedStudy, config: Config): void {
  const words = configArguments(config, Object.keys(config), argumentNames(opened));
  context.print(context.json ? jsonLine({ args: words }) : words.join(" "));
}

/** How the training command calls its parameters where that is not `--<name>`. */
function argumentNames({ record: { definition } }: OpenedStudy): { readonly [name: string]: string } {
  return definition === null ? {} : definitionFromJson(definition as JsonObject).training.parameterArgs;
}

function resultJson({ record, problem }: OpenedStudy, { by, defaults }: StudyResult, winner: Standing, config: unknown): unknown {
  const { value, standardError, searchValue, confirmValues, trial } = winner;
  return {
    study: record.name,
    objective: problem.objectives[0].name,
    goal: problem.objectives[0].goal,
    by,
    best: { trial: trial.number, value, standardError, searchValue, confirmValues, config, metrics: trial.metrics },
    default: defaults && { trial: defaults.trial.number, value: defaults.value, standardError: defaults.standardError },
  };
}

const labelRoom = 12;

function printBest(context: CliContext, { record, problem }: OpenedStudy, { defaults }: StudyResult, winner: Standing): void {
  const words = studyMessages(context.language);
  const style = createStyle(context.color);
  const metric = shownText(problem.objectives[0].name, 40);
  const name = shellWord(record.name);
  const hasDefaults = defaults !== null && defaults.trial.number !== winner.trial.number;
  const commands = [
    `tunesmith best ${name} --args`,
    `tunesmith best ${name} --model out/`,
    `tunesmith show ${name} ${winner.trial.number}`,
  ];
  const isSingle = winner.confirmValues.length === 0 && winner.standardError === null && winner.trial.parent === null;
  const entries: LabelledLine[] = [
    [
      words.labels.best,
      style.best(`#${winner.trial.number}   ${metric} ${standingText(winner, words)}`),
      ...flowingText(configPieces(trialParams(winner.trial), problem.space), context.width - labelRoom),
    ],
    [words.labels.sure, ...(isSingle ? [words.oneRun(`tunesmith retry ${name} ${winner.trial.number}`)] : [])],
    [words.labels.default, ...(hasDefaults ? [`#${defaults.trial.number}   ${metric} ${standingText(defaults, words)}`] : [])],
    [words.labels.look, ...flowingText(commands, lineRoom(context, labelRoom), "   ·   ")],
  ];
  for (const line of labelledLines(entries, style.pale)) context.print(line);
}
