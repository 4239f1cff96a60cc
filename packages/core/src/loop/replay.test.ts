import { describe, expect, test } from "vitest";
import {
  cataloguePolicy,
  compose,
  createMemoryStorage,
  createStudy,
  exportStudy,
  importStudy,
  none,
  type Policy,
  random,
  type Sampler,
  type Storage,
  type StudyRecord,
  type Trial,
  webHost,
} from "../index.ts";
import type { JsonObject } from "../json.ts";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import { compileProblem, problemJson } from "../trial/problem-json.ts";
import { studySettingsDefaults } from "../trial/study-settings.ts";
import { replaySuggestions } from "./replay.ts";
import { StudySession } from "./study-session.ts";

const parameters = {
  lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
  layers: int(1, 4),
  optimizer: categorical(["adam", "sgd"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
};

let idCount = 0;
function memoryStorage(): Storage {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => `study${idCount++}` });
}

async function recordOf(storage: Storage): Promise<StudyRecord> {
  return (await storage.getStudy("s")) as StudyRecord;
}

async function runStudy(storage: Storage, sampler: string, parallel: number): Promise<void> {
  const study = await createStudy({
    name: "s",
    parameters,
    parameterConstraints: ["layers * lr <= 0.2"],
    outcomeConstraints: ["cost <= 3"],
    objective: { name: "loss", goal: "minimize" },
    fidelity: { name: "epochs", min: 1, max: 9 },
    scheduler: "asha",
    sampler,
    seed: 7,
    storage,
  });
  await study.enqueue([{ lr: 0.01 }, {}, { optimizer: "sgd", layers: 2 }]);
  await study.optimize(
    async (trial) => {
      if (trial.number % 11 === 10) throw new Error("no luck");
      for (const epoch of trial.steps()) {
        await Promise.resolve();
        const loss = Math.abs(Math.log10(trial.params.lr) + 3) + trial.params.layers / epoch;
        if ((await trial.report(epoch, { loss, cost: trial.params.layers })) !== "continue") return;
      }
    },
    { trials: 45, parallel },
  );
  await study.close();
}

