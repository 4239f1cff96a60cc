import { describe, expect, test } from "vitest";
import { createAbort } from "../host.ts";
import type { JsonObject } from "../json.ts";
import type { Job } from "../loop/engine.ts";
import { replaySuggestions } from "../loop/replay.ts";
import { runLoop } from "../loop/run-loop.ts";
import { StudySession } from "../loop/study-session.ts";
import { createRng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import { compose } from "../policies/compose.ts";
import { grid } from "../samplers/grid.ts";
import { random } from "../samplers/random.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { createSimulatedEngine, type SimulatedTraining } from "../simulation/simulated-engine.ts";
import { createSimulatedHost } from "../simulation/simulated-host.ts";
import { createMemoryStorage } from "../storage/memory-storage.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { compileProblem, problemJson } from "../trial/problem-json.ts";
import { studySettingsDefaults } from "../trial/study-settings.ts";
import type { Trial } from "../trial/trial.ts";
import { ashaPromotion } from "./asha-promotion.ts";
import { hyperband } from "./hyperband.ts";
import type { Scheduler } from "./scheduler.ts";
import { successiveHalving } from "./successive-halving.ts";

interface Stage {
  readonly storage: Storage;
  readonly record: StudyRecord;
  run(signal?: ReturnType<typeof createAbort>["signal"]): Promise<string>;
  replay(): ReturnType<typeof replaySuggestions>;
  trials(): Promise<readonly Trial[]>;
  readonly started: [number, number | null][];
}

async function stage(
  scheduler: () => Scheduler,
  trials: number | null,
  parallel: number,
  trainingOf: (job: Job) => SimulatedTraining,
  sampler: () => Sampler = random,
  lookMs: (count: number) => number = () => 0,
): Promise<Stage> {
  const host = createSimulatedHost();
  const storage = createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => "study" });
  const look = storage.openReplicates.bind(storage);
  let lookCount = 0;
  storage.openReplicates = async (studyId) => {
    const open = await look(studyId);
    const waitMs = lookMs(lookCount++);
    if (waitMs > 0) await host.sleep(waitMs);
    return open;
  };
  const settings = {
    ...studySettingsDefaults,
    sampler: { type: sampler().type },
    scheduler: { type: scheduler().type },
    budget: trials === null ? {} : { trials },
    parallel,
  };
  const parameters = { x: sampler().type === "grid" ? float(0, 1, { step: 0.1 }) : float(0, 1) };
  const spec = {
    parameters,
    objectives: [{ name: "loss", goal: "minimize" as const }],
    fidelity: { name: "epochs", min: 1, max: 9 },
    seed: 4,
  };
  const problem = problemJson(compileProblem(spec, 1, settings));
  const record = await storage.createStudy({ name: "s", problem, settings: settings as unknown as JsonObject, definition: null });
  const makePolicy = () => compose(sampler(), scheduler());
  const started: [number, number | null][] = [];
  return {
    storage,
    record,
    started,
    async run(signal) {
      const lock = await storage.acquireRunner("study");
      const session = await StudySession.open(storage, host, record, makePolicy);
      const engine = createSimulatedEngine(host, trainingOf);
      const observer = { jobStarted: ({ ref, target }: Job) => void started.push([ref.trial, target]) };
      const end = await host.run(runLoop({ session, engine, parallel, signal, observer }));
      await lock?.release();
      return end;
    },
    replay: async () => replaySuggestions(storage, (await storage.getStudy("study")) as StudyRecord, makePolicy),
    trials: () => storage.getTrials("study"),
  };
}

/** Reports every step up to its target. */
function training({ ref, target, checkpoint }: Job): SimulatedTraining {
  const rng = createRng(ref.trial, "training");
  const final = rng.uniform();
  const from = checkpoint?.step ?? 0;
  const reports = Array.from({ length: (target ?? 0) - from }, (_, i) => {
    const step = from + i + 1;
    return { afterMs: 1 + rng.int(50), batch: [{ step, fidelity: step, metrics: { loss: final + 1 / step } }] };
  });
  return { reports, lastMs: 1, end: { kind: "complete", metrics: {} }, graceMs: 0 };
}

function toldTo(started: readonly [number, number | null][], level: number): number {
  return new Set(started.filter(([, target]) => target === level).map(([trial]) => trial)).size;
}

