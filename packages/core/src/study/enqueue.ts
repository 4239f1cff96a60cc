import type { JsonObject } from "../json.ts";
import { replicateSeeds } from "../loop/study-session.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Storage, TrialDraft } from "../storage/storage.ts";
import type { Problem } from "../trial/problem.ts";
import type { Trial } from "../trial/trial.ts";
import { throwFaults } from "../tunesmith-error.ts";
import type { StudyParts } from "./study.ts";

/** Queues configs, complete or partial. @throws {TunesmithError} `invalid-input` naming what does not fit; then none is queued. */
export async function enqueue(parts: StudyParts, configs: JsonObject | readonly JsonObject[]): Promise<readonly number[]> {
  const { session, storage } = parts;
  const list = (Array.isArray(configs) ? configs : [configs]) as readonly Config[];
  const numbers = await enqueueConfigs(storage, session.studyId, session.problem, session.settings.budget.trials ?? null, list);
  await session.sync();
  return numbers;
}

/** `enqueue` for whoever holds no session, e.g. another process than the runner. */
export async function enqueueConfigs(
  storage: Storage,
  studyId: string,
  problem: Problem,
  trialLimit: number | null,
  configs: readonly Config[],
  source: Trial["source"] = "enqueued",
): Promise<readonly number[]> {
  for (const config of configs) throwFaults("enqueue", problem.space.checkPartial(config));
  const record = await storage.getStudy(studyId);
  const drafts = configs.map((config, i) => enqueuedDraft(problem, config, record?.trialCount ?? 0, i, source));
  return storage.addTrials(studyId, drafts, trialLimit);
}

function enqueuedDraft(problem: Problem, config: Config, trialCount: number, i: number, source: Trial["source"]): TrialDraft {
  return {
    config,
    revision: problem.revision,
    historySeq: 0,
    source,
    fixed: config,
    why: { code: "enqueued" },
    note: null,
    bracket: 0,
    target: problem.fidelity?.max ?? null,
    seeds: replicateSeeds(problem, trialCount + i),
    begin: "open",
  };
}