describe("replaySuggestions", () => {
  test.each([
    ["tpe", 1],
    ["tpe", 4],
    ["random", 3],
    ["qmc", 2],
  ])("%s with parallel %d comes out byte for byte", async (sampler, parallel) => {
    const storage = memoryStorage();
    await runStudy(storage, sampler, parallel);
    const result = await replaySuggestions(storage, await recordOf(storage), cataloguePolicy);
    expect(result).toEqual({ replayedCount: 45, earlierRevisionCount: 0, differences: [] });
  });

  test("a study that was left and opened again comes out byte for byte", async () => {
    const storage = memoryStorage();
    const options = { name: "s", parameters, seed: 3, sampler: "tpe", storage } as const;
    for (const trials of [7, 19, 30]) {
      const study = await createStudy({ ...options, ifExists: "resume" });
      await study.optimize((trial) => trial.params.layers + trial.params.lr, { trials, parallel: 2 });
      await study.close();
    }
    const result = await replaySuggestions(storage, await recordOf(storage), cataloguePolicy);
    expect(result).toMatchObject({ replayedCount: 30, differences: [] });
  });

  test.each(["auto", "nsga2", "cma-es"])(
    "%s comes out byte for byte though the budget and the parallel count were changed",
    async (sampler) => {
      const storage = memoryStorage();
      const floats = { x: float(0, 1), y: float(0, 1), z: float(0, 1) };
      const options = { name: "s", parameters: floats, seed: 3, sampler, storage, ifExists: "resume" } as const;
      for (const [trials, parallel] of [
        [9, 1],
        [40, 12],
        [44, 2],
        [60, 12],
      ]) {
        const study = await createStudy({ ...options, parallel });
        await study.optimize(({ params: { x, y, z } }) => (x - 0.3) ** 2 + (y - z) ** 2, { trials });
        await study.close();
      }
      await (await createStudy({ ...options, budget: { trials: 500 } })).close();
      const result = await replaySuggestions(storage, await recordOf(storage), cataloguePolicy);
      expect(result).toEqual({ replayedCount: 60, earlierRevisionCount: 0, differences: [] });
    },
  );

  test("what depended on how long trials took comes out byte for byte, also of a study that was exported", async () => {
    const storage = createMemoryStorage({ wallClockMs: tickingClock(), studyId: () => "study" });
    const settings = { ...studySettingsDefaults, sampler: { type: "slowest" }, scheduler: { type: "none" } };
    const objectives = [{ name: "loss", goal: "minimize" }] as const;
    const problem = problemJson(
      compileProblem({ parameters: { x: float(0, 1) }, objectives, seed: 3, seedDrawn: true }, 1, settings),
    );
    const record = await storage.createStudy({
      name: "s",
      problem,
      settings: settings as unknown as JsonObject,
      definition: null,
    });
    const session = await StudySession.open(storage, webHost(), record, slowestPolicy);
    for (let i = 0; i < 8; i++) {
      const next = await session.next("search");
      if (next.kind !== "job") throw new Error(next.kind);
      await session.end(next.job, { kind: "complete", metrics: { loss: i } }, null);
    }
    const whole = { replayedCount: 8, earlierRevisionCount: 0, differences: [] };
    const trials = await storage.getTrials("study");
    expect(trials.map(({ config }) => config.x)).toEqual([0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14]);
    expect(await replaySuggestions(storage, await recordOf(storage), slowestPolicy)).toEqual(whole);
    const copy = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "copy" });
    await importStudy(copy, await exportStudy(storage, "study"));
    expect(await replaySuggestions(copy, await recordOf(copy), slowestPolicy)).toEqual(whole);
  });

  test("what was changed on record is found, with both texts", async () => {
    const storage = memoryStorage();
    const study = await createStudy({ name: "s", parameters: { n: int(1, 1_000) }, seed: 3, sampler: "random", storage });
    await study.optimize((trial) => trial.params.n, { trials: 5 });
    const trials = await storage.getTrials(study.id);
    const forged: Storage = {
      ...delegate(storage),
      getTrials: async (id, query) =>
        (await storage.getTrials(id, query)).map((trial): Trial => (trial.number === 3 ? { ...trial, config: { n: 1 } } : trial)),
    };
    const { differences } = await replaySuggestions(forged, await recordOf(storage), cataloguePolicy);
    expect(differences).toEqual([
      { trial: 3, what: "config", recorded: '{"n":1}', recomputed: JSON.stringify(trials[3].config) },
    ]);
    await study.close();
  });

  test("suggestions of an earlier revision are counted, not computed", async () => {
    const storage = memoryStorage();
    const study = await createStudy({ name: "s", parameters: { n: int(1, 9) }, seed: 3, sampler: "random", storage });
    await study.optimize((trial) => trial.params.n, { trials: 5 });
    const { problem, settings, definition } = await recordOf(storage);
    await storage.reviseStudy(study.id, {
      problem,
      settings: { ...settings, sampler: { type: "qmc" } },
      definition,
      silent: false,
      reason: "sampler",
    });
    expect(await replaySuggestions(storage, await recordOf(storage), cataloguePolicy)).toEqual({
      replayedCount: 0,
      earlierRevisionCount: 5,
      differences: [],
    });
    await study.close();
  });
});

/** A policy that suggests a hundredth of the longest time that a trial took, in milliseconds. */
function slowestPolicy(): Policy {
  const sampler: Sampler = {
    ...random(),
    suggest(_, { rows, durationsMs }) {
      const slowest = rows.reduce((longest, row) => Math.max(longest, durationsMs[row]), 0);
      return { config: { x: slowest / 100 }, why: { code: "slowest" } };
    },
  };
  return compose(sampler, none());
}

/** Shows at each reading that one millisecond more went by since the last than the time before. */
function tickingClock(): () => number {
  let readingCount = 0;
  return () => (readingCount++ * readingCount) / 2;
}

/** The reads that a replay needs. */
function delegate(storage: Storage): Storage {
  return {
    ...storage,
    getReports: (id, trial, after) => storage.getReports(id, trial, after),
    getDecisions: (id, trial) => storage.getDecisions(id, trial),
    eventsAfter: (id, after, limit) => storage.eventsAfter(id, after, limit),
  } as Storage;
}
