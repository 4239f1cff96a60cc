import {
  type Config,
  compileProblem,
  enqueueConfigs,
  type JsonObject,
  type ProblemSpec,
  problemJson,
  requireServing,
  type Storage,
  type StudyRecord,
  type StudySettings,
  TunesmithError,
} from "@tunesmith/core";
import { nodeHost } from "../platform/node-host.ts";
import { definitionJson } from "../study-file/definition-json.ts";
import type { StudyDefinition } from "../study-file/study-definition.ts";
import { ownOrCataloguePolicy } from "./own-sampler/own-samplers.ts";
import { slotsFor } from "./run-study.ts";

/** Stores a definition as a new study, with its enqueued configs. @throws {TunesmithError} `study-exists`, `invalid-input`, `refused`. */
export async function createStudyRecord(storage: Storage, definition: StudyDefinition): Promise<StudyRecord> {
  const settings = settingsOf(definition);
  const seedDrawn = definition.problem.seed === null;
  const seed = definition.problem.seed ?? nodeHost().entropy() % 2 ** 32;
  const problem = compileProblem({ ...definition.problem, seed, seedDrawn } as ProblemSpec, 1, settings);
  requireServing(ownOrCataloguePolicy(settings), problem);
  for (const config of definition.enqueue) throwIfUnfit(problem.space.checkPartial(config));
  const record = await storage.createStudy({
    name: definition.name,
    problem: problemJson(problem),
    settings: settings as unknown as JsonObject,
    definition: definitionJson(definition),
  });
  await enqueueAll(storage, record, definition.enqueue);
  return record;
}

/** The settings of a definition with the number of slots that this machine gives it. */
export function settingsOf(definition: StudyDefinition): StudySettings {
  return { ...definition.settings, parallel: slotsFor(definition).length };
}

/** Enqueues configs into a stored study. */
export async function enqueueAll(storage: Storage, record: StudyRecord, configs: readonly Config[]): Promise<void> {
  if (configs.length === 0) return;
  const settings = record.settings as unknown as StudySettings;
  const problem = compileProblem(record.problem as unknown as ProblemSpec, record.revision, settings);
  await enqueueConfigs(storage, record.id, problem, settings.budget.trials ?? null, configs);
}

function throwIfUnfit(faults: ReturnType<ReturnType<typeof compileProblem>["space"]["checkPartial"]>): void {
  if (faults.length > 0)
    throw new TunesmithError(
      "invalid-input",
      `enqueue: ${faults.map(({ path, message }) => `${path} ${message}`).join("; ")}`,
      faults,
    );
}
