import type { AttemptEnd } from "../storage/storage.ts";
import { expectEqual, expectTrue } from "./contract-assertions.ts";
import {
  type ContractCase,
  cancelledEnd,
  completeEnd,
  failedEnd,
  onOneHandle,
  pausedEnd,
  releasedEnd,
  report,
  type StorageStage,
  stoppedEnd,
} from "./storage-stage.ts";

const terminalEnds: readonly AttemptEnd[] = [completeEnd(1), stoppedEnd(2), failedEnd(), cancelledEnd];

/** Claims, ends, pauses, resumes and cancels of trials with one replicate. */
export const attemptCases: readonly ContractCase[] = [
  onOneHandle("a claim makes a queued trial run, numbers the attempt and is an event", async (stage) => {
    const number = await stage.add();
    const events = await stage.eventsOf(async () => expectEqual(await stage.storage.claim(stage.id, number, 0), 1, "attempt"));
    expectEqual(events, ["claimed 0/0/1 -"], "events");
    const { state, startedAt, replicates } = await stage.trial(number);
    expectTrue(startedAt !== null, "a start");
    expectEqual([state, replicates[0].state, replicates[0].attempt], ["running", "running", 1], "trial");
  }),

  onOneHandle("of parallel claims exactly one wins", async (stage) => {
    const number = await stage.add();
    const claims = Array.from({ length: 20 }, () => stage.storage.claim(stage.id, number, 0));
    const results = await Promise.allSettled(claims);
    expectEqual(
      results.filter((each) => each.status === "fulfilled").map((each) => each.value),
      [1],
      "attempts",
    );
  }),

  onOneHandle("only a queued replicate can be claimed", async (stage) => {
    const ref = await stage.running();
    await stage.expectNoEffect("wrong-state", "running", () => stage.storage.claim(stage.id, ref.trial, 0));
    const { trial } = await stage.paused();
    await stage.expectNoEffect("wrong-state", "paused", () => stage.storage.claim(stage.id, trial, 0));
    for (const end of terminalEnds) {
      const ended = await stage.running();
      await stage.storage.end(ended, end);
      await stage.expectNoEffect("wrong-state", end.outcome.kind, () => stage.storage.claim(stage.id, ended.trial, 0));
    }
  }),

  onOneHandle("a complete end finishes the trial with its values", async (stage) => {
    const ref = await stage.running();
    const metrics = { loss: 0.5, accuracy: 0.75 };
    const events = await stage.eventsOf(() =>
      stage.storage.end(ref, {
        outcome: { kind: "complete", metrics },
        retry: null,
        result: { values: [0.5], standardErrors: [0.1], metrics },
      }),
    );
    expectEqual(events, ["replicate-ended 0/0/1 -", "trial-finished 0/-/- -"], "events");
    const trial = await stage.trial(0);
    expectEqual([trial.state, trial.values, trial.standardErrors, trial.metrics], ["complete", [0.5], [0.1], metrics], "trial");
    expectEqual([trial.reason, trial.message, trial.stopWhy], [null, null, null], "no reasons");
    expectEqual(trial.finishedSeq, (await stage.record()).seq, "finishedSeq");
    expectTrue(trial.finishedAt !== null, "a finish");
    expectEqual([trial.replicates[0].state, trial.replicates[0].metrics], ["complete", metrics], "replicate");
  }),

  onOneHandle("a stopped end keeps why, and its values if it has some", async (stage) => {
    await stage.storage.end(await stage.running(), stoppedEnd());
    await stage.storage.end(await stage.running(), stoppedEnd(0.25));
    const [bare, valued] = await stage.storage.getTrials(stage.id);
    expectEqual([bare.state, bare.stopWhy, bare.values], ["stopped", { code: "median", step: 3 }, null], "without values");
    expectEqual([valued.state, valued.values, valued.replicates[0].metrics], ["stopped", [0.25], { loss: 0.25 }], "with values");
  }),

  onOneHandle("a final failure keeps reason and message", async (stage) => {
    const events = await stage.eventsOf(async () =>
      stage.storage.end(await stage.running(), failedEnd(null, "oom", "out of memory at 8 GiB")),
    );
    expectEqual(events.slice(2), ["replicate-ended 0/0/1 -", "trial-finished 0/-/- -"], "events");
    const trial = await stage.trial(0);
    expectEqual(
      [trial.state, trial.reason, trial.message, trial.values],
      ["failed", "oom", "out of memory at 8 GiB", null],
      "trial",
    );
    const { state, reason, message, infraRetryCount, errorRetryCount } = trial.replicates[0];
    expectEqual(
      [state, reason, message, infraRetryCount, errorRetryCount],
      ["failed", "oom", "out of memory at 8 GiB", 0, 0],
      "replicate",
    );
  }),

  onOneHandle("a failure that pays for a retry goes back to the queue and counts in its own counter", async (stage) => {
    const ref = await stage.running();
    const events = await stage.eventsOf(() => stage.storage.end(ref, failedEnd("infra", "signal", "killed")));
    expectEqual(events, ["requeued 0/0/1 -"], "events");
    const trial = await stage.trial(ref.trial);
    expectEqual([trial.state, trial.reason, trial.finishedSeq], ["queued", null, null], "trial");
    await stage.storage.end(await stage.claim(ref.trial), failedEnd("error"));
    await stage.storage.end(await stage.claim(ref.trial), failedEnd("infra", "timeout", "2 h"));
    const { state, attempt, infraRetryCount, errorRetryCount, reason, message } = await stage.replicate(ref);
    expectEqual(
      [state, attempt, infraRetryCount, errorRetryCount, reason, message],
      ["queued", 3, 2, 1, "timeout", "2 h"],
      "replicate",
    );
  }),

  onOneHandle("a new attempt forgets the reason of the last one and keeps its counters", async (stage) => {
    const ref = await stage.running();
    await stage.storage.end(ref, failedEnd("infra"));
    await stage.claim(ref.trial);
    const { reason, message, metrics, infraRetryCount, attempt } = await stage.replicate(ref);
    expectEqual([reason, message, metrics, infraRetryCount, attempt], [null, null, null, 1, 2], "replicate");
  }),

  onOneHandle("a released attempt goes back to the queue without using a retry", async (stage) => {
    const ref = await stage.running();
    const events = await stage.eventsOf(() => stage.storage.end(ref, releasedEnd("preempted")));
    expectEqual(events, ["requeued 0/0/1 -"], "events");
    const { state, infraRetryCount, errorRetryCount, reason } = await stage.replicate(ref);
    expectEqual([state, infraRetryCount, errorRetryCount, reason], ["queued", 0, 0, "preempted"], "replicate");
    expectEqual(await stage.storage.claim(stage.id, ref.trial, 0), 2, "next attempt");
  }),

  onOneHandle("the first start of a trial stays its start", async (stage) => {
    const ref = await stage.running();
    const { startedAt } = await stage.trial(ref.trial);
    await stage.storage.end(ref, releasedEnd());
    await stage.claim(ref.trial);
    expectEqual((await stage.trial(ref.trial)).startedAt, startedAt, "startedAt");
  }),

  onOneHandle("a pause is no end; resuming queues the trial with its new target", async (stage) => {
    const ref = await stage.running({ target: 3 });
    expectEqual(
      await stage.eventsOf(() => stage.storage.end(ref, pausedEnd)),
      ["replicate-ended 0/0/1 -"],
      "events of the pause",
    );
    const paused = await stage.trial(ref.trial);
    expectEqual([paused.state, paused.finishedSeq, paused.replicates[0].state], ["paused", null, "paused"], "paused");
    expectEqual(
      await stage.eventsOf(() => stage.storage.resume(stage.id, ref.trial, 9)),
      ["resumed 0/-/- 3"],
      "events of the resume",
    );
    const { state, target, attempt, infraRetryCount } = await stage.replicate(ref);
    expectEqual([state, target, attempt, infraRetryCount], ["queued", 9, 1, 0], "resumed");
    expectEqual((await stage.claim(ref.trial)).attempt, 2, "next attempt");
  }),

  onOneHandle("without a fidelity a trial is resumed without a target", async (stage) => {
    const ref = await stage.paused({ target: null });
    await stage.storage.resume(stage.id, ref.trial, null);
    const { state, target } = await stage.replicate(ref);
    expectEqual([state, target], ["queued", null], "resumed");
  }),

  onOneHandle("only a paused trial can be resumed", async (stage) => {
    const queued = await stage.add();
    await stage.expectNoEffect("wrong-state", "queued", () => stage.storage.resume(stage.id, queued, 9));
    const { trial } = await stage.running();
    await stage.expectNoEffect("wrong-state", "running", () => stage.storage.resume(stage.id, trial, 9));
    const complete = await stage.complete(1);
    await stage.expectNoEffect("wrong-state", "complete", () => stage.storage.resume(stage.id, complete, 9));
  }),

  onOneHandle("the same end again changes nothing, whatever the order of its keys", async (stage) => {
    for (const end of [...terminalEnds, pausedEnd, releasedEnd(), failedEnd("infra")]) {
      const ref = await stage.running();
      await stage.storage.end(ref, end);
      await stage.expectUnchanged(end.outcome.kind, () => stage.storage.end(ref, structuredCopy(end)));
    }
  }),

  onOneHandle("an identical end with non-finite metrics is recognised", async (stage) => {
    const ref = await stage.running();
    const end = (): AttemptEnd => ({
      outcome: { kind: "complete", metrics: { loss: Number.NaN, best: Number.NEGATIVE_INFINITY, zero: -0 } },
      retry: null,
      result: null,
    });
    await stage.storage.end(ref, end());
    await stage.expectUnchanged("repeated end", () => stage.storage.end(ref, end()));
  }),

  onOneHandle("another end of an attempt that has ended is refused", async (stage) => {
    const ends = [...terminalEnds, completeEnd(9), pausedEnd, releasedEnd(), failedEnd("infra", "signal", "killed")];
    for (const first of ends) {
      const ref = await stage.running();
      await stage.storage.end(ref, first);
      for (const second of ends) {
        if (second === first) continue;
        await stage.expectNoEffect("stale-attempt", `${second.outcome.kind} after ${first.outcome.kind}`, () =>
          stage.storage.end(ref, second),
        );
      }
    }
  }),

  onOneHandle("of parallel different ends exactly one is accepted", async (stage) => {
    const ref = await stage.running();
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => stage.storage.end(ref, completeEnd(i))));
    const won = results.findIndex((each) => each.status === "fulfilled");
    expectEqual(results.filter((each) => each.status === "fulfilled").length, 1, "accepted ends");
    expectEqual((await stage.trial(ref.trial)).values, [won], "values");
  }),

  onOneHandle("every write of an attempt that was superseded is refused without effect", async (stage) => {
    const old = await stage.running();
    await stage.storage.report(old, [report(1)]);
    await stage.storage.end(old, releasedEnd());
    await stage.claim(old.trial);
    await expectAllWritesStale(stage, old, "superseded");
    await stage.expectNoEffect("stale-attempt", "its own end again", () => stage.storage.end(old, releasedEnd()));
  }),

  onOneHandle("every write of an attempt that waits again is refused without effect", async (stage) => {
    const ref = await stage.running();
    await stage.storage.end(ref, releasedEnd());
    await expectAllWritesStale(stage, ref, "requeued");
  }),

  onOneHandle("every write of an attempt that was never given out is refused without effect", async (stage) => {
    const ref = await stage.running();
    await expectAllWritesStale(stage, { ...ref, attempt: 2 }, "future");
    await expectAllWritesStale(stage, { ...ref, attempt: 0 }, "zeroth");
    await expectAllWritesStale(stage, stage.ref(await stage.add(), 0, 0), "queued");
  }),

  onOneHandle("every write to a finished trial is refused without effect", async (stage) => {
    for (const end of terminalEnds) {
      const ref = await stage.running();
      await stage.storage.end(ref, end);
      const what = `${end.outcome.kind} trial`;
      await expectAllWritesStale(stage, ref, what, completeEnd(77));
      await stage.expectNoEffect("wrong-state", `cancel of a ${what}`, () => stage.storage.cancel(stage.id, ref.trial));
      await stage.expectNoEffect("wrong-state", `resume of a ${what}`, () => stage.storage.resume(stage.id, ref.trial, 9));
    }
  }),

  onOneHandle("a person cancels a queued, a running and a paused trial", async (stage) => {
    const queued = await stage.add();
    const running = await stage.running({ seeds: [1, 2] });
    const paused = await stage.paused();
    for (const number of [queued, running.trial, paused.trial]) {
      const events = await stage.eventsOf(() => stage.storage.cancel(stage.id, number));
      expectEqual(events, [`trial-finished ${number}/-/- -`], "events");
      const { state, finishedSeq, finishedAt, replicates, reason, values } = await stage.trial(number);
      expectEqual([state, reason, values, finishedSeq], ["cancelled", null, null, (await stage.record()).seq], "trial");
      expectTrue(finishedAt !== null, "a finish");
      expectTrue(
        replicates.every((each) => each.state === "cancelled"),
        "cancelled replicates",
      );
    }
    expectEqual(await stage.storage.openReplicates(stage.id), [], "open replicates");
  }),

  onOneHandle("after a cancel the running attempt is stale, only its cancelled end is taken as a repeat", async (stage) => {
    const ref = await stage.running();
    await stage.storage.cancel(stage.id, ref.trial);
    await expectAllWritesStale(stage, ref, "cancelled");
    await stage.expectUnchanged("its end", () => stage.storage.end(ref, cancelledEnd));
  }),

  onOneHandle("decisions are stored with the event they are", async (stage) => {
    const ref = await stage.running();
    const events = await stage.eventsOf(async () => {
      await stage.storage.decide(ref, 3, { kind: "pause", why: { code: "rung", rank: 2 } });
      await stage.storage.decide(ref, 9, { kind: "stop", why: { code: "median", median: 0.5 } });
    });
    expectEqual(events, ["decided 0/0/1 3", "decided 0/0/1 9"], "events");
    expectEqual(
      await stage.storage.getDecisions(stage.id, ref.trial),
      [
        { seq: 4, replicate: 0, attempt: 1, step: 3, decision: { kind: "pause", why: { code: "rung", rank: 2 } } },
        { seq: 5, replicate: 0, attempt: 1, step: 9, decision: { kind: "stop", why: { code: "median", median: 0.5 } } },
      ],
      "decisions",
    );
  }),

  onOneHandle("a decision on record stands: the same again is fine, another one is refused", async (stage) => {
    const ref = await stage.running();
    await stage.storage.decide(ref, 3, { kind: "stop", why: { code: "median", a: 1, b: 2 } });
    await stage.expectUnchanged("same decision", () =>
      stage.storage.decide(ref, 3, { kind: "stop", why: { b: 2, a: 1, code: "median" } }),
    );
    await stage.expectNoEffect("wrong-state", "other decision", () =>
      stage.storage.decide(ref, 3, { kind: "pause", why: { code: "rung" } }),
    );
    await stage.expectNoEffect("invalid-input", "continue", () => stage.storage.decide(ref, 4, { kind: "continue" }));
  }),

  onOneHandle("checkpoints come newest first, by when they were added", async (stage) => {
    const { storage, id } = stage;
    const ref = await stage.running();
    const events = await stage.eventsOf(async () => {
      for (const step of [5, 1, 3]) await storage.addCheckpoint(ref, { step, location: `at ${step}` });
    });
    expectEqual(events, ["checkpoint 0/0/1 5", "checkpoint 0/0/1 1", "checkpoint 0/0/1 3"], "events");
    const found = await storage.getCheckpoints(id, ref.trial, 0);
    expectEqual(
      found,
      [3, 1, 5].map((step) => ({ step, location: `at ${step}` })),
      "checkpoints",
    );
  }),

  onOneHandle("a later attempt's checkpoint of the same step replaces it and is the newest", async (stage) => {
    const { storage, id } = stage;
    const ref = await stage.running();
    await storage.addCheckpoint(ref, { step: 1, location: "a" });
    await storage.addCheckpoint(ref, { step: 2, location: "b" });
    await storage.end(ref, releasedEnd());
    await storage.addCheckpoint(await stage.claim(ref.trial), { step: 1, location: "c" });
    expectEqual(
      await storage.getCheckpoints(id, ref.trial, 0),
      [
        { step: 1, location: "c" },
        { step: 2, location: "b" },
      ],
      "checkpoints",
    );
  }),

  onOneHandle("a removed checkpoint is gone, also of a finished trial, and removing none is fine", async (stage) => {
    const { storage, id } = stage;
    const ref = await stage.running();
    for (const step of [1, 2]) await storage.addCheckpoint(ref, { step, location: "x" });
    await storage.end(ref, completeEnd(1));
    const events = await stage.eventsOf(async () => {
      expectTrue(await storage.removeCheckpoint(id, ref.trial, 0, 1), "that it is gone");
      expectTrue(await storage.removeCheckpoint(id, ref.trial, 0, 7), "that there is none");
    });
    expectEqual(events, [], "events");
    expectEqual(await storage.getCheckpoints(id, ref.trial, 0), [{ step: 2, location: "x" }], "checkpoints");
  }),
];

async function expectAllWritesStale(
  stage: StorageStage,
  ref: { studyId: string; trial: number; replicate: number; attempt: number },
  what: string,
  end: AttemptEnd = completeEnd(5),
): Promise<void> {
  const { storage } = stage;
  const writes: Record<string, () => Promise<unknown>> = {
    "new report": () => storage.report(ref, [report(8)]),
    "repeated report": () => storage.report(ref, [report(1)]),
    "no report": () => storage.report(ref, []),
    decision: () => storage.decide(ref, 1, { kind: "stop", why: { code: "median" } }),
    checkpoint: () => storage.addCheckpoint(ref, { step: 1, location: "x" }),
    end: () => storage.end(ref, end),
  };
  for (const [name, write] of Object.entries(writes)) await stage.expectNoEffect("stale-attempt", `${name}, ${what}`, write);
}

/** The same content with other objects and the keys the other way round. */
function structuredCopy<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(structuredCopy) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, structuredCopy(member)]),
  ) as Value;
}
