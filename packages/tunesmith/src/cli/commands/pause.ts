import { type Decision, type Storage, type StudyRecord, type Trial, TunesmithError } from "@tunesmith/core";
import { commandMessages, studyMessages, whyMessage } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { findTrial, findTrials, trialList } from "./parts/find-trial.ts";

export interface PauseOptions {
  /** Default: the newest. */
  readonly study?: string;
  /** `4` or `#4`; none: the whole study. */
  readonly trials?: readonly string[];
}

/** Starts no more trials of a study until it is resumed, or pauses some that run. @returns 1 if there was nothing to pause. */
export async function pause(context: CliContext, storage: Storage, { study, trials = [] }: PauseOptions = {}): Promise<number> {
  const record = await findStudy(context, storage, study);
  return trials.length === 0 ? pauseStudy(context, storage, record) : pauseTrials(context, storage, record, trials);
}

async function pauseStudy(context: CliContext, storage: Storage, record: StudyRecord): Promise<number> {
  const messages = commandMessages(context.language);
  const words = studyMessages(context.language);
  const name = shownText(record.name);
  if (record.state === "active") await storage.setStudyState(record.id, "paused", "person");
  const isDone = record.state === "done";
  if (context.json)
    context.print(jsonLine({ study: record.name, state: isDone ? "done" : "paused", changed: record.state === "active" }));
  else if (isDone) context.warn(messages.doneAlready(name, words.causes[record.cause ?? "stopped"]));
  else if (record.state === "paused") context.print(messages.alreadyPaused(name));
  else {
    context.print(messages.paused(name, await storage.hasRunner(record.id)));
    context.print(words.goOn(`tunesmith resume ${shellWord(record.name)}`));
  }
  return isDone ? 1 : 0;
}

/** @throws {UsageError} If one of them does not run, or something was decided about it already; then none is paused. */
async function pauseTrials(
  context: CliContext,
  storage: Storage,
  record: StudyRecord,
  texts: readonly string[],
): Promise<number> {
  const messages = commandMessages(context.language);
  const study = shellWord(record.name);
  const found = await findTrials(context, storage, record, texts);
  const obstacles: (string | null)[] = [];
  for (const trial of found) obstacles.push(await obstacleTo(context, storage, record, trial));
  const faults = obstacles.filter((line) => line !== null);
  if (faults.length > 0) throw new UsageError(...faults);
  const paused: number[] = [];
  for (const { number } of found) {
    const obstacle = await pauseTrial(context, storage, record, number);
    if (obstacle === null) paused.push(number);
    else context.warn(obstacle);
  }
  if (context.json) for (const trial of paused) context.print(jsonLine({ trial, state: "paused" }));
  else if (paused.length > 0) {
    context.print(messages.trialsPaused(trialList(paused), paused.length));
    context.print(studyMessages(context.language).goOn(`tunesmith resume ${study} ${paused.join(" ")}`));
  }
  return paused.length < found.length ? 1 : 0;
}

/** @returns What came in between: its runner may have been faster. Null if it is paused. */
async function pauseTrial(context: CliContext, storage: Storage, record: StudyRecord, number: number): Promise<string | null> {
  // A fresh look tells why nothing was recorded; where it does not, a new attempt has begun.
  for (;;) {
    if (await recordPause(storage, record.id, number)) return null;
    const obstacle = await obstacleTo(context, storage, record, await findTrial(context, storage, record, number));
    if (obstacle !== null) return obstacle;
  }
}

/** Why a trial cannot be paused now; null if it can. */
async function obstacleTo(context: CliContext, storage: Storage, record: StudyRecord, trial: Trial): Promise<string | null> {
  if (trial.state !== "running") return refusal(context, record, trial);
  const decided = await decisionsOfRunning(storage, record.id, trial);
  const stop = decided.find((each) => each?.kind === "stop");
  const first = stop ?? decided[0];
  if (first === undefined || first === null || (stop === undefined && decided.includes(null))) return null;
  const why = first.kind === "continue" ? null : first.why;
  const words = whyMessage(why, context.language);
  return commandMessages(context.language).trialDecided(trial.number, stop === undefined ? "pause" : "stop", words);
}

/** The decision on record about each replicate that runs; null where nothing was decided. */
async function decisionsOfRunning(
  storage: Storage,
  studyId: string,
  { number, replicates }: Trial,
): Promise<readonly (Decision | null)[]> {
  const decisions = await storage.getDecisions(studyId, number);
  return replicates
    .filter(({ state }) => state === "running")
    .map(
      ({ index, attempt }) => decisions.find((each) => each.replicate === index && each.attempt === attempt)?.decision ?? null,
    );
}

function refusal({ language }: CliContext, { name }: StudyRecord, { number, state }: Trial): string {
  const verb = state === "queued" ? "stop" : state === "paused" ? "resume" : "retry";
  const command = state === "running" ? null : `tunesmith ${verb} ${shellWord(name)} ${number}`;
  return commandMessages(language).trialCannotPause(number, studyMessages(language).trialStates[state], command);
}

/** Records the decision for every attempt that runs. @returns Whether any took it. */
async function recordPause(storage: Storage, studyId: string, trial: number): Promise<boolean> {
  const replicates = (await storage.getTrial(studyId, trial))?.replicates ?? [];
  const reports = await storage.getReports(studyId, trial);
  let isRecorded = false;
  for (const { index: replicate, attempt, state } of replicates) {
    if (state !== "running") continue;
    const own = reports.filter((report) => report.replicate === replicate && report.attempt === attempt);
    const step = own.reduce((newest, report) => Math.max(newest, report.step), 0);
    try {
      await storage.decide({ studyId, trial, replicate, attempt }, step, { kind: "pause", why: { code: "person" } });
      isRecorded = true;
    } catch (error) {
      const isLate = error instanceof TunesmithError && (error.code === "wrong-state" || error.code === "stale-attempt");
      if (!isLate) throw error;
    }
  }
  return isRecorded;
}
