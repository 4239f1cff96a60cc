import { describe, expect, test } from "vitest";
import { compose, createMemoryStorage, type Host, none, random, type Storage, webHost } from "../index.ts";
import type { JsonObject } from "../json.ts";
import { float } from "../parameters/build-parameter.ts";
import { compileProblem, problemJson } from "../trial/problem-json.ts";
import { type Budget, type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import { StudySession } from "./study-session.ts";

const host: Host = { ...webHost(), monotonicMs: () => 0 };
const enqueued = {
  revision: 1,
  historySeq: 0,
  source: "enqueued",
  config: { x: 0.5 },
  fixed: { x: 0.5 },
  note: null,
  bracket: 0,
  target: null,
  seeds: [1],
  why: null,
  begin: "open",
} as const;

/** A session whose storage lets another process act right before a method's first call. */
async function stage(budget: Budget = {}) {
  const whole = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  const hand = whole.connect();
  const settings: StudySettings = { ...studySettingsDefaults, budget, sampler: { type: "random" }, scheduler: { type: "none" } };
  const problem = problemJson(
    compileProblem({ parameters: { x: float(0, 1) }, objectives: [{ name: "loss", goal: "minimize" }], seed: 1 }, 1, settings),
  );
  const record = await hand.createStudy({ name: "s", problem, settings: settings as unknown as JsonObject, definition: null });
  const before = new Map<keyof Storage, () => Promise<unknown>>();
  const storage: Storage = new Proxy(whole as Storage, {
    get:
      (target, name: keyof Storage) =>
      async (...args: unknown[]) => {
        const act = before.get(name);
        before.delete(name);
        await act?.();
        return (Reflect.get(target, name) as (...args: unknown[]) => unknown).apply(target, args);
      },
  });
  const session = await StudySession.open(storage, host, record, () => compose(random(), none()));
  const enqueue = () => hand.addTrials("study", [enqueued], budget.trials ?? null);
  return { session, hand, storage, before, enqueue };
}

describe("a session whose study others use at the same time", () => {
  test("thinks again when its trial number is taken: what was enqueued comes first", async () => {
    const { session, before, enqueue, hand } = await stage();
    before.set("addTrials", enqueue);
    expect(await session.next("search")).toMatchObject({ kind: "job", job: { ref: { trial: 0 }, config: { x: 0.5 } } });
    expect(await session.next("search")).toMatchObject({ kind: "job", job: { ref: { trial: 1 } } });
    expect(await hand.getTrials("study")).toHaveLength(2);
  });

  test("never goes beyond the budget", async () => {
    const { session, before, enqueue, hand } = await stage({ trials: 1 });
    before.set("addTrials", enqueue);
    expect(await session.next("search")).toMatchObject({ kind: "job", job: { ref: { trial: 0 }, config: { x: 0.5 } } });
    expect(await session.next("search")).toEqual({ kind: "finish", cause: "trials" });
    expect(await hand.getTrials("study")).toHaveLength(1);
  });

  test.each(["claim", "fillTrial"] as const)("takes another trial when one was cancelled right before its %s", async (name) => {
    const { session, before, enqueue, hand } = await stage();
    await enqueue();
    await enqueue();
    if (name === "claim") {
      const next = await session.next("search");
      if (next.kind !== "job") throw new Error(next.kind);
      await session.end(next.job, { kind: "released", reason: "preempted" }, null);
    }
    before.set(name, () => hand.cancel("study", 0));
    expect(await session.next("search")).toMatchObject({ kind: "job", job: { ref: { trial: 1 } } });
  });

  test("gives up when what it does stays refused", async () => {
    const { session, before, hand } = await stage();
    await session.next("search");
    await hand.cancel("study", 0);
    const refuse = async (): Promise<void> => {
      before.set("addTrials", refuse);
      await hand.cancel("study", 0);
    };
    before.set("addTrials", refuse);
    await expect(session.next("search")).rejects.toMatchObject({ code: "wrong-state" });
  });
});

describe("a failed attempt that is tried again", () => {
  const lost = { kind: "failed", reason: "infra", message: "the node is gone" } as const;

  test("waits its time even for a slot that looks the moment it is queued", async () => {
    const { session, before } = await stage();
    const next = await session.next("search");
    if (next.kind !== "job") throw new Error(next.kind);
    const seen: unknown[] = [];
    before.set("end", async () => before.set("getTrial", async () => seen.push(await session.next("search"))));
    const { requeued } = await session.end(next.job, lost, null, true);
    expect([requeued, seen]).toEqual([true, [{ kind: "wait", retryAtMs: 1_000 }]]);
  });

  test("counts as queued again though another slot has claimed it since", async () => {
    const { session, before, hand } = await stage();
    const next = await session.next("search");
    if (next.kind !== "job") throw new Error(next.kind);
    before.set("end", async () => before.set("getTrial", () => hand.claim("study", 0, 0)));
    expect(await session.end(next.job, lost, null)).toMatchObject({ requeued: true, trial: { state: "running" } });
  });
});

describe("a session", () => {
  test("starts nothing once a limit is reached, neither what waits nor for who asks", async () => {
    const { session, enqueue } = await stage({ noImprovement: 1 });
    for (let i = 0; i < 2; i++) {
      const next = await session.next("search");
      if (next.kind !== "job") throw new Error(next.kind);
      await session.end(next.job, { kind: "complete", metrics: { loss: i } }, null);
    }
    await enqueue();
    expect(await session.next("search")).toEqual({ kind: "finish", cause: "no_improvement" });
    expect(await session.ask({})).toEqual({ kind: "finish", cause: "no_improvement" });
  });

  test("and its history are of one event when it suggests, though the study is revised between two readings", async () => {
    const { session, before, hand } = await stage();
    const { problem, definition, settings } = session.record;
    const allow = (trials: number) => () =>
      hand.reviseStudy("study", {
        problem,
        definition,
        settings: { ...settings, budget: { trials } },
        silent: true,
        reason: "budget",
      });
    const seen: unknown[] = [];
    session.policy = {
      ...session.policy,
      next(asked, history, context) {
        seen.push([asked.trialBudget, history.seq]);
        return compose(random(), none()).next(asked, history, context);
      },
    };
    await allow(5)();
    // The history has the revision before, and the record that is read next will have this one.
    before.set("getStudy", allow(6));
    await session.next("search");
    const { seq } = (await hand.getStudy("study")) ?? { seq: 0 };
    // The trial itself came after what was seen: added and claimed.
    expect(seen).toEqual([[6, seq - 2]]);
  });

  test("that was revised while it was opened has the newest budget", async () => {
    const { session, hand, storage, before } = await stage({ trials: 4 });
    const { record } = session;
    const { problem, definition, settings } = record;
    const change = { problem, definition, settings: { ...settings, budget: { trials: 9 } }, silent: true, reason: "budget" };
    before.set("readWindow", () => hand.reviseStudy("study", change));
    const opened = await StudySession.open(storage, host, record, () => compose(random(), none()));
    await opened.sync();
    expect([opened.problem.trialBudget, opened.settings.budget]).toEqual([9, { trials: 9 }]);
  });

  test("sees the newest budget as part of the problem", async () => {
    const { session, hand } = await stage({ trials: 4 });
    const { problem, definition, settings } = session.record;
    await hand.reviseStudy("study", {
      problem,
      definition,
      settings: { ...settings, parallel: 7, budget: { trials: 9 } },
      silent: true,
      reason: "budget",
    });
    await session.sync();
    expect([session.problem.trialBudget, session.problem.parallel, session.settings.budget]).toEqual([9, 7, { trials: 9 }]);
  });
});
