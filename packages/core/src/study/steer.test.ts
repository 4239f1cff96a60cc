import { describe, expect, test } from "vitest";
import { createMemoryStorage, createStudy, type ObjectiveTrial } from "../index.ts";
import { float, int } from "../parameters/build-parameter.ts";
import { createSimulatedHost, type SimulatedHost } from "../simulation/simulated-host.ts";

const parameters = { x: float(-1, 1), n: int(1, 5) };

/** A study that runs trials of one second each, and another process's hand on it. */
async function stage(parallel: number, changed: object = {}) {
  const host = createSimulatedHost();
  const storage = createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => "study" });
  const study = await createStudy({ name: "s", parameters, sampler: "random", seed: 1, host, storage, ...changed });
  const left: [number, boolean][] = [];
  const starts: [number, number][] = [];
  const objective = async (trial: ObjectiveTrial<object>): Promise<number> => {
    starts.push([trial.number, host.monotonicMs()]);
    await host.sleep(1_000, trial.signal);
    left.push([trial.number, trial.signal.aborted]);
    return 1;
  };
  const hand = storage.connect();
  const run = (trials: number) => study.optimize(objective, { trials, parallel });
  const states = async () => (await hand.getTrials("study")).map(({ state }) => state);
  return { host, study, hand, run, left, starts, states };
}

function later(host: SimulatedHost, atMs: number, act: () => Promise<unknown>): Promise<unknown> {
  return host.sleep(atMs).then(act);
}

