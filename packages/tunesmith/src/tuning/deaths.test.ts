import {
  catalogue,
  createMemoryStorage,
  createStudy,
  float,
  type JsonObject,
  type ObjectiveTrial,
  policyMaker,
  replaySuggestions,
  type Storage,
  type StudyRecord,
  type Trial,
} from "@tunesmith/core";
import { describe, expect, test } from "vitest";

const max = 9;
const schedulers: readonly (readonly [string, JsonObject, number])[] = [
  ["asha", { type: "asha" }, 5],
  ["asha-promotion", { type: "asha-promotion" }, 8],
  ["successive-halving", { type: "successive-halving" }, 9],
  // A bracket of 9 trials, and one of 5 that the budget cuts short.
  ["hyperband", { type: "hyperband" }, 12],
  ["pbt", { type: "pbt", population: 4, interval: 3, quantile: 0.5 }, 4],
  ["pb2", { type: "pb2", population: 4, interval: 3, quantile: 0.5 }, 4],
];

function memoryStorage(): ReturnType<typeof createMemoryStorage> {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
}

/** Counts its steps in its checkpoints: where it goes on from the right one, what it reports depends on config and step alone. */
async function training(trial: ObjectiveTrial<{ rate: number }>): Promise<void> {
  let count = (trial.checkpoint()?.state ?? 0) as number;
  for (const step of trial.steps()) {
    count++;
    if ((await trial.report(step, { loss: trial.params.rate + 1 / count })) !== "continue") return;
    await trial.saveCheckpoint(step, count);
  }
}

interface Death {
  /** Number of the write at which the process dies, from 1. */
  readonly at: number;
  readonly isOnRecord: boolean;
}

const writes = [
  "addTrials",
  "exploit",
  "claim",
  "resume",
  "report",
  "decide",
  "end",
  "addCheckpoint",
  "removeCheckpoint",
  "setStudyState",
];

/** A storage as a process sees it that dies: from then on nothing of its gets through. */
function dyingStorage(storage: Storage, { at, isOnRecord }: Death): Storage {
  let writeCount = 0;
  let isDead = false;
  const dead = (): Error => new Error("the process is dead");
  return new Proxy(storage, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (name === "watch" || name === "close") return method.bind(target);
      return async (...args: unknown[]) => {
        if (isDead) throw dead();
        isDead = writes.includes(String(name)) && ++writeCount === at;
        if (isDead && !isOnRecord) throw dead();
        const result: unknown = await method.apply(target, args);
        if (isDead) throw dead();
        return result;
      };
    },
  });
}

async function runOnce(storage: Storage, scheduler: JsonObject, trials: number, parallel: number): Promise<void> {
  const study = await createStudy({
    ...{ name: "s", ifExists: "resume", storage, sampler: "random", seed: 3 },
    scheduler: scheduler as { type: string },
    parameters: { rate: float(0.1, 0.9) },
    objective: { name: "loss", goal: "minimize" },
    fidelity: { name: "steps", min: 1, max },
  });
  expect(await study.optimize(training, { trials, parallel })).toBe("done");
}

async function endOf(storage: Storage): Promise<JsonObject[]> {
  const trials = await storage.getTrials("study");
  return trials.map(({ number, state, config, values, bracket, parent, stopWhy, why }: Trial) =>
    JSON.parse(JSON.stringify({ number, state, config, values, bracket, parent, stopWhy, why })),
  );
}

/** Runs a study whose processes die one after the other, each at one write, until one lives to its end. @returns How many died. */
async function runThroughDeaths(
  storage: ReturnType<typeof memoryStorage>,
  deaths: readonly Death[],
  run: (storage: Storage) => Promise<void>,
) {
  for (const [i, death] of deaths.entries()) {
    const handle = storage.connect();
    const end = await run(dyingStorage(handle, death)).then(
      () => "done",
      (error: Error) => error.message,
    );
    await handle.close();
    if (end === "done") return i;
    expect(end).toBe("the process is dead");
  }
  await run(storage.connect());
  return deaths.length;
}

describe.each(schedulers)("%s: a study whose process dies", (_, scheduler, trials) => {
  test("at any write, before or after it is on record, ends as one that was left alone", { timeout: 60_000 }, async () => {
    const alone = memoryStorage();
    await runOnce(alone, scheduler, trials, 1);
    const expected = await endOf(alone);
    let diedCount = 1;
    for (let at = 1; diedCount > 0; at++)
      for (const isOnRecord of [false, true]) {
        const storage = memoryStorage();
        diedCount = await runThroughDeaths(storage, [{ at, isOnRecord }], (handle) => runOnce(handle, scheduler, trials, 1));
        expect(await endOf(storage), `write ${at}, ${isOnRecord ? "on record" : "lost"}`).toEqual(expected);
      }
  });

  test("again and again, four trials at a time, is done, and its suggestions follow from its record", {
    timeout: 60_000,
  }, async () => {
    for (let at = 3; at < 40; at += 4) {
      const storage = memoryStorage();
      const deaths = Array.from({ length: 12 }, (_, i) => ({ at: at + 2 * i, isOnRecord: i % 2 === 0 }));
      const diedCount = await runThroughDeaths(storage, deaths, (handle) => runOnce(handle, scheduler, trials, 4));
      expect(diedCount).toBeGreaterThan(0);
      const found = await storage.getTrials("study");
      expect(found.filter(({ parent }) => parent === null)).toHaveLength(trials);
      for (const { state, config, values } of found) {
        expect(["complete", "stopped"]).toContain(state);
        if (state === "complete") expect(values).toEqual([(config.rate as number) + 1 / max]);
      }
      const record = (await storage.getStudy("study")) as StudyRecord;
      expect((await replaySuggestions(storage, record, policyMaker(catalogue))).differences).toEqual([]);
    }
  });
});
