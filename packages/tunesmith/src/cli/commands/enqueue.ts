import { readFile } from "node:fs/promises";
import { type Config, enqueueConfigs, type Fault, type Storage, TunesmithError } from "@tunesmith/core";
import { commandMessages, createTranslator, type Language } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { configPieces } from "../terminal/parameter-text.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { textTable } from "../terminal/text-table.ts";
import { readConfigWords } from "./parts/config-words.ts";
import { trialList } from "./parts/find-trial.ts";
import { type OpenedStudy, openedStudy } from "./parts/opened-study.ts";

export interface EnqueueOptions {
  readonly study: string;
  /** `lr=0.003`, `optimizer=adam`: one config, what is left open the sampler fills. */
  readonly values?: readonly string[];
  /** JSON: a config, or a list of them. */
  readonly file?: string;
}

/** Queues configs to be tried next. @throws {UsageError} With everything that is wrong; then nothing is queued. */
export async function enqueue(
  context: CliContext,
  storage: Storage,
  { study, values = [], file }: EnqueueOptions,
): Promise<number> {
  const messages = commandMessages(context.language);
  const opened = openedStudy(await findStudy(context, storage, study));
  const { space } = opened.problem;
  if (values.length === 0 && file === undefined) throw new UsageError(messages.noConfig);
  const configs: Config[] = [];
  const faults: Fault[] = [];
  if (values.length > 0) {
    const read = readConfigWords(values, space, messages);
    configs.push(read.config);
    faults.push(...read.faults);
  }
  if (file !== undefined) {
    const read = await readConfigFile(file, opened);
    configs.push(...read.configs);
    faults.push(...read.faults);
  }
  if (faults.length > 0)
    throw faultsError(messages.faults(file === undefined ? "enqueue" : shownText(file), faults.length), faults, context.language);
  const numbers = await add(opened, storage, configs, messages.budgetSpent);
  await printQueued(context, storage, opened, numbers, configs);
  return 0;
}

function faultsError(head: string, faults: readonly Fault[], language: Language): UsageError {
  const { text } = createTranslator(language);
  const rows = faults.map(({ path, message }) => [shownText(path, 60), shownText(text(message), 200)]);
  const lines = textTable([{ title: "" }, { title: "" }], rows).slice(1);
  return new UsageError(head, ...lines.map((line) => `  ${line}`));
}

async function readConfigFile(
  file: string,
  { problem: { space } }: OpenedStudy,
): Promise<{ readonly configs: readonly Config[]; readonly faults: readonly Fault[] }> {
  const json = await readJson(file);
  const list: readonly unknown[] = Array.isArray(json) ? json : [json];
  const faults = list.flatMap((config, i) => {
    const prefix = Array.isArray(json) ? String(i) : "";
    return space
      .checkPartial(config as Config)
      .map(({ path, message }) => ({ path: [prefix, path].filter((part) => part !== "").join("."), message }));
  });
  return { configs: list as readonly Config[], faults };
}

/** @throws {UsageError} */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${shownText(file)}: ${shownText(error instanceof Error ? error.message : String(error), 200)}`);
  }
}

async function add(
  { record, problem, settings }: OpenedStudy,
  storage: Storage,
  configs: readonly Config[],
  budgetSpent: (study: string, count: number) => string,
): Promise<readonly number[]> {
  const limit = settings.budget.trials ?? null;
  try {
    return await enqueueConfigs(storage, record.id, problem, limit, configs);
  } catch (error) {
    if (limit !== null && error instanceof TunesmithError && error.code === "budget-spent")
      throw new UsageError(budgetSpent(shownText(record.name), limit));
    throw error;
  }
}

const mostShown = 5;

async function printQueued(
  context: CliContext,
  storage: Storage,
  { record, problem }: OpenedStudy,
  numbers: readonly number[],
  configs: readonly Config[],
): Promise<void> {
  const messages = commandMessages(context.language);
  if (context.json) {
    for (const [i, trial] of numbers.entries()) context.print(jsonLine({ trial, config: configs[i] }));
    return;
  }
  numbers.slice(0, mostShown).forEach((number, i) => {
    const isOpen = problem.space.check(configs[i]).length > 0;
    const pieces = [...configPieces(configs[i], problem.space), ...(isOpen ? [messages.samplerFills] : [])];
    context.print([messages.queued(`#${number}`), ...pieces].join("   "));
  });
  if (numbers.length > mostShown) context.print(messages.queued(trialList(numbers.slice(mostShown))));
  if (!(await storage.hasRunner(record.id)))
    context.print(messages.nobodyRuns(shownText(record.name), `tunesmith resume ${shellWord(record.name)}`));
}