describe("from another handle, while a study runs", () => {
  test("pause lets what runs end and starts nothing more; resume goes on", async () => {
    const { host, study, hand, run, starts, states } = await stage(2);
    const paused = later(host, 1_500, () => hand.setStudyState("study", "paused", "person"));
    expect(await host.run(run(6))).toBe("paused");
    await paused;
    expect([host.monotonicMs(), await states(), study.state]).toEqual([2_000, Array(4).fill("complete"), "paused"]);
    await hand.setStudyState("study", "active", null);
    expect(await host.run(run(6))).toBe("done");
    expect(starts.map(([, atMs]) => atMs)).toEqual([0, 0, 1_000, 1_000, 2_000, 2_000]);
  });

  test("a pause that ends before the running trials do is hardly noticed", async () => {
    const { host, hand, run, starts } = await stage(1);
    const meddling = later(host, 200, () => hand.setStudyState("study", "paused", "person")).then(() =>
      later(host, 500, () => hand.setStudyState("study", "active", null)),
    );
    expect(await host.run(run(2))).toBe("done");
    await meddling;
    expect(starts).toEqual([
      [0, 0],
      [1, 1_000],
    ]);
  });

  test("a decision about one trial pauses it alone, and it goes on when it is resumed", async () => {
    const { host, hand, run, left, starts, states } = await stage(2);
    const ref = { studyId: "study", trial: 0, replicate: 0, attempt: 1 };
    const paused = later(host, 300, () => hand.decide(ref, 0, { kind: "pause", why: { code: "person" } }));
    const seen: unknown[] = [];
    const meddling = paused
      .then(() => later(host, 1_300, async () => seen.push(await states())))
      .then(() => hand.resume("study", 0, null));
    expect(await host.run(run(5))).toBe("done");
    await meddling;
    expect(left[0]).toEqual([0, true]);
    expect(seen).toEqual([["paused", "complete", "complete", "running", "running"]]);
    expect(starts.filter(([number]) => number === 0).map(([, atMs]) => atMs)).toEqual([0, 2_000]);
    expect(await states()).toEqual(Array(5).fill("complete"));
  });

  test("a decision to stop one trial stops it with the reason that was given", async () => {
    const { host, hand, run, states } = await stage(2);
    const ref = { studyId: "study", trial: 1, replicate: 0, attempt: 1 };
    const stopped = later(host, 300, () => hand.decide(ref, 0, { kind: "stop", why: { code: "plateau" } }));
    expect(await host.run(run(3))).toBe("done");
    await stopped;
    expect(await states()).toEqual(["complete", "stopped", "complete"]);
    expect((await hand.getTrial("study", 1))?.stopWhy).toEqual({ code: "plateau" });
  });

  test("stop ends what runs as stopped and cancels what waits; optimize goes on with what is left of the budget", async () => {
    const { host, study, hand, run, left, states } = await stage(2);
    await study.enqueue([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const stopped = later(host, 300, () => hand.setStudyState("study", "done", "stopped"));
    expect(await host.run(run(5))).toBe("done");
    await stopped;
    expect([host.monotonicMs(), left, await states()]).toEqual([
      300,
      [
        [0, true],
        [1, true],
      ],
      ["stopped", "stopped", "cancelled"],
    ]);
    expect(await hand.getTrial("study", 0)).toMatchObject({ stopWhy: { code: "budget", cause: "stopped" } });
    expect(await host.run(run(5))).toBe("done");
    expect((await states()).slice(3)).toEqual(["complete", "complete"]);
  });

  test("a cancelled trial is told by its signal, stays cancelled, and its slot goes on", async () => {
    const { host, hand, run, left, states } = await stage(2);
    const cancelled = later(host, 400, () => hand.cancel("study", 0));
    expect(await host.run(run(4))).toBe("done");
    await cancelled;
    expect(left[0]).toEqual([0, true]);
    expect(await states()).toEqual(["cancelled", "complete", "complete", "complete"]);
    expect(host.monotonicMs()).toBe(2_000);
  });

  test("a cancelled trial that never looks at its signal is cancelled all the same, and its report answers stop", async () => {
    const host = createSimulatedHost();
    const storage = createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => "study" });
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host, storage });
    const answers: string[] = [];
    const ended: string[] = [];
    void later(host, 50, () => storage.connect().cancel("study", 0));
    await host.run(
      study.optimize(
        async (trial) => {
          await host.sleep(100);
          answers.push(await trial.report(1, 1));
          return 1;
        },
        { trials: 2, onTrial: (trial) => ended.push(trial.state) },
      ),
    );
    expect([answers, ended]).toEqual([
      ["stop", "continue"],
      ["cancelled", "complete"],
    ]);
  });

  test("what is enqueued runs next", async () => {
    const { host, hand, study, run } = await stage(1);
    const { enqueueConfigs } = await import("./enqueue.ts");
    const { problemJson, compileProblem } = await import("../trial/problem-json.ts");
    const problem = compileProblem({ parameters, objectives: [{ name: "value", goal: "minimize" }], seed: 1 }, 1, {
      budget: {},
      parallel: 1,
    });
    expect((await hand.getStudy("study"))?.problem).toEqual(problemJson(problem));
    const enqueued = later(host, 500, () => enqueueConfigs(hand, "study", problem, 3, [{ x: 0.25 }]));
    await host.run(run(3));
    expect(await enqueued).toEqual([1]);
    expect(await hand.getTrial("study", 1)).toMatchObject({
      source: "enqueued",
      state: "complete",
      config: { x: 0.25 },
      fixed: { x: 0.25 },
    });
    expect(study.state).toBe("done");
  });

  test("a budget that another raises while the last trials run is spent", async () => {
    const { host, hand, run, states } = await stage(2);
    const raised = later(host, 1_500, async () => {
      const record = await hand.getStudy("study");
      if (record === null) throw new Error("no study");
      const { problem, definition, settings } = record;
      await hand.reviseStudy("study", {
        problem,
        definition,
        settings: { ...settings, budget: { trials: 6 } },
        silent: true,
        reason: "budget",
      });
    });
    expect(await host.run(run(4))).toBe("done");
    await raised;
    expect(await states()).toEqual(Array(6).fill("complete"));
  });

  test("what is enqueued while the best are confirmed still runs", async () => {
    const { host, hand, run, study } = await stage(1, { confirm: { top: 1, seeds: 2 }, budget: { trials: 3 } });
    const draft = {
      revision: 1,
      historySeq: 0,
      source: "enqueued",
      note: null,
      bracket: 0,
      target: null,
      seeds: [1],
      why: null,
      begin: "open",
    } as const;
    const end = run(2);
    await host.run(host.sleep(2_500));
    await hand.addTrials("study", [{ ...draft, config: { n: 3 }, fixed: { n: 3 } }], 3);
    expect(await host.run(end)).toBe("done");
    expect(await hand.getTrial("study", 2)).toMatchObject({ state: "complete", config: { n: 3 } });
    expect(study.state).toBe("done");
  });

  test("a study that is deleted ends the call with an error, nothing left running", async () => {
    const { host, hand, run, left } = await stage(2);
    const deleted = later(host, 500, () => hand.deleteStudy("study"));
    await expect(host.run(run(4))).rejects.toMatchObject({ code: "study-not-found" });
    await deleted;
    expect(left).toEqual([
      [0, true],
      [1, true],
    ]);
  });
});

describe("from the study itself, while it runs", () => {
  test("pause, resume and stop work like another's", async () => {
    const { host, study, run, states } = await stage(1);
    const end = run(5);
    await host.run(host.sleep(500));
    await study.pause();
    expect(await host.run(end)).toBe("paused");
    await study.resume();
    expect(study.state).toBe("active");
    const again = run(5);
    await host.run(host.sleep(500));
    await study.stop();
    expect(await host.run(again)).toBe("done");
    expect([study.state, await states()]).toEqual(["done", ["complete", "stopped"]]);
  });
});
