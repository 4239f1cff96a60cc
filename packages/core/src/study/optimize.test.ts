import { describe, expect, test, vi } from "vitest";
import {
  type AbortSignalLike,
  asha,
  createAbort,
  createMemoryStorage,
  createStudy,
  grid,
  none,
  random,
  type Sampler,
  type Scheduler,
  type Storage,
  type Trial,
} from "../index.ts";
import type { ObjectiveResult } from "../loop/objective-trial.ts";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import { createSimulatedHost } from "../simulation/simulated-host.ts";
import { trialStateCodes } from "../trial/trial-state.ts";

const parameters = { x: float(-1, 1), n: int(1, 5) };

let studyCount = 0;
function memoryStorage(): ReturnType<typeof createMemoryStorage> {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => `study${studyCount++}` });
}

async function trialsOf(study: { trials(): AsyncGenerator<Trial> }): Promise<Trial[]> {
  const trials: Trial[] = [];
  for await (const trial of study.trials()) trials.push(trial);
  return trials;
}

describe("the budget", () => {
  test.each([1, 4, 16])("is exact with parallel %d, and so many run at a time", async (parallel) => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host });
    let runningCount = 0;
    let greatest = 0;
    const numbers: number[] = [];
    const end = await host.run(
      study.optimize(
        async (trial) => {
          numbers.push(trial.number);
          greatest = Math.max(greatest, ++runningCount);
          await host.sleep(10 + trial.params.n);
          runningCount--;
          return trial.params.x;
        },
        { trials: 40, parallel },
      ),
    );
    expect([end, study.state, greatest]).toEqual(["done", "done", parallel]);
    expect(numbers.sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(await trialsOf(study)).toHaveLength(40);
  });

  test("is a total: the same number adds nothing, a greater one the difference", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1 });
    let count = 0;
    const objective = (): number => count++;
    for (const [trials, total] of [
      [5, 5],
      [5, 5],
      [8, 8],
      [3, 8],
    ]) {
      expect(await study.optimize(objective, { trials })).toBe("done");
      expect(count).toBe(total);
    }
  });

  test("of steps ends the study when the trials have reached so many in sum, and stops those that run", async () => {
    const study = await createStudy({
      parameters,
      sampler: "random",
      seed: 1,
      fidelity: { name: "epochs", min: 1, max: 10 },
      scheduler: "none",
      budget: { steps: 25 },
    });
    await study.optimize(async (trial) => {
      for (const epoch of trial.steps()) await trial.report(epoch, 1);
    });
    const trials = await trialsOf(study);
    expect(trials.map(({ state, fidelity }) => [state, fidelity])).toEqual([
      ["complete", 10],
      ["complete", 10],
      ["stopped", 5],
    ]);
    expect(trials[2].stopWhy).toEqual({ code: "budget", cause: "steps" });
    expect(trials[2].values).toEqual([1]);
  });

  test("of time ends the study to the millisecond and sums over calls", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host });
    const objective = async ({ signal }: { signal: AbortSignalLike }): Promise<number> => {
      await host.sleep(700, signal);
      return 1;
    };
    await host.run(study.optimize(objective, { timeMs: 1_000 }));
    expect(host.monotonicMs()).toBe(1_000);
    await host.run(host.sleep(5_000));
    await host.run(study.optimize(objective, { timeMs: 1_900 }));
    expect(host.monotonicMs()).toBe(6_900);
    expect((await trialsOf(study)).map(({ state }) => state)).toEqual(["complete", "stopped", "complete", "stopped"]);
  });

  test("of no improvement counts finished trials since the best", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1, budget: { noImprovement: 3 } });
    await study.optimize((trial) => [5, 4, 4, 6, 3, 3, 3, 3, 9][trial.number]);
    expect(await trialsOf(study)).toHaveLength(8);
    expect(study.bestTrial).toMatchObject({ number: 4, value: 3 });
  });

  test("ends when a trial reaches stopAt, in the user's own sign", async () => {
    const study = await createStudy({
      parameters,
      sampler: "random",
      seed: 1,
      objective: { name: "accuracy", goal: "maximize", stopAt: 0.9 },
    });
    await study.optimize((trial) => 0.5 + trial.number / 10, { trials: 100 });
    expect(study.bestTrial).toMatchObject({ number: 4, value: 0.9 });
    expect(await trialsOf(study)).toHaveLength(5);
  });

  test("a finished grid ends the study as exhausted", async () => {
    const storage = memoryStorage();
    const study = await createStudy({
      parameters: { a: int(1, 2), b: categorical(["p", "q", "r"]) },
      sampler: grid(),
      storage,
      seed: 1,
    });
    expect(await study.optimize((trial) => trial.params.a, { parallel: 4 })).toBe("done");
    expect(await storage.getStudy(study.id)).toMatchObject({ state: "done", cause: "exhausted", trialCount: 6 });
  });

  test.each([{ trials: 0 }, { trials: 1.5 }, { parallel: 0 }, { timeMs: Number.NaN }, { timeMs: Number.POSITIVE_INFINITY }])(
    "%j is refused",
    async (options) => {
      const study = await createStudy({ parameters });
      await expect(study.optimize(() => 1, options)).rejects.toMatchObject({ code: "invalid-input" });
    },
  );
});

