import type { JsonObject } from "../json.ts";
import { replicateSeeds } from "../loop/replicate-seeds.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Storage, TrialDraft } from "../storage/storage.ts";
import type { Problem } from "../trial/problem.ts";
import type { Trial } from "../trial/trial.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import type { StudyParts } from "./study-parts.ts";

/** Queues configs, complete or partial. @throws {TunesmithError} `invalid-input` naming all that does not fit; then none is queued. */
export async function enqueue(parts: StudyParts, configs: JsonObject | readonly JsonObject[]): Promise<readonly number[]> {
  const { session, storage } = parts;
  const list = (Array.isArray(configs) ? configs : [configs]) as readonly Config[];
  const numbers = await enqueueConfigs(storage, session.studyId, session.problem, session.settings.budget.trials ?? null, list);
  await session.sync();
  session.announce();
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
  throwFaults(
    "enqueue",
    configs.flatMap((config, i) =>
      problem.space.checkPartial(config).map(({ path, message }) => ({
        path: configs.length === 1 ? path : `${i}${path === "" ? "" : `.${path}`}`,
        message,
      })),
    ),
  );
  // The seeds depend on the number, so again when another process took it.
  for (;;) {
    const trialCount = (await storage.getStudy(studyId))?.trialCount ?? 0;
    const drafts = configs.map((config, i) => enqueuedDraft(problem, config, trialCount + i, source));
    try {
      return await storage.addTrials(studyId, drafts, trialLimit, trialCount);
    } catch (error) {
      if (!(error instanceof TunesmithError) || error.code !== "wrong-state") throw error;
    }
  }
}

function enqueuedDraft(problem: Problem, config: Config, number: number, source: Trial["source"]): TrialDraft {
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
    seeds: replicateSeeds(problem, number),
    begin: "open",
  };
}
