import type { Storage, StudyRecord } from "@tunesmith/core";
import { commandMessages, studyMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { continueStudy } from "../continue-study.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shownText } from "../terminal/shown-text.ts";
import { findTrials, trialList } from "./parts/find-trial.ts";
import { openedStudy } from "./parts/opened-study.ts";

export interface ResumeOptions {
  /** Default: the newest. */
  readonly study?: string;
  /** Paused trials that shall go on to the greatest fidelity. */
  readonly trials?: readonly string[];
  /** How this process becomes the runner; for programs that run studies their own way. */
  readonly becomeRunner?: typeof continueStudy;
}

/**
 * Goes on with a study that is paused, stopped or waits, here if nobody runs it; or with some of its paused trials.
 * @returns The runner's exit code; 1 if the budget is spent.
 */
export async function resume(
  context: CliContext,
  storage: Storage,
  { study, trials = [], becomeRunner = continueStudy }: ResumeOptions = {},
): Promise<number> {
  const messages = commandMessages(context.language);
  const record = await findStudy(context, storage, study);
  const name = shownText(record.name);
  if (trials.length > 0) return resumeTrials(context, storage, record, trials);
  const cause = record.state === "done" ? spentCause(record) : null;
  if (cause !== null) {
    context.warn(messages.raiseBudget(name, studyMessages(context.language).causes[cause]));
    return 1;
  }
  const hasRunner = await storage.hasRunner(record.id);
  if (record.state !== "active") await storage.setStudyState(record.id, "active", null);
  if (hasRunner) {
    if (context.json) context.print(jsonLine({ study: record.name, state: "running", changed: record.state !== "active" }));
    else context.print(record.state === "active" ? messages.alreadyRunning(name) : messages.goesOn(name));
    return 0;
  }
  return becomeRunner(context, storage, (await storage.getStudy(record.id)) ?? record);
}

/** Why a done study would be done again at once; null if it would not. */
function spentCause(record: StudyRecord): "trials" | "time" | "stop_at" | null {
  const { settings } = openedStudy(record);
  const { trials, timeMs } = settings.budget;
  const { queued, paused } = record.stateCounts;
  if (trials !== undefined && record.trialCount - record.childCount >= trials && queued + paused === 0) return "trials";
  if (timeMs !== undefined && record.activeMs >= timeMs) return "time";
  return record.cause === "stop_at" ? "stop_at" : null;
}

/** @throws {UsageError} If one of them is not paused; then none is resumed. */
async function resumeTrials(
  context: CliContext,
  storage: Storage,
  record: StudyRecord,
  texts: readonly string[],
): Promise<number> {
  const messages = commandMessages(context.language);
  const { trialStates } = studyMessages(context.language);
  const found = await findTrials(context, storage, record, texts);
  const others = found.filter(({ state }) => state !== "paused");
  if (others.length > 0)
    throw new UsageError(...others.map(({ number, state }) => messages.trialNotPaused(number, trialStates[state])));
  const target = openedStudy(record).problem.fidelity?.max ?? null;
  for (const { number } of found) await storage.resume(record.id, number, target);
  const numbers = found.map(({ number }) => number);
  if (context.json) for (const trial of numbers) context.print(jsonLine({ trial, state: "queued", target }));
  else context.print(messages.trialResumed(trialList(numbers)));
  return 0;
}
