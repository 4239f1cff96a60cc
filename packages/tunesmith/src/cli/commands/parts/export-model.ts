import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { type Checkpoint, type JsonObject, type Replicate, type Storage, type Trial, trialParams } from "@tunesmith/core";
import { commandMessages } from "@tunesmith/protocol";
import type { Standing } from "../../../evaluation/confirmation.ts";
import { packageVersion } from "../../../platform/version.ts";
import { definitionFromJson } from "../../../study-file/definition-json.ts";
import { replicateDir } from "../../../training/attempt-folder.ts";
import { exportCheckpoint } from "../../../training/checkpoints.ts";
import { modelOfTrial } from "../../../tuning/model-of-trial.ts";
import type { CliContext } from "../../cli-context.ts";
import { UsageError } from "../../cli-error.ts";
import { jsonLine, jsonText } from "../../terminal/json-line.ts";
import { shellWord } from "../../terminal/shell-word.ts";
import { shownText } from "../../terminal/shown-text.ts";
import type { OpenedStudy } from "./opened-study.ts";

export interface ExportModelOptions {
  readonly opened: OpenedStudy;
  readonly winner: Standing;
  readonly folder: string;
  readonly force?: boolean;
}

/**
 * Puts the winner's model into a folder: `checkpoint/`, `params.json`, `metrics.json` and `provenance.json`.
 * @throws {UsageError} If the folder is not empty and nothing says to use it all the same.
 */
export async function exportModel(
  context: CliContext,
  storage: Storage,
  { opened, winner, folder, force = false }: ExportModelOptions,
): Promise<number> {
  const words = commandMessages(context.language);
  const { record, problem } = opened;
  const { trial } = winner;
  const target = resolve(folder);
  const present = await readdir(target).catch(() => []);
  if (present.length > 0 && !force) throw new UsageError(words.folderNotEmpty(shellWord(folder)));
  const model = await modelOfTrial(storage, record.id, trial, problem.objectives[0]);
  if (model === null) {
    const lost = await newestCheckpoint(storage, record.id, trial);
    const line = lost === null ? words.noCheckpoint(trial.number) : words.checkpointMissing(trial.number, lost.step);
    context.warn(line);
    return 1;
  }
  await mkdir(target, { recursive: true });
  await replaceFolder(model.checkpoint.location, join(target, "checkpoint"));
  await writeFile(join(target, "params.json"), `${jsonText(trialParams(trial))}\n`);
  await writeFile(join(target, "metrics.json"), `${jsonText(metricsJson(opened, winner, model.replicate))}\n`);
  await writeFile(
    join(target, "provenance.json"),
    `${jsonText(provenanceJson(context, opened, trial, model.replicate, model.checkpoint))}\n`,
  );
  const { step } = model.checkpoint;
  context.print(
    context.json
      ? jsonLine({ folder: target, trial: trial.number, step })
      : words.modelKept(shownText(folder, 200), trial.number, step),
  );
  return 0;
}

async function newestCheckpoint(storage: Storage, studyId: string, { number, replicates }: Trial): Promise<Checkpoint | null> {
  for (const { index } of replicates) {
    const [newest] = await storage.getCheckpoints(studyId, number, index);
    if (newest !== undefined) return newest;
  }
  return null;
}

/** The new folder is complete before the old one goes. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const draft = `${to}.new`;
  await rm(draft, { recursive: true, force: true });
  await exportCheckpoint(from, draft);
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}

function metricsJson({ problem }: OpenedStudy, winner: Standing, { metrics }: Replicate): unknown {
  const { value, standardError, searchValue, confirmValues } = winner;
  const { name, goal } = problem.objectives[0];
  return { objective: { name, goal, value, standardError, searchValue, confirmValues }, model: metrics };
}

function provenanceJson(
  context: CliContext,
  { record, problem }: OpenedStudy,
  trial: Trial,
  replicate: Replicate,
  checkpoint: Checkpoint,
): unknown {
  const training = record.definition === null ? null : definitionFromJson(record.definition as JsonObject).training;
  return {
    study: record.name,
    studyId: record.id,
    trial: trial.number,
    replicate: replicate.index,
    attempt: attemptOf(context, record.id, trial.number, replicate, checkpoint),
    confirmation: replicate.confirm,
    seed: replicate.seed,
    studySeed: problem.seed,
    revision: record.revision,
    config: trialParams(trial),
    command: training?.command ?? null,
    workdir: training?.workdir ?? null,
    checkpointStep: checkpoint.step,
    created: new Date().toISOString(),
    tunesmith: packageVersion(),
  };
}

/** The attempt that wrote a checkpoint, by where it lies; the newest one for a checkpoint that lies elsewhere. */
function attemptOf(
  { home }: CliContext,
  studyId: string,
  trial: number,
  { index, attempt }: Replicate,
  { location }: Checkpoint,
): number {
  const base = `${replicateDir(home, { studyId, trial, replicate: index })}${sep}`;
  const found = location.startsWith(base) ? Number(location.slice(base.length).split(sep)[0]) : Number.NaN;
  return Number.isSafeInteger(found) ? found : attempt;
}