describe("what an objective gives", () => {
  const cases: readonly [string, unknown, object][] = [
    ["a number", 2, { state: "complete", values: [2] }],
    ["metrics", { loss: 2, cost: 3 }, { state: "complete", values: [2], metrics: { loss: 2, cost: 3 } }],
    ["nothing", undefined, { state: "failed", reason: "no_result", message: "no loss; seen: nothing" }],
    ["NaN", Number.NaN, { state: "failed", reason: "non_finite", message: "loss is NaN" }],
    ["the bad infinity", Number.POSITIVE_INFINITY, { state: "complete", values: [Number.POSITIVE_INFINITY] }],
    ["the good infinity", Number.NEGATIVE_INFINITY, { state: "failed", reason: "non_finite" }],
    ["other metrics", { cost: 3 }, { state: "failed", reason: "no_result", message: "no loss; seen: cost" }],
    ["text", "2", { state: "failed", reason: "error", message: '"2" found; allowed: a number, or numbers by name' }],
    ["a list", [2], { state: "failed", reason: "error" }],
    ["a name that no storage takes", { loss: 1, "\uD800": 2 }, { state: "failed", reason: "error" }],
  ];
  test.each(cases)("%s", async (_, result, trial) => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1, objective: { name: "loss", goal: "minimize" } });
    expect(await study.optimize((() => result) as () => ObjectiveResult, { trials: 2 })).toBe("done");
    for (const each of await trialsOf(study)) expect(each).toMatchObject(trial);
  });

  test("a throw fails the trial, not the study, with its message on one line", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1 });
    await study.optimize(
      (trial) => {
        if (trial.number === 1) throw new Error("out of\n  luck \uD800");
        return 1;
      },
      { trials: 3 },
    );
    const trials = await trialsOf(study);
    expect(trials.map(({ state }) => state)).toEqual(["complete", "failed", "complete"]);
    expect(trials[1]).toMatchObject({ reason: "error", message: "out of luck \uFFFD" });
  });

  test("reports make the result: the last one, the best, or the mean of the last", async () => {
    const values: number[] = [];
    for (const take of ["last", "best", "mean:2"] as const) {
      const study = await createStudy({
        parameters,
        sampler: "random",
        seed: 1,
        objective: { name: "loss", goal: "minimize", take },
      });
      await study.optimize(
        async (trial) => {
          for (const [i, loss] of [5, 1, 3].entries()) expect(await trial.report(i + 1, { loss, step: i })).toBe("continue");
        },
        { trials: 1 },
      );
      values.push(study.bestTrial.value);
      expect((await trialsOf(study))[0].metrics).toMatchObject({ step: 2 });
    }
    expect(values).toEqual([3, 1, 2]);
  });

  test("a report that is refused fails its trial", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1 });
    await study.optimize(
      async (trial) => {
        if (trial.number === 0) await trial.report(-1, 1);
        if (trial.number === 1) await trial.report(1, 1).then(() => trial.report(1, 2));
        if (trial.number === 2) await trial.report(1, "1" as unknown as number);
        return 1;
      },
      { trials: 4 },
    );
    expect((await trialsOf(study)).map(({ state, reason }) => [state, reason])).toEqual([
      ["failed", "error"],
      ["failed", "error"],
      ["failed", "error"],
      ["complete", null],
    ]);
  });

  test("several objectives have a front of best trials; one number is not enough", async () => {
    const objectives = [
      { name: "loss", goal: "minimize" },
      { name: "accuracy", goal: "maximize" },
    ] as const;
    const study = await createStudy({ parameters, objectives, sampler: "random", seed: 1 });
    const losses = [1, 2, 3, 4];
    const accuracies = [5, 7, 6, 8];
    await study.optimize((trial) => ({ loss: losses[trial.number], accuracy: accuracies[trial.number] }), { trials: 4 });
    expect(study.bestTrials.map(({ number, values }) => [number, values])).toEqual([
      [0, [1, 5]],
      [1, [2, 7]],
      [3, [4, 8]],
    ]);
    await study.optimize(() => 1, { trials: 5 });
    expect((await trialsOf(study))[4]).toMatchObject({
      state: "failed",
      message: "one number found; with several objectives name them: loss, accuracy",
    });
  });

  test("of outcome constraints, the best trial is a feasible one", async () => {
    const study = await createStudy({
      parameters,
      outcomeConstraints: ["latency <= 5"],
      objective: { name: "loss", goal: "minimize" },
      sampler: "random",
      seed: 1,
    });
    const latencies = [9, 5, 3, 6];
    await study.optimize((trial) => ({ loss: trial.number, latency: latencies[trial.number] }), { trials: 4 });
    expect(study.bestTrial).toMatchObject({ number: 1, value: 1 });
  });
});

