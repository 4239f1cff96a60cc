import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { createSpace, gridSize, type Storage, type StudyRecord } from "@tunesmith/core";
import {
  changeMessages,
  createTranslator,
  formatCount,
  type Language,
  runMessages,
  studyMessages,
  usageMessages,
} from "@tunesmith/protocol";
import { formatFaults, formatFlagFaults } from "../../study-file/format-faults.ts";
import { readParamFlags, type StudyFlags } from "../../study-file/read-param-flags.ts";
import { readStudyFile } from "../../study-file/read-study-file.ts";
import type { StudyDefinition } from "../../study-file/study-definition.ts";
import { createStudyRecord, enqueueAll } from "../../tuning/create-study-record.ts";
import { trainingChecks } from "../../tuning/training-checks.ts";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { continueStudy } from "../continue-study.ts";
import { openStore } from "../open-store.ts";
import { plannedMemberCount } from "../planned-member-count.ts";
import { printHeadLine } from "../run-head.ts";
import { applyChange } from "../study-change-dialog.ts";
import { fittedLines } from "../terminal/fitted-lines.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { harmless } from "../terminal/text-width.ts";

/** What `run` takes besides the file and the command, as the command line names it. */
export interface RunOptions extends Omit<StudyFlags, "command"> {
  readonly continue?: boolean;
  readonly new?: boolean;
  readonly partial?: boolean;
}

/** Runs the study of a file, or of flags and a command: makes it if it is new, goes on with it if it is there. */
export async function run(
  context: CliContext,
  file: string | undefined,
  command: readonly string[],
  options: RunOptions,
): Promise<number> {
  const definition =
    options.param.length > 0
      ? definitionFromFlags(context.language, file, command, options)
      : definitionFromFile(context.language, file, options);
  return runDefinition(context, definition, options);
}

/** Makes or continues the study of a definition and runs it. */
export async function runDefinition(
  context: CliContext,
  definition: StudyDefinition,
  options: Pick<RunOptions, "continue" | "new" | "partial">,
): Promise<number> {
  const { text } = createTranslator(context.language);
  if (!context.json) for (const notice of definition.notices) context.print(harmless(text(notice)));
  checkGrid(context, definition, options.partial === true);
  const storage = await openStore(context);
  try {
    const study = await findOrCreate(context, storage, definition, options);
    if (study === null) return 2;
    if (study.state === "done") return printDone(context, study);
    return await continueStudy(context, storage, study);
  } finally {
    await storage.close();
  }
}

async function findOrCreate(
  context: CliContext,
  storage: Storage,
  definition: StudyDefinition,
  options: Pick<RunOptions, "continue" | "new">,
): Promise<StudyRecord | null> {
  const existing = await storage.getStudy(definition.name);
  if (existing === null) {
    if (!context.json) printTypes(context, definition);
    return createStudyRecord(storage, definition);
  }
  const changed = await applyChange(context, storage, existing, definition, options);
  if (changed === null) return null;
  if (changed.enqueue.length > 0) await enqueueAll(storage, changed.study, changed.enqueue);
  return changed.study;
}

/** Reads a study file. @throws {UsageError} With every fault, if it has some. */
export function readDefinition(language: Language, file: string): StudyDefinition {
  const path = resolve(file);
  if (!existsSync(path))
    throw new UsageError(usageMessages(language).fileMissing(shownText(file), `tunesmith init ${shellWord(file)}`));
  const read = readStudyFile(readFileSync(path), basename(file), dirname(path), trainingChecks);
  if (read.faults !== undefined) throw faultsError(language, read.faults, (faults) => formatFaults(basename(file), faults));
  return read.definition;
}

/** The faults as a table whose words are the person's. */
function faultsError<F extends { readonly message: string }>(
  language: Language,
  faults: readonly F[],
  table: (faults: readonly F[]) => string,
): UsageError {
  const { text } = createTranslator(language);
  const lines = table(faults.map((fault) => ({ ...fault, message: text(fault.message) }))).split("\n");
  // The headline, and at the end how many more there are; between them stand the faults.
  return new UsageError(lines.map((line, i) => (i === 0 || i === lines.length - 1 ? text(line) : line)).join("\n"));
}

const flagsExample = "--param lr=1e-5..1e-1:log --minimize val_loss --trials 50 -- python3 train.py '${args}'";

function definitionFromFile(language: Language, file: string | undefined, { name }: Pick<RunOptions, "name">): StudyDefinition {
  const messages = usageMessages(language);
  if (file === undefined)
    throw new UsageError(messages.runWhat("tunesmith run study.yaml"), messages.orWithoutFile(`tunesmith run ${flagsExample}`));
  const definition = readDefinition(language, file);
  return name === undefined ? definition : { ...definition, name };
}

function definitionFromFlags(
  language: Language,
  file: string | undefined,
  command: readonly string[],
  options: RunOptions,
): StudyDefinition {
  // Without a study file the first word behind "--" arrives in the file's place.
  const words = file === undefined ? command : [file, ...command];
  const read = readParamFlags({ ...options, command: words }, process.cwd(), trainingChecks);
  if (read.faults !== undefined) throw faultsError(language, read.faults, formatFlagFaults);
  return read.definition;
}

function checkGrid(context: CliContext, definition: StudyDefinition, partial: boolean): void {
  const { sampler, budget } = definition.settings;
  if (sampler.type !== "grid") return;
  const messages = changeMessages(context.language);
  const space = createSpace(definition.problem.parameters, definition.problem.parameterConstraints ?? []);
  const size = gridSize(space, sampler);
  const trials = budget.trials ?? Number.POSITIVE_INFINITY;
  if (size > trials && !partial) throw new UsageError(messages.gridTooLarge(formatCount(size), formatCount(trials)));
  if (!context.json) context.print(messages.grid(formatCount(size), size > trials ? formatCount(trials) : null));
}

function printTypes(context: CliContext, definition: StudyDefinition): void {
  const messages = changeMessages(context.language);
  const { parameters } = createSpace(definition.problem.parameters, definition.problem.parameterConstraints ?? []);
  const types = Object.entries(parameters).map(([name, { type }]) => `${harmless(name)}: ${type}`);
  printHeadLine(context, messages.types, types);
  const { budget, sampler } = definition.settings;
  const { trials, timeMs, noImprovement, steps } = budget;
  const isEndless = trials === undefined && timeMs === undefined && noImprovement === undefined && steps === undefined;
  const endsByItself = sampler.type === "grid" || plannedMemberCount(definition.settings) !== null;
  if (isEndless && !endsByItself) context.print(messages.noBudget);
}

function printDone(context: CliContext, study: StudyRecord): number {
  const messages = runMessages(context.language);
  if (context.json)
    context.print(JSON.stringify({ event: "already-done", study: study.name, cause: study.cause, trials: study.trialCount }));
  else {
    const cause = studyMessages(context.language).shortCauses[study.cause ?? "stopped"];
    context.print(messages.alreadyDone(harmless(study.name), cause, study.trialCount));
    context.print(messages.look(harmless(study.name)));
    for (const line of fittedLines(context, messages.moreBudget(harmless(study.name)))) context.print(line);
  }
  return 0;
}