describe("in the loop", () => {
  // Of 9 trials at 1 epoch 3 go on to 3 and 1 to 9; of 5 at 3 epochs 1; 3 train to 9 at once.
  test.each([1, 2, 8])(
    "hyperband with %d at a time starts, pauses, resumes and completes what its table says",
    async (parallel) => {
      const { run, started, trials, replay } = await stage(hyperband, 17, parallel, training);
      expect(await run()).toBe("done");
      expect([1, 3, 9].map((level) => toldTo(started, level))).toEqual([9, 3 + 5, 1 + 1 + 3]);
      const states = (await trials()).map(({ state }) => state);
      expect(states.filter((state) => state === "complete")).toHaveLength(5);
      expect(states.every((state) => state === "complete" || state === "stopped")).toBe(true);
      expect((await replay()).differences).toEqual([]);
    },
  );

  test.each<[string, () => Scheduler]>([
    ["hyperband", hyperband],
    ["successive-halving", successiveHalving],
    ["asha-promotion", ashaPromotion],
  ])("%s: whenever its runner is ended, the study ends with the same trials as one that was left alone", async (_, scheduler) => {
    const undisturbed = await stage(scheduler, 20, 1, training);
    await undisturbed.run();
    const expected = (await undisturbed.trials()).map(({ number, config, bracket, state, values }) => ({
      number,
      config,
      bracket,
      state,
      values,
    }));
    for (const every of [1, 3, 8]) {
      const begun = new Set<string>();
      let left = createAbort();
      const disturbed = await stage(scheduler, 20, 1, (job) => {
        const size = begun.size;
        begun.add(`${job.ref.trial} to ${job.target}`);
        if (begun.size > size && begun.size % every === 0) left.abort();
        return training(job);
      });
      for (let i = 0; i < 200; i++) {
        left = createAbort();
        if ((await disturbed.run(left.signal)) === "done") break;
      }
      const found = (await disturbed.trials()).map(({ number, config, bracket, state, values }) => ({
        number,
        config,
        bracket,
        state,
        values,
      }));
      expect(found).toEqual(expected);
      expect((await disturbed.replay()).differences).toEqual([]);
    }
  });

  test("a search is not over because nothing waited while the last trials still ran", async () => {
    const rng = createRng(3, "looks");
    // Looking what waits takes longer now and then than what runs: it ends, and pauses, meanwhile.
    const lookMs = (count: number): number => (count % 3 === 0 ? rng.int(400) : 0);
    for (const parallel of [2, 3, 8]) {
      const { run, trials } = await stage(hyperband, 17, parallel, training, random, lookMs);
      expect(await run()).toBe("done");
      expect((await trials()).filter(({ state }) => state === "complete")).toHaveLength(5);
    }
  });

  test("a training that tells nothing but its final result is compared by it", async () => {
    const { run, started, trials } = await stage(successiveHalving, 9, 3, ({ ref }) => ({
      reports: [],
      lastMs: 10,
      end: { kind: "complete", metrics: { loss: ref.trial } },
      graceMs: 0,
    }));
    expect(await run()).toBe("done");
    expect(started.filter(([, target]) => target !== 1)).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [0, 9],
    ]);
    expect((await trials()).filter(({ state }) => state === "complete").map(({ number, values }) => [number, values])).toEqual([
      [0, [0]],
    ]);
  });

  test("when the sampler has nothing left the best of what it gave trains to the end", async () => {
    const { run, started, trials } = await stage(hyperband, null, 2, training, grid);
    expect(await run()).toBe("done");
    expect(await trials()).toHaveLength(11);
    expect([1, 3, 9].map((level) => toldTo(started, level))).toEqual([9, 3 + 2, 1 + 1]);
  });

  test("what a person paused on its way waits for the person, and nothing waits for it", async () => {
    const held = 4;
    const { run, storage, started, trials } = await stage(successiveHalving, 9, 3, (job) => {
      if (job.ref.trial !== held) return training(job);
      void storage.decide(job.ref, 0, { kind: "pause", why: { code: "person" } });
      return { ...training(job), reports: [], lastMs: 5_000 };
    });
    expect(await run()).toBe("done");
    expect(started.filter(([trial]) => trial === held)).toEqual([[held, 1]]);
    expect([1, 3, 9].map((level) => toldTo(started, level))).toEqual([9, 3, 1]);
    expect((await trials())[held].stopWhy).toEqual({ code: "budget" });
  });
});