describe("early stopping", () => {
  test("asha stops hopeless trials of several workers, their reports count", async () => {
    const study = await createStudy({
      parameters,
      sampler: random(),
      seed: 5,
      objective: { name: "loss", goal: "minimize" },
      fidelity: { name: "epochs", min: 1, max: 9 },
      scheduler: asha(),
    });
    let stepCount = 0;
    await study.optimize(
      async (trial) => {
        for (const epoch of trial.steps()) {
          stepCount++;
          await Promise.resolve();
          if ((await trial.report(epoch, { loss: Math.abs(trial.params.x) + 1 / epoch })) !== "continue") break;
        }
      },
      { trials: 40, parallel: 4 },
    );
    const trials = await trialsOf(study);
    const stopped = trials.filter(({ state }) => state === "stopped");
    expect(trials.every(({ state }) => state === "stopped" || state === "complete")).toBe(true);
    expect(stopped.length).toBeGreaterThan(20);
    expect(stepCount).toBeLessThan(0.5 * 40 * 9);
    for (const { fidelity, values, stopWhy, config } of stopped) {
      expect([1, 3]).toContain(fidelity);
      expect(values).toEqual([Math.abs(config.x as number) + 1 / (fidelity as number)]);
      expect(stopWhy).toMatchObject({ code: "asha-rung", fidelity });
    }
    for (const { fidelity } of trials.filter(({ state }) => state === "complete")) expect(fidelity).toBe(9);
  });
});

describe("pausing", () => {
  const options = { parameters, sampler: "random", seed: 1, fidelity: { name: "epochs", min: 1, max: 9 } } as const;

  /** Pauses every trial at its third epoch; resumes the best once `resumeFrom` have paused. */
  function pausing(resumeFrom: number): Scheduler {
    return {
      ...none(),
      type: "pausing",
      onReport: (_, { fidelities, losses }, row) =>
        fidelities[row] === 3 && losses[row] > 0 ? { kind: "pause", why: { code: "test" } } : { kind: "continue" },
      resume(_, { rows, states, losses, numbers }) {
        const paused = rows.filter((row) => states[row] === trialStateCodes.paused);
        paused.sort((a, b) => losses[a] - losses[b]);
        return paused.length < resumeFrom ? null : { trial: numbers[paused[0]], target: 9 };
      },
    };
  }

  test("a trial that is paused goes on in a new attempt when its scheduler says so; at the end the others are stopped", async () => {
    const study = await createStudy({ ...options, scheduler: pausing(3) });
    const attempts: number[] = [];
    await study.optimize(
      async (trial) => {
        const isAgain = attempts.includes(trial.number);
        attempts.push(trial.number);
        for (const epoch of trial.steps()) await trial.report(epoch, isAgain ? -1 : 1 + trial.number);
      },
      { trials: 4 },
    );
    const trials = await trialsOf(study);
    expect(attempts).toEqual([0, 1, 2, 0, 3, 1]);
    expect(trials.map(({ state, fidelity, values }) => [state, fidelity, values])).toEqual([
      ["complete", 9, [-1]],
      ["complete", 9, [-1]],
      ["stopped", 3, null],
      ["stopped", 3, null],
    ]);
    expect(trials[3].stopWhy).toEqual({ code: "budget" });
  });

  test("a scheduler that waits for ever does not keep the study from its end", async () => {
    const study = await createStudy({ ...options, scheduler: pausing(99), sampler: "manual" });
    await study.enqueue([{}, {}]);
    expect(await study.optimize(async (trial) => void (await trial.report(3, 1)), { trials: 2, parallel: 2 })).toBe("done");
    expect((await trialsOf(study)).map(({ state }) => state)).toEqual(["stopped", "stopped"]);
  });
});

