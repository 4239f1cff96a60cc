import { describe, expect, test } from "vitest";
import {
  asha,
  compose,
  createAbort,
  createMemoryStorage,
  type Job,
  none,
  type Policy,
  random,
  type Scheduler,
  type Storage,
} from "../index.ts";
import type { JsonObject } from "../json.ts";
import { createRng, type Rng } from "../numerics/rng.ts";
import { float, int } from "../parameters/build-parameter.ts";
import { createSimulatedEngine, type SimulatedTraining } from "../simulation/simulated-engine.ts";
import { createSimulatedHost } from "../simulation/simulated-host.ts";
import type { StudyRecord } from "../storage/storage.ts";
import { compileProblem, type ProblemSpec, problemJson } from "../trial/problem-json.ts";
import { type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import type { Metrics } from "../trial/trial.ts";
import { isTerminal, trialStateCodes } from "../trial/trial-state.ts";
import { runLoop } from "./run-loop.ts";
import { StudySession } from "./study-session.ts";

/** Lets every trial train to a third, then resumes the best paused one once two have got there. */
function pausing(): Scheduler {
  return {
    ...none(),
    type: "pausing",
    start: ({ fidelity }) => ({ target: Math.ceil((fidelity?.max ?? 0) / 3), bracket: 0 }),
    resume({ fidelity }, { rows, states, losses, numbers, finishedCount }) {
      const paused = rows.filter((row) => states[row] === trialStateCodes.paused).sort((a, b) => losses[a] - losses[b]);
      return paused.length + finishedCount < 2 || paused.length === 0
        ? null
        : { trial: numbers[paused[0]], target: fidelity?.max ?? 0 };
    },
  };
}

function trainingOf(rng: Rng, { target }: Job): SimulatedTraining {
  const stepCount = target ?? rng.int(4);
  const reports = Array.from({ length: Math.ceil(stepCount / 2) }, (_, i) => ({
    afterMs: rng.int(900),
    batch: [2 * i + 1, 2 * i + 2].map((step) => ({
      step,
      fidelity: step,
      metrics: { loss: rng.int(12) === 0 ? Number.NaN : rng.uniform() },
    })),
  }));
  const fate = rng.int(8);
  const reason = (["error", "infra", "signal"] as const)[rng.int(3)];
  const metrics: Metrics = fate === 1 ? {} : { loss: rng.uniform() };
  return {
    reports: rng.int(6) === 0 ? reports.slice(0, 1) : reports,
    lastMs: rng.int(3_000),
    end: fate < 6 ? { kind: "complete", metrics } : { kind: "failed", reason, message: `broken ${rng.int(3)}` },
    graceMs: rng.int(5) === 0 ? null : rng.int(2_000),
  };
}

interface Setting {
  readonly spec: ProblemSpec;
  readonly settings: StudySettings;
  readonly policy: Policy;
  readonly trials: number;
  readonly parallel: number;
}

function randomSetting(rng: Rng, seed: number): Setting {
  const hasFidelity = rng.int(3) > 0;
  const scheduler = hasFidelity ? [asha(), pausing(), none()][rng.int(3)] : none();
  const trials = 1 + rng.int(12);
  const limits = [{}, {}, { timeMs: 1 + rng.int(9_000) }, { noImprovement: 3 }, { steps: 20 }];
  return {
    spec: {
      parameters: { x: float(0, 1), n: int(1, 3) },
      objectives: [
        { name: "loss", goal: rng.int(2) === 0 ? "minimize" : "maximize", ...(rng.int(5) === 0 ? { stopAt: 0.5 } : {}) },
      ],
      ...(hasFidelity ? { fidelity: { name: "epochs", min: 1, max: 9 } } : {}),
      replicates: { kind: rng.int(2) === 0 ? "folds" : "repeats", count: 1 + rng.int(rng.int(3) + 1) },
      seed,
    },
    settings: {
      ...studySettingsDefaults,
      sampler: { type: "random" },
      scheduler: { type: scheduler.type },
      budget: { trials, ...limits[rng.int(limits.length)] },
      retries: { infra: rng.int(3), error: rng.int(2) },
      confirm: rng.int(4) === 0 ? { top: 2, seeds: 2 } : null,
    },
    policy: compose(random(), scheduler),
    trials,
    parallel: 1 + rng.int(5),
  };
}

/** What must hold of a study on record at every instant. */
async function requireSound(storage: Storage, { id }: StudyRecord, { trials: limit, parallel }: Setting): Promise<void> {
  const record = (await storage.getStudy(id)) as StudyRecord;
  const trials = await storage.getTrials(id);
  expect(trials.map(({ number }) => number)).toEqual([...trials.keys()]);
  expect(record.trialCount).toBe(trials.length);
  expect(trials.length).toBeLessThanOrEqual(limit);
  const running = trials.flatMap(({ replicates }) => replicates.filter(({ state }) => state === "running"));
  expect(running.length).toBeLessThanOrEqual(parallel);
  if (record.state !== "done") return;
  expect(running).toEqual([]);
  // A limit that comes early leaves what nobody has begun, or what waits for its next try, in the queue.
  const unfinished = trials.filter(({ state }) => !isTerminal(state));
  if (record.cause === "trials" || record.cause === "exhausted") expect(unfinished).toEqual([]);
  for (const trial of unfinished) expect(trial.state).not.toBe("paused");
}

describe("the loop under failures", () => {
  test("keeps numbers dense, the budget, the number of running attempts, and ends every trial, whatever happens", async () => {
    const causes = new Set<string | null>();
    for (let seed = 0; seed < 120; seed++) {
      const rng = createRng(seed, "loop");
      const setting = randomSetting(rng, seed);
      const host = createSimulatedHost();
      const storage = createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => "study" });
      const settings = setting.settings as unknown as JsonObject;
      const problem = problemJson(compileProblem(setting.spec, 1, setting.settings));
      const record = await storage.createStudy({ name: "s", problem, settings, definition: null });
      const hand = storage.connect();
      // A person meddles, and now and then the runner dies or is interrupted and starts again.
      for (let run = 0; ; run++) {
        const lock = await storage.acquireRunner(record.id);
        const session = await StudySession.open(storage, host, record, () => setting.policy);
        const engine = createSimulatedEngine(host, (job) => trainingOf(rng, job));
        let checks: Promise<void> = Promise.resolve();
        const check = (): void => {
          checks = checks.then(() => requireSound(hand, record, setting));
        };
        const interrupted = createAbort();
        const leaveAt = run < 3 && rng.int(2) === 0 ? rng.int(8) : -1;
        let endedCount = 0;
        const observer = {
          jobStarted: check,
          reported: check,
          jobEnded: () => {
            check();
            if (endedCount++ === leaveAt) interrupted.abort();
          },
        };
        const meddling = meddle(hand, record.id, setting.trials, rng, host.sleep);
        const end = await host.run(
          runLoop({ session, engine, parallel: setting.parallel, signal: interrupted.signal, observer }),
        );
        await host.run(meddling);
        await checks;
        expect(engine.runningCount).toBe(0);
        await lock?.release();
        if (end === "done") break;
        if (end === "paused") await storage.setStudyState(record.id, "active", null);
      }
      await requireSound(storage, record, setting);
      causes.add(((await storage.getStudy(record.id)) as StudyRecord).cause);
    }
    expect([...causes].sort()).toEqual(["no_improvement", "steps", "stop_at", "time", "trials"]);
  });
});

/** Three times something from outside: a cancel, an enqueue, a pause and its end. */
async function meddle(hand: Storage, id: string, limit: number, rng: Rng, sleep: (ms: number) => Promise<void>): Promise<void> {
  const draft = {
    revision: 1,
    historySeq: 0,
    note: null,
    bracket: 0,
    target: null,
    seeds: [1],
    why: null,
    source: "enqueued",
  } as const;
  for (let i = 0; i < 3; i++) {
    await sleep(rng.int(2_500));
    const { state, trialCount } = (await hand.getStudy(id)) as StudyRecord;
    if (state !== "active") return;
    const actions = [
      () => hand.cancel(id, rng.int(trialCount + 1)),
      () => hand.addTrials(id, [{ ...draft, config: { n: 2 }, fixed: { n: 2 }, begin: "open" }], limit),
      async () => {
        await hand.setStudyState(id, "paused", "person");
        await sleep(500);
        await hand.setStudyState(id, "active", null);
      },
    ];
    await actions[rng.int(actions.length)]().catch((error: { code?: string }) => {
      if (!["wrong-state", "trial-not-found", "budget-spent"].includes(error.code ?? "")) throw error;
    });
  }
}
