import { expectEqual, expectRefusal, expectTrue } from "./contract-assertions.ts";
import {
  type ContractCase,
  completeEnd,
  draft,
  failedEnd,
  onOneHandle,
  releasedEnd,
  report,
  stoppedEnd,
} from "./storage-stage.ts";

/** Pages, events, open replicates, best trials, the window. */
export const readCases: readonly ContractCase[] = [
  onOneHandle("trials come in pages by number", async ({ storage, id }) => {
    await storage.addTrials(
      id,
      Array.from({ length: 25 }, () => draft()),
      null,
    );
    const numbers = async (query: { after?: number; limit?: number }): Promise<readonly number[]> =>
      (await storage.getTrials(id, query)).map((trial) => trial.number);
    expectEqual(await numbers({ limit: 3 }), [0, 1, 2], "first page");
    expectEqual(await numbers({ after: 2, limit: 3 }), [3, 4, 5], "second page");
    expectEqual(await numbers({ after: 22 }), [23, 24], "last page");
    expectEqual(await numbers({ after: 24 }), [], "after the last");
    expectEqual(await numbers({ limit: 0 }), [], "no room");
  }),

  onOneHandle("a page has a thousand trials unless told otherwise", async ({ storage, id }) => {
    await storage.addTrials(
      id,
      Array.from({ length: 1_002 }, () => draft()),
      null,
    );
    expectEqual((await storage.getTrials(id)).length, 1_000, "without a limit");
    expectEqual((await storage.getTrials(id, { limit: 10_000 })).length, 1_002, "with the greatest limit");
  }),

  onOneHandle("a page may hold only trials of some states", async (stage) => {
    await stage.add();
    await stage.complete(1);
    await stage.running();
    await stage.complete(2);
    const numbers = async (
      states: readonly ("queued" | "running" | "complete" | "failed")[],
      limit?: number,
    ): Promise<readonly number[]> => (await stage.storage.getTrials(stage.id, { states, limit })).map((trial) => trial.number);
    expectEqual(await numbers(["complete"]), [1, 3], "complete");
    expectEqual(await numbers(["complete"], 1), [1], "one complete");
    expectEqual(await numbers(["queued", "running"]), [0, 2], "unfinished");
    expectEqual(await numbers(["failed"]), [], "failed");
    expectEqual(await numbers([]), [], "of no state");
  }),

  onOneHandle("events are dense from 1 and come in pages", async (stage) => {
    for (let i = 0; i < 5; i++) await stage.complete(i);
    const { seq } = await stage.record();
    await stage.expectSeqs(seq);
    const all = await stage.storage.eventsAfter(stage.id, 0, 10_000);
    expectEqual(await stage.storage.eventsAfter(stage.id, 0, 3), all.slice(0, 3), "first page");
    expectEqual(await stage.storage.eventsAfter(stage.id, 3, 4), all.slice(3, 7), "second page");
    expectEqual(await stage.storage.eventsAfter(stage.id, seq, 10), [], "after the last");
    expectEqual(await stage.storage.eventsAfter(stage.id, seq + 100, 10), [], "far beyond");
    await expectRefusal(stage.storage.eventsAfter(stage.id, 0, 10_001), "invalid-input", "a page that is too large");
  }),

  onOneHandle("a trial's life is told by its events in order", async (stage) => {
    const number = await stage.add();
    const first = await stage.claim(number);
    await stage.storage.report(first, [report(1)]);
    await stage.storage.end(first, failedEnd("infra"));
    const second = await stage.claim(number);
    await stage.storage.end(second, completeEnd(1));
    expectEqual(
      await stage.events(),
      [
        "study-created -/-/- 1",
        "trial-added 0/-/- -",
        "claimed 0/0/1 -",
        "reported 0/0/1 1",
        "requeued 0/0/1 -",
        "claimed 0/0/2 -",
        "replicate-ended 0/0/2 -",
        "trial-finished 0/-/- -",
      ],
      "events",
    );
  }),

  onOneHandle("seqs stay dense over refused writes", async (stage) => {
    const ref = await stage.running();
    const writes = Array.from({ length: 30 }, (_, i) =>
      stage.storage.report(i % 3 === 0 ? { ...ref, attempt: 7 } : ref, [report(i)]),
    );
    const refused = (await Promise.allSettled(writes)).filter((each) => each.status === "rejected").length;
    expectEqual(refused, 10, "refused writes");
    await stage.expectSeqs(23);
  }),

  onOneHandle("open replicates: those with an attempt behind them first, then by trial and index", async (stage) => {
    const { storage, id } = stage;
    const fresh = await stage.add({ seeds: [1, 2] });
    const running = await stage.running();
    const retried = await stage.running();
    await storage.end(retried, failedEnd("infra", "signal", "killed"));
    const resumed = await stage.paused();
    await storage.resume(id, resumed.trial, 27);
    await stage.paused();
    await stage.complete(1);
    const last = await stage.add();
    const found = (await storage.openReplicates(id)).map(({ trial, replicate, state, attempt, reason }) => [
      trial,
      replicate,
      state,
      attempt,
      reason,
    ]);
    expectEqual(
      found,
      [
        [running.trial, 0, "running", 1, null],
        [retried.trial, 0, "queued", 1, "signal"],
        [resumed.trial, 0, "queued", 1, null],
        [fresh, 0, "queued", 0, null],
        [fresh, 1, "queued", 0, null],
        [last, 0, "queued", 0, null],
      ],
      "open replicates",
    );
  }),

  onOneHandle("of an open trial only replicate 0 is listed, as open, until it is filled", async (stage) => {
    const { storage, id } = stage;
    const number = await stage.add({ begin: "open", seeds: [1, 2] });
    const entry = { trial: number, attempt: 0, confirm: false, reason: null };
    expectEqual(await storage.openReplicates(id), [{ ...entry, replicate: 0, state: "queued", open: true }], "open");
    await storage.fillTrial(id, number, draft());
    expectEqual(
      await storage.openReplicates(id),
      [
        { ...entry, replicate: 0, state: "running", attempt: 1, open: false },
        { ...entry, replicate: 1, state: "queued", open: false },
      ],
      "filled",
    );
  }),

  onOneHandle("best trials are complete ones by value, ties by number", async (stage) => {
    for (const value of [3, 1, 2, 1]) await stage.complete(value);
    await stage.running();
    await stage.storage.end(await stage.running(), stoppedEnd(0));
    await stage.storage.end(await stage.running(), failedEnd());
    const numbers = async (goal: "minimize" | "maximize", limit: number): Promise<readonly number[]> =>
      (await stage.storage.bestTrials(stage.id, 0, goal, limit)).map((trial) => trial.number);
    expectEqual(await numbers("minimize", 10), [1, 3, 2, 0], "minimize");
    expectEqual(await numbers("maximize", 10), [0, 2, 1, 3], "maximize");
    expectEqual(await numbers("minimize", 2), [1, 3], "the best two");
    await stage.complete(0.5);
    await stage.complete(9);
    expectEqual(await numbers("minimize", 2), [7, 1], "after a better one");
    expectEqual(await numbers("maximize", 1), [8], "after a greater one");
  }),

  onOneHandle("NaN and the infinities are never best", async (stage) => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, 5, Number.POSITIVE_INFINITY, 1.7976931348623157e308])
      await stage.complete(value);
    for (const [goal, expected] of [
      ["minimize", [2, 4]],
      ["maximize", [4, 2]],
    ] as const) {
      const best = await stage.storage.bestTrials(stage.id, 0, goal, 10);
      expectEqual(
        best.map((trial) => trial.number),
        expected,
        goal,
      );
    }
  }),

  onOneHandle("best trials by each of several objectives; trials without a value of it are left out", async (stage) => {
    for (const values of [[1, 9], [2, 8], [3, Number.NaN], null, [4]]) {
      const ref = await stage.running();
      await stage.storage.end(ref, { ...completeEnd(0), result: { values, standardErrors: null, metrics: null } });
    }
    const numbers = async (objective: number): Promise<readonly number[]> =>
      (await stage.storage.bestTrials(stage.id, objective, "minimize", 10)).map((trial) => trial.number);
    expectEqual(await numbers(0), [0, 1, 2, 4], "first objective");
    expectEqual(await numbers(1), [1, 0], "second objective");
    expectEqual(await numbers(2), [], "no such objective");
  }),

  onOneHandle("the window shows all trials of a study that is not large, and its newest event", async (stage) => {
    await stage.complete(Number.NaN);
    await stage.storage.end(await stage.running(), failedEnd());
    await stage.storage.end(await stage.running(), releasedEnd());
    await stage.add({ begin: "open" });
    const window = await stage.storage.readWindow(stage.id, [1]);
    expectEqual(window, { trials: await stage.storage.getTrials(stage.id), seq: (await stage.record()).seq }, "window");
  }),

  onOneHandle("the window of an empty study is empty", async (stage) => {
    expectEqual(await stage.storage.readWindow(stage.id, [1, -1]), { trials: [], seq: 1 }, "window");
  }),

  onOneHandle("what was returned does not change with the study", async (stage) => {
    const ref = await stage.running({ seeds: [1, 2] });
    await stage.storage.report(ref, [report(1)]);
    const { storage, id } = stage;
    const returned = {
      record: await storage.getStudy(id),
      trial: await stage.trial(ref.trial),
      trials: await storage.getTrials(id),
      reports: await storage.getReports(id, ref.trial),
      checkpoints: await storage.getCheckpoints(id, ref.trial, 0),
      decisions: await storage.getDecisions(id, ref.trial),
      events: await storage.eventsAfter(id, 0, 100),
      open: await storage.openReplicates(id),
      window: await storage.readWindow(id, [1]),
    };
    const before = JSON.stringify(returned);
    await storage.report(ref, [report(2)]);
    await storage.addCheckpoint(ref, { step: 2, location: "x" });
    await storage.decide(ref, 2, { kind: "stop", why: { code: "median" } });
    await storage.end(ref, stoppedEnd(1));
    await storage.annotate(id, ref.trial, ["tag"]);
    await stage.add();
    expectEqual(JSON.stringify(returned), before, "what was returned earlier");
  }),

  onOneHandle("changing what was returned or passed in changes nothing stored", async (stage) => {
    const { storage, id } = stage;
    const config = { lr: 0.1 };
    const note = { theta: [1, 2] };
    const metrics = { loss: 1 };
    const ref = await stage.running({ config, note, fixed: { ...config } });
    await storage.report(ref, [{ step: 1, fidelity: 1, metrics }]);
    await storage.addCheckpoint(ref, { step: 1, location: "x" });
    const before = await stage.everything();
    config.lr = 9;
    note.theta[0] = 9;
    metrics.loss = 9;
    vandalise(await storage.getStudy(id));
    vandalise(await storage.getTrials(id));
    vandalise(await storage.getReports(id, ref.trial));
    vandalise(await storage.getCheckpoints(id, ref.trial, 0));
    vandalise(await storage.eventsAfter(id, 0, 100));
    vandalise(await storage.openReplicates(id));
    vandalise(await storage.readWindow(id, [1]));
    const after = await stage.everything();
    expectEqual(after, before, "stored");
    expectTrue((await stage.trial(ref.trial)).config.lr === 0.1, "the stored lr");
  }),
];

/** Changes every member that can be changed. */
function vandalise(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    vandalise((value as Record<string, unknown>)[key]);
    Reflect.set(value, key, "vandalised");
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.push("vandalised");
}