describe("failures and retries", () => {
  const failing = { infra: 0, error: 2 };

  test("a failed trial is tried again after a pause that doubles, with the same parameters, then it fails for good", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host, retries: failing });
    const tries: [number, number, number][] = [];
    const end = study.optimize(
      (trial) => {
        tries.push([trial.number, host.monotonicMs(), trial.params.x]);
        if (trial.number === 0) throw new Error("broken");
        return 1;
      },
      { trials: 2 },
    );
    expect(await host.run(end)).toBe("done");
    expect(tries.map(([number, atMs]) => [number, atMs])).toEqual([
      [0, 0],
      [0, 1_000],
      [0, 3_000],
      [1, 3_000],
    ]);
    expect(new Set(tries.slice(0, 3).map(([, , x]) => x)).size).toBe(1);
    expect((await trialsOf(study))[0]).toMatchObject({
      state: "failed",
      reason: "error",
      replicates: [{ attempt: 3, errorRetryCount: 2 }],
    });
  });

  test("while it waits for its next try other slots go on", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host, retries: failing });
    const starts: [number, number][] = [];
    await host.run(
      study.optimize(
        async (trial) => {
          starts.push([trial.number, host.monotonicMs()]);
          await host.sleep(100);
          if (trial.number === 0) throw new Error("broken");
          return 1;
        },
        { trials: 6, parallel: 2 },
      ),
    );
    expect(starts.filter(([number]) => number > 0).every(([, atMs]) => atMs <= 300)).toBe(true);
    expect(starts.filter(([number]) => number === 0).map(([, atMs]) => atMs)).toEqual([0, 1_100, 3_200]);
  });

  test("five first trials that fail alike pause the study with their message; after resume it is not paused again", async () => {
    const storage = memoryStorage();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, storage });
    const broken = (): number => {
      throw new Error("no torch");
    };
    expect(await study.optimize(broken, { trials: 20 })).toBe("paused");
    expect(await storage.getStudy(study.id)).toMatchObject({
      state: "paused",
      cause: "breaker",
      message: "no torch",
      trialCount: 5,
    });
    expect(await study.optimize(broken, { trials: 20 })).toBe("paused");
    await study.resume();
    expect(await study.optimize(broken, { trials: 20 })).toBe("done");
  });
});

describe("replicates", () => {
  test("repeats differ in seed; the value is their mean with a standard error", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1, replicates: { kind: "repeats", count: 3 } });
    const seeds: number[] = [];
    const ended: number[] = [];
    await study.optimize(
      (trial) => {
        seeds.push(trial.seed);
        return [1, 2, 6][(seeds.length - 1) % 3];
      },
      { trials: 2, onTrial: (trial) => ended.push(trial.number) },
    );
    expect(new Set(seeds).size).toBe(6);
    expect(ended).toEqual([0, 1]);
    for (const trial of await trialsOf(study)) expect(trial).toMatchObject({ values: [3], standardErrors: [Math.sqrt(7 / 3)] });
  });

  test("folds have one seed and their number", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1, replicates: { kind: "folds", count: 3 } });
    const seen: [number | null, number][] = [];
    await study.optimize(({ fold, seed }) => seen.push([fold, seed]), { trials: 1 });
    expect(seen.map(([fold]) => fold)).toEqual([0, 1, 2]);
    expect(new Set(seen.map(([, seed]) => seed)).size).toBe(1);
  });

  test("one that fails fails the trial; the others are told to leave, and it is told of once", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host, replicates: { kind: "folds", count: 3 } });
    const ended: number[] = [];
    const left: (number | null)[] = [];
    await host.run(
      study.optimize(
        async ({ number, fold, signal }) => {
          if (number === 0 && fold === 1) throw new Error("broken fold");
          await host.sleep(1_000, signal);
          if (signal.aborted) left.push(fold);
          return 1;
        },
        { trials: 2, parallel: 2, onTrial: (trial) => ended.push(trial.number) },
      ),
    );
    expect(left).toEqual([0]);
    expect(ended).toEqual([0, 1]);
    const [failed, complete] = await trialsOf(study);
    expect(failed).toMatchObject({ state: "failed", message: "broken fold", values: null });
    expect(failed.replicates.map(({ state }) => state)).toEqual(["stopped", "failed", "stopped"]);
    expect(complete).toMatchObject({ state: "complete", values: [1], standardErrors: [0] });
  });
});

