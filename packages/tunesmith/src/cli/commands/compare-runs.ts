import { existsSync } from "node:fs";
import { createSpace, gridPointsWithin, type JsonObject } from "@tunesmith/core";
import { compareMessages, usageMessages } from "@tunesmith/protocol";
import type { StudyDefinition } from "../../study-file/study-definition.ts";
import { createStudyRecord } from "../../tuning/create-study-record.ts";
import { runStudy } from "../../tuning/run-study.ts";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { openStore, withStore } from "../open-store.ts";
import { type CompareRun, compareSamplers, compareStudies } from "./compare.ts";
import { readDefinition } from "./run.ts";

export interface CompareRunsOptions {
  /** Names with commas between. */
  readonly samplers: string;
  readonly seeds: number;
}

/** Compares samplers on the study of a file, or stored studies with each other. */
export async function compareRuns(context: CliContext, what: readonly string[], options: CompareRunsOptions): Promise<number> {
  if (!what.some((each) => existsSync(each))) return withStore(context, (storage) => compareStudies(context, storage, what));
  const messages = usageMessages(context.language);
  if (what.length > 1) throw new UsageError(messages.oneFile);
  const definition = readDefinition(context.language, what[0]);
  const interrupt = listenForInterrupt(() => context.warn(messages.stopping));
  const samplers = options.samplers
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const gridPoints = samplers.includes("grid") ? gridPointsOf(definition) : null;
  if (gridPoints !== null && !context.json) context.print(compareMessages(context.language).gridPoints(String(gridPoints)));
  try {
    return await compareSamplers(context, {
      name: definition.name,
      samplers,
      seeds: options.seeds,
      runDefinition: (run) => runOnce(context, withSampler(definition, run, gridPoints), run, interrupt),
    });
  } finally {
    interrupt.close();
  }
}

/** A grid needs to know how many values to take; the budget says how many configs there may be. */
function gridPointsOf({ problem, settings: { budget } }: StudyDefinition): number | null {
  return gridPointsWithin(createSpace(problem.parameters, problem.parameterConstraints ?? []), budget.trials ?? 100);
}

function withSampler(
  definition: StudyDefinition,
  { sampler, seed, name }: CompareRun,
  gridPoints: number | null,
): StudyDefinition {
  const spec: JsonObject = sampler === "grid" && gridPoints !== null ? { type: sampler, points: gridPoints } : { type: sampler };
  return {
    ...definition,
    name,
    problem: { ...definition.problem, seed },
    // What is compared is the search: confirmation would only cost.
    settings: { ...definition.settings, sampler: spec, confirm: null },
  };
}

async function runOnce(
  context: CliContext,
  definition: StudyDefinition,
  { home, name }: CompareRun,
  { signal, hurry }: { readonly signal: AbortSignal; readonly hurry: AbortSignal },
) {
  const storage = await openStore({ ...context, home });
  const study = (await storage.getStudy(name)) ?? (await createStudyRecord(storage, definition));
  if (study.state !== "done")
    await runStudy({ home, storage, study, definition, signal, hurry, observe: () => ({}), onNotice: () => {} });
  if (signal.aborted) {
    await storage.close();
    throw new UsageError(usageMessages(context.language).stopped);
  }
  return { storage, study: (await storage.getStudy(name)) ?? study };
}
