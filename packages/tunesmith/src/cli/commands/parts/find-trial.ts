import type { Storage, StudyRecord, Trial } from "@tunesmith/core";
import { commandMessages, trialMessages } from "@tunesmith/protocol";
import type { CliContext } from "../../cli-context.ts";
import { UsageError } from "../../cli-error.ts";
import { shownText } from "../../terminal/shown-text.ts";

/** @throws {UsageError} If the study has no trial of that number. */
export async function findTrial(context: CliContext, storage: Storage, study: StudyRecord, number: number): Promise<Trial> {
  const trial = await storage.getTrial(study.id, number);
  if (trial !== null) return trial;
  throw new UsageError(trialMessages(context.language).noTrial(number, study.trialCount));
}

/** Trials named on a command line, `4` or `#4`, each once. @throws {UsageError} With all that are none. */
export async function findTrials(
  context: CliContext,
  storage: Storage,
  study: StudyRecord,
  texts: readonly string[],
): Promise<readonly Trial[]> {
  const faults: string[] = [];
  const found = new Map<number, Trial>();
  for (const text of texts) {
    const number = /^#?\d{1,15}$/.test(text) ? Number(text.replace("#", "")) : null;
    const trial = number === null ? null : await storage.getTrial(study.id, number);
    if (trial !== null) found.set(trial.number, trial);
    else if (number === null) faults.push(commandMessages(context.language).notATrial(shownText(JSON.stringify(text))));
    else faults.push(trialMessages(context.language).noTrial(number, study.trialCount));
  }
  if (faults.length > 0) throw new UsageError(...faults);
  return [...found.values()];
}

/** `#4 #7`. */
export function trialList(numbers: readonly number[]): string {
  return numbers.map((number) => `#${number}`).join(" ");
}