describe("confirmation", () => {
  const options = {
    parameters: { x: float(0, 9, { default: 5 }) },
    sampler: "random",
    seed: 1,
    confirm: { top: 2, seeds: 3 },
  } as const;

  test("runs the best and the default configuration on the same fresh seeds; states and values stay", async () => {
    const study = await createStudy(options);
    await study.enqueue([{ x: 5 }, { x: 3 }, { x: 1 }, { x: 2 }]);
    const seeds: [number, number][] = [];
    const confirming = vi.fn();
    const ended: number[] = [];
    await study.optimize(
      (trial) => {
        seeds.push([trial.number, trial.seed]);
        return trial.params.x + (seeds.length > 4 ? 100 : 0);
      },
      { trials: 4, observer: { confirming }, onTrial: (trial) => ended.push(trial.number) },
    );
    expect(confirming).toHaveBeenCalledExactlyOnceWith([2, 3, 0]);
    expect(ended).toEqual([0, 1, 2, 3]);
    const fresh = (number: number): number[] =>
      seeds
        .slice(4)
        .filter(([of]) => of === number)
        .map(([, seed]) => seed);
    expect(new Set(fresh(2)).size).toBe(3);
    expect([fresh(3), fresh(0), fresh(1)]).toEqual([fresh(2), fresh(2), []]);
    const trials = await trialsOf(study);
    expect(trials.map(({ state, values }) => [state, values])).toEqual([5, 3, 1, 2].map((x) => ["complete", [x]]));
    expect(trials[2].replicates.map(({ confirm, metrics }) => [confirm, metrics?.value])).toEqual([
      [false, 1],
      [true, 101],
      [true, 101],
      [true, 101],
    ]);
    expect(study.bestTrial).toMatchObject({ number: 2, value: 1 });
    expect(study.state).toBe("done");
  });

  test("that was interrupted goes on where it was, and no trial is confirmed twice", async () => {
    const storage = memoryStorage();
    const runs: string[] = [];
    for (let round = 0; round < 20; round++) {
      const study = await createStudy({ ...options, storage, ifExists: "resume" });
      const left = createAbort();
      const end = await study.optimize(
        (trial) => {
          runs.push(`${trial.number}/${trial.seed}`);
          if (runs.length % 3 === 0) left.abort();
          return trial.params.x;
        },
        { trials: 5, signal: left.signal },
      );
      await study.close();
      if (end === "done") break;
    }
    expect(runs).toHaveLength(5 + 6);
    expect(new Set(runs).size).toBe(11);
    expect(await storage.getStudy("study")).toMatchObject({ state: "done", cause: "trials" });
  });

  test("prefers feasible trials", async () => {
    const study = await createStudy({ ...options, outcomeConstraints: ["value >= 2"], confirm: { top: 1, seeds: 1 } });
    await study.enqueue([{ x: 1 }, { x: 3 }, { x: 2 }]);
    const confirming = vi.fn();
    await study.optimize((trial) => trial.params.x, { trials: 3, observer: { confirming } });
    expect(confirming).toHaveBeenCalledExactlyOnceWith([2]);
  });

  test("of several objectives takes the best by rank", async () => {
    const objectives = [
      { name: "a", goal: "minimize" },
      { name: "b", goal: "maximize" },
    ] as const;
    const study = await createStudy({ ...options, objectives });
    const confirming = vi.fn();
    const b = [1, 5, 9, 2];
    await study.optimize((trial) => ({ a: trial.number, b: b[trial.number] }), { trials: 4, observer: { confirming } });
    expect(confirming).toHaveBeenCalledExactlyOnceWith([0, 2]);
  });
});

