import { enqueueConfigs, isTerminal, type Storage, type StudyRecord, type Trial, TunesmithError } from "@tunesmith/core";
import { commandMessages, studyMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { allTrials } from "./parts/all-trials.ts";
import { findTrials } from "./parts/find-trial.ts";
import { openedStudy } from "./parts/opened-study.ts";

export interface RetryOptions {
  readonly study: string;
  /** `4` or `#4`; none: all that failed. */
  readonly trials?: readonly string[];
}

/**
 * Queues the configs of finished trials again, each as a new trial with a seed of its own.
 * @throws {UsageError} If one of them is unfinished, or the budget has no room for all; then none is queued.
 */
export async function retry(context: CliContext, storage: Storage, { study, trials = [] }: RetryOptions): Promise<number> {
  const messages = commandMessages(context.language);
  const record = await findStudy(context, storage, study);
  const name = shownText(record.name);
  const chosen = trials.length === 0 ? await failedTrials(storage, record) : await findTrials(context, storage, record, trials);
  if (chosen.length === 0) throw new UsageError(messages.nothingToRetry(name));
  const unfinished = chosen.filter(({ state }) => !isTerminal(state));
  const { trialStates } = studyMessages(context.language);
  if (unfinished.length > 0)
    throw new UsageError(...unfinished.map(({ number, state }) => messages.trialUnfinished(number, trialStates[state])));
  const numbers = await queueAgain(storage, record, chosen, messages.budgetSpent);
  if (context.json)
    for (const [i, trial] of numbers.entries())
      context.print(jsonLine({ trial, retryOf: chosen[i].number, config: chosen[i].config }));
  else {
    context.print(messages.retried(numbers.map((number, i) => `#${chosen[i].number} → #${number}`).join("   ")));
    if (!(await storage.hasRunner(record.id)))
      context.print(messages.nobodyRuns(name, `tunesmith resume ${shellWord(record.name)}`));
  }
  return 0;
}

async function failedTrials(storage: Storage, { id }: StudyRecord): Promise<readonly Trial[]> {
  const failed: Trial[] = [];
  for await (const trial of allTrials(storage, id, ["failed"])) failed.push(trial);
  return failed;
}

async function queueAgain(
  storage: Storage,
  record: StudyRecord,
  chosen: readonly Trial[],
  budgetSpent: (study: string, count: number) => string,
): Promise<readonly number[]> {
  const { problem, settings } = openedStudy(record);
  const limit = settings.budget.trials ?? null;
  const configs = chosen.map(({ config }) => config);
  try {
    return await enqueueConfigs(storage, record.id, problem, limit, configs, "retry");
  } catch (error) {
    if (limit !== null && error instanceof TunesmithError && error.code === "budget-spent")
      throw new UsageError(budgetSpent(shownText(record.name), limit));
    throw error;
  }
}
