import type { AttemptRef, Json, JsonObject, Outcome, Replicate, Report, Storage, StudyRecord, Trial } from "@tunesmith/core";
import { commandMessages, studyMessages } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { allTrials } from "./parts/all-trials.ts";

export interface CloneOptions {
  readonly study: string;
  /** Of the new study. */
  readonly name: string;
  /** Copies the finished trials with their reports; they get new numbers, without gaps. */
  readonly withTrials?: boolean;
}

/** Makes a study with the same problem and settings. @throws {UsageError} If the name is taken. */
export async function clone(
  context: CliContext,
  storage: Storage,
  { study, name, withTrials = false }: CloneOptions,
): Promise<number> {
  const messages = commandMessages(context.language);
  const source = await findStudy(context, storage, study);
  if ((await storage.getStudy(name)) !== null) throw new UsageError(messages.nameTaken(shownText(name)));
  const { problem, settings, definition } = source;
  const copy = await storage.createStudy({ name, problem, settings, definition: renamed(definition, name) });
  const trialCount = withTrials ? await copyTrials(storage, source, copy) : 0;
  if (context.json) context.print(jsonLine({ study: copy.name, id: copy.id, clonedFrom: source.name, trials: trialCount }));
  else {
    context.print(messages.cloned(shownText(source.name), shownText(name), trialCount));
    if (definition !== null) context.print(studyMessages(context.language).goOn(`tunesmith resume ${shellWord(name)}`));
  }
  return 0;
}

function renamed(definition: Json, name: string): Json {
  return definition !== null && typeof definition === "object" && "name" in definition
    ? { ...(definition as JsonObject), name }
    : definition;
}

async function copyTrials(storage: Storage, source: StudyRecord, copy: StudyRecord): Promise<number> {
  let count = 0;
  for await (const trial of allTrials(storage, source.id, ["complete", "stopped", "failed"])) {
    await copyTrial(storage, source, copy, trial);
    count++;
  }
  return count;
}

/** Makes, reports and ends it once more; what each replicate's last attempt reported counts. */
async function copyTrial(storage: Storage, source: StudyRecord, copy: StudyRecord, trial: Trial): Promise<void> {
  const { config, note, bracket, number } = trial;
  const replicates = trial.replicates.filter(({ confirm }) => !confirm);
  const why = { code: "cloned", trial: number };
  const drafted = {
    config,
    revision: copy.revision,
    historySeq: 0,
    source: "enqueued",
    fixed: null,
    why,
    note,
    bracket,
  } as const;
  const seeds = replicates.map(({ seed }) => seed);
  const [made] = await storage.addTrials(copy.id, [{ ...drafted, target: replicates[0].target, seeds, begin: "queued" }], null);
  const reports = await storage.getReports(source.id, number);
  for (const replicate of decisiveLast(replicates)) {
    const attempt = await storage.claim(copy.id, made, replicate.index);
    const ref: AttemptRef = { studyId: copy.id, trial: made, replicate: replicate.index, attempt };
    const own = lastReports(reports.filter((report) => report.replicate === replicate.index));
    if (own.length > 0) await storage.report(ref, own);
    const { values, standardErrors, metrics } = trial;
    await storage.end(ref, { outcome: outcomeOf(trial, replicate), retry: null, result: { values, standardErrors, metrics } });
    if ((await storage.getTrial(copy.id, made))?.finishedSeq !== null) return;
  }
}

/** The replicate that decided how the trial ended comes last: the first decisive end finishes a trial. */
function decisiveLast(replicates: readonly Replicate[]): readonly Replicate[] {
  return [...replicates].sort((a, b) => Number(a.state !== "complete") - Number(b.state !== "complete"));
}

function lastReports(reports: readonly (Report & { readonly attempt: number })[]): readonly Report[] {
  const byStep = new Map<number, Report & { readonly attempt: number }>();
  for (const report of reports) if (report.attempt >= (byStep.get(report.step)?.attempt ?? 0)) byStep.set(report.step, report);
  return [...byStep.values()].sort((a, b) => a.step - b.step).map(({ step, fidelity, metrics }) => ({ step, fidelity, metrics }));
}

function outcomeOf(trial: Trial, { state, metrics }: Replicate): Outcome {
  if (state === "complete") return { kind: "complete", metrics: metrics ?? {} };
  if (trial.state === "failed") return { kind: "failed", reason: trial.reason ?? "error", message: trial.message ?? "" };
  return { kind: "stopped", why: trial.stopWhy ?? { code: "budget" }, metrics };
}