describe("what is not the objective's fault", () => {
  function ownSampler(suggest: Sampler["suggest"]): Sampler {
    return { type: "own", version: 1, options: {}, refuse: () => null, suggest };
  }

  test("a sampler of the user's own chooses, also by a promise", async () => {
    const study = await createStudy({
      parameters,
      sampler: ownSampler(async (_, { trialCount }) => ({ config: { x: trialCount / 10, n: 1 }, why: { code: "own" } })),
    });
    await study.optimize((trial) => trial.params.x, { trials: 3 });
    expect((await trialsOf(study)).map(({ config }) => config.x)).toEqual([0, 0.1, 0.2]);
  });

  const faults: readonly [string, Sampler["suggest"], string][] = [
    [
      "throws",
      () => {
        throw new Error("sampler broke");
      },
      "sampler broke",
    ],
    ["rejects", () => Promise.reject(new Error("sampler broke")), "sampler broke"],
    ["suggests what is not allowed", () => ({ config: { x: 7, n: 1 }, why: { code: "own" } }), "x is 7"],
  ];
  test.each(faults)(
    "when a sampler %s, what runs is drained and goes back to the queue, and the call rejects with its error",
    async (_, suggest, message) => {
      const storage = memoryStorage();
      const sampler = ownSampler((problem, history, context) =>
        history.trialCount < 3 ? random().suggest(problem, history, context) : suggest(problem, history, context),
      );
      const study = await createStudy({ parameters, sampler, storage, seed: 1 });
      let runningCount = 0;
      const objective = async ({ signal }: { signal: AbortSignalLike }): Promise<number> => {
        runningCount++;
        await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));
        runningCount--;
        return 1;
      };
      await expect(study.optimize(objective, { trials: 10, parallel: 4 })).rejects.toThrow(message);
      expect(runningCount).toBe(0);
      expect((await trialsOf(study)).map(({ state }) => state)).toEqual(["queued", "queued", "queued"]);
      expect(study.state).toBe("active");
      const end = await study.optimize(() => 1, { trials: 3 });
      expect([end, (await trialsOf(study)).map(({ state }) => state)]).toEqual(["done", ["complete", "complete", "complete"]]);
    },
  );

  test.each(["onTrial", "reported", "jobStarted"] as const)(
    "a callback %s that throws ends the call with its error, nothing left running",
    async (name) => {
      const study = await createStudy({ parameters, sampler: "random", seed: 1 });
      const thrower = (): never => {
        throw new Error("callback broke");
      };
      const options = name === "onTrial" ? { onTrial: thrower } : { observer: { [name]: thrower } };
      const end = study.optimize(async (trial) => void (await trial.report(1, 1)), { trials: 5, parallel: 2, ...options });
      await expect(end).rejects.toThrow("callback broke");
      expect((await trialsOf(study)).filter(({ state }) => state === "running")).toEqual([]);
      expect(await study.optimize(() => 1, { trials: 5 })).toBe("done");
    },
  );

  test("a scheduler that throws ends the call with its error, the trial goes back to the queue", async () => {
    const scheduler = {
      ...asha(),
      onReport: () => {
        throw new Error("scheduler broke");
      },
    };
    const study = await createStudy({
      parameters,
      sampler: "random",
      scheduler,
      seed: 1,
      fidelity: { name: "e", min: 1, max: 3 },
    });
    const end = study.optimize(async (trial) => void (await trial.report(1, 1)), { trials: 5 });
    await expect(end).rejects.toThrow("scheduler broke");
    expect((await trialsOf(study)).map(({ state }) => state)).toEqual(["queued"]);
  });

  test.each(["report", "end", "addTrials"] as const)(
    "a storage that fails at %s ends the call with its error, nothing left running",
    async (name) => {
      const whole = memoryStorage();
      let isBroken = false;
      const storage: Storage = new Proxy(whole, {
        get(target, key) {
          const method = Reflect.get(target, key) as (...args: unknown[]) => unknown;
          return (...args: unknown[]) => {
            if (key === name && isBroken) return Promise.reject(new Error("disk full"));
            return method.apply(target, args);
          };
        },
      });
      const study = await createStudy({ parameters, sampler: "random", seed: 1, storage });
      let runningCount = 0;
      const objective = async (trial: {
        number: number;
        report(step: number, loss: number): Promise<unknown>;
      }): Promise<number> => {
        runningCount++;
        isBroken ||= trial.number === 2;
        try {
          await trial.report(1, 1);
          return 1;
        } finally {
          runningCount--;
        }
      };
      await expect(study.optimize(objective, { trials: 8, parallel: 2 })).rejects.toThrow("disk full");
      expect(runningCount).toBe(0);
      isBroken = false;
      await study.close();
      const again = await createStudy({ parameters, sampler: "random", storage, ifExists: "resume" });
      expect(await again.optimize(() => 1, { trials: 8 })).toBe("done");
      expect((await trialsOf(again)).map(({ state }) => state)).toEqual(Array(8).fill("complete"));
    },
  );
});
