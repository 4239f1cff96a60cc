import { describe, expect, test } from "vitest";
import {
  createAbort,
  createMemoryStorage,
  HistoryRecorder,
  type JsonObject,
  type Policy,
  random,
  replaySuggestions,
  runLoop,
  type Storage,
  type StudyRecord,
  StudySession,
  type Trial,
  webHost,
} from "../../index.ts";
import { createInlineEngine } from "../../loop/inline-engine.ts";
import { objectiveSurroundings } from "../../loop/objective-surroundings.ts";
import type { Objective } from "../../loop/objective-trial.ts";
import { float } from "../../parameters/build-parameter.ts";
import { compileProblem, type ProblemSpec, problemJson } from "../../trial/problem-json.ts";
import { type StudySettings, studySettingsDefaults } from "../../trial/study-settings.ts";
import { scheduleOf } from "./lineage.ts";
import { pb2 } from "./pb2.ts";
import { pbt } from "./pbt.ts";

const max = 60;
const common = { population: 6, interval: 10 };

function step(model: number, x: number): number {
  return model * (1 - 0.1 * x) + 0.02 * x * x;
}

/** Saves where it was told to train to, and goes on from there. */
const training: Objective = async (trial) => {
  let model = (trial.checkpoint()?.state ?? 1) as number;
  for (const at of trial.steps()) {
    model = step(model, trial.params.x as number);
    if (at === trial.target) await trial.saveCheckpoint(at, model);
    await trial.report(at, { loss: model });
  }
};

const spec: ProblemSpec = {
  parameters: { x: float(0, 1) },
  objectives: [{ name: "loss", goal: "minimize" }],
  fidelity: { name: "steps", min: 1, max },
  seed: 5,
};
const settings: StudySettings = {
  ...studySettingsDefaults,
  budget: { trials: common.population },
  sampler: { type: "random" },
  scheduler: { type: "none" },
};

interface Run {
  readonly makePolicy: () => Policy;
  readonly objective?: Objective;
  readonly parallel: number;
  /** Each run but the last is interrupted after so many attempts. */
  readonly attempts?: number;
}

async function study(given: Run): Promise<{ readonly storage: Storage; readonly record: StudyRecord }> {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  const problem = problemJson(compileProblem(spec, 1, settings));
  const record = await storage.createStudy({
    ...{ name: "s", problem, settings: settings as unknown as JsonObject, definition: null },
  });
  while ((await runOnce(storage, record, given)) === "interrupted");
  return { storage, record };
}

async function runOnce(storage: Storage, record: StudyRecord, given: Run): Promise<string> {
  const { makePolicy, objective = training, parallel, attempts = Number.POSITIVE_INFINITY } = given;
  const lock = await storage.acquireRunner(record.id);
  const host = webHost();
  const session = await StudySession.open(storage, host, record, makePolicy);
  const engine = createInlineEngine(objective, objectiveSurroundings(session.problem, host));
  const interrupted = createAbort();
  let endedCount = 0;
  const jobEnded = (): void => {
    if (++endedCount >= attempts) interrupted.abort();
  };
  try {
    return await runLoop({ session, engine, parallel, signal: interrupted.signal, observer: { jobEnded } });
  } finally {
    await engine.close();
    await lock?.release();
  }
}

function shapeOf(trials: readonly Trial[]): unknown {
  return trials.map(({ number, state, config, parent, bracket, values, why }) => ({
    ...{ number, state, config, parent, bracket, values, why },
  }));
}

describe.each([
  ["pbt", () => pbt(common).drive(random())],
  ["pb2", () => pb2(common).drive(random())],
] as const)("%s in a study", (_, makePolicy) => {
  test("stops members and makes children, trains all to the end, and every suggestion is computed again from the record", async () => {
    for (const parallel of [1, 3]) {
      const { storage, record } = await study({ makePolicy, parallel });
      const trials = await storage.getTrials(record.id);
      const children = trials.filter(({ parent }) => parent !== null);
      expect(children.length).toBeGreaterThan(0);
      expect(trials.length).toBe(common.population + children.length);
      expect(trials.filter(({ state }) => state === "complete").length).toBe(common.population);
      expect(trials.filter(({ stopWhy }) => stopWhy?.code === "exploited").length).toBe(children.length);
      const replayed = await replaySuggestions(storage, record, makePolicy);
      expect(replayed).toEqual({ replayedCount: trials.length, earlierRevisionCount: 0, differences: [] });
    }
  });

  test("copies no member that has saved its end and not reported it yet", async () => {
    const { sleep } = webHost();
    const hesitant: Objective = async (trial) => {
      let model = (trial.checkpoint()?.state ?? 1) as number;
      for (const at of trial.steps()) {
        model = step(model, trial.params.x as number);
        if (at === trial.target) {
          await trial.saveCheckpoint(at, model);
          await sleep(1 + 6 * ((trial.number * 7 + at) % 3));
        }
        await trial.report(at, { loss: model });
      }
    };
    const { storage, record } = await study({ makePolicy, objective: hesitant, parallel: 3 });
    const trials = await storage.getTrials(record.id);
    expect(trials.filter(({ state }) => state === "failed")).toEqual([]);
    expect(trials.filter(({ state }) => state === "complete").length).toBe(common.population);
  });

  test("comes to the same on one slot, however often it is interrupted", async () => {
    const whole = await study({ makePolicy, parallel: 1 });
    const broken = await study({ makePolicy, parallel: 1, attempts: 3 });
    expect(shapeOf(await broken.storage.getTrials("study"))).toEqual(shapeOf(await whole.storage.getTrials("study")));
  });
});

describe("pbt in a study", () => {
  const makePolicy = (): Policy => pbt(common).drive(random());

  test("leaves on record the schedule that trains its best model again", async () => {
    const { storage, record } = await study({ makePolicy, parallel: 2 });
    const session = await StudySession.open(storage, webHost(), record, makePolicy);
    const best = (await storage.getTrials(record.id, { states: ["complete"] })).reduce((a, b) =>
      (a.values as number[])[0] <= (b.values as number[])[0] ? a : b,
    );
    expect(session.history).toBeInstanceOf(HistoryRecorder);
    const schedule = scheduleOf(session.history, best.number);
    let model = 1;
    for (const { fromStep, toStep, config } of schedule)
      for (let at = fromStep; at < toStep; at++) model = step(model, config.x as number);
    expect(schedule.at(-1)?.toStep).toBe(max);
    expect(model).toBe((best.values as number[])[0]);
  });

  test("ends with an error when the training saves no checkpoint", async () => {
    const forgetful: Objective = async (trial) => {
      for (const at of trial.steps()) await trial.report(at, { loss: 1 / at });
    };
    await expect(study({ makePolicy, objective: forgetful, parallel: 1 })).rejects.toThrow(
      "pbt copies checkpoints, but trial 0 trained to steps 10 and ended without having saved one",
    );
  });

  test("replaces members that fail", async () => {
    const failing: Objective = async (trial) => {
      if (trial.number === 2) throw new Error("broken");
      return training(trial);
    };
    const { storage, record } = await study({ makePolicy, objective: failing, parallel: 2 });
    const trials = await storage.getTrials(record.id);
    expect(trials[2].state).toBe("failed");
    expect(trials.filter(({ why }) => why?.code === "pbt-replace").map(({ bracket }) => bracket)).toEqual([trials[2].bracket]);
    expect(trials.filter(({ state }) => state === "complete").length).toBe(common.population);
  });
});
