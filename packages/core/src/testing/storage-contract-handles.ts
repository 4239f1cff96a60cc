import type { RunnerLock } from "../storage/storage.ts";
import { expectEqual, expectRefusal, expectTrue } from "./contract-assertions.ts";
import {
  type ContractCase,
  completeEnd,
  draft,
  failedEnd,
  newStudy,
  onOneHandle,
  onTwoHandles,
  pausedEnd,
  releasedEnd,
  report,
  StorageStage,
  stoppedEnd,
} from "./storage-stage.ts";

/** The order of concurrent writes, the runner lock, several handles on the same data, closing. */
export const handleCases: readonly ContractCase[] = [
  onOneHandle("a refused write beside accepted ones of the same moment undoes none of them", async (stage) => {
    const { storage, id } = stage;
    const ref = await stage.running();
    const results = await Promise.allSettled([
      storage.report(ref, [report(1)]),
      storage.addTrials(id, [draft()], 1),
      storage.report(ref, [report(2), report(1, 9)]),
      storage.addTrials(id, [draft()], null),
      storage.report({ ...ref, attempt: 5 }, [report(3)]),
      storage.createStudy(newStudy("digits")),
      storage.report(ref, [report(4)]),
      storage.end(ref, completeEnd(1)),
      storage.end(ref, failedEnd()),
    ]);
    const outcomes = results.map((each) => each.status === "fulfilled");
    expectEqual(outcomes, [true, false, false, true, false, false, true, true, false], "accepted");
    expectEqual(
      (await stage.events()).slice(3),
      ["reported 0/0/1 1", "trial-added 1/-/- -", "reported 0/0/1 4", "replicate-ended 0/0/1 -", "trial-finished 0/-/- -"],
      "events",
    );
    expectEqual(
      (await storage.getReports(id, 0)).map((each) => each.step),
      [1, 4],
      "reports",
    );
  }),

  onOneHandle("promises resolve in the order of the calls, which is that of the events", async (stage) => {
    const ref = await stage.running();
    const resolved: number[] = [];
    const calls = Array.from({ length: 50 }, async (_, i) => {
      await stage.storage.report(ref, [report(i)]);
      resolved.push(i);
    });
    await Promise.all(calls);
    expectEqual(
      resolved,
      Array.from({ length: 50 }, (_, i) => i),
      "order of resolving",
    );
    expectEqual(
      (await stage.storage.getReports(stage.id, ref.trial)).map((each) => each.step),
      resolved,
      "order of storing",
    );
  }),

  onOneHandle("a read that follows a resolved write sees it", async (stage) => {
    for (let i = 0; i < 20; i++) {
      const number = await stage.add();
      expectEqual((await stage.storage.getTrials(stage.id)).length, i + 1, "trials");
      await stage.claim(number);
      expectEqual((await stage.record()).stateCounts.running, i + 1, "running");
    }
  }),

  onOneHandle("the runner lock has one holder at a time", async ({ storage, id }) => {
    expectEqual(await storage.hasRunner(id), false, "before");
    const lock = await acquired(storage.acquireRunner(id));
    expectEqual(await storage.hasRunner(id), true, "while held");
    expectEqual(await storage.acquireRunner(id), null, "second holder");
    await lock.release();
    expectEqual(await storage.hasRunner(id), false, "after release");
    const next = await acquired(storage.acquireRunner(id));
    await lock.release();
    expectEqual(await storage.hasRunner(id), true, "an old lock released again does not release the new one");
    await next.release();
  }),

  onOneHandle("of parallel tries for the runner lock exactly one gets it", async ({ storage, id }) => {
    const locks = await Promise.all(Array.from({ length: 10 }, () => storage.acquireRunner(id)));
    expectEqual(locks.filter((lock) => lock !== null).length, 1, "holders");
  }),

  onOneHandle("studies have runner locks of their own", async ({ storage, id }) => {
    const other = await storage.createStudy(newStudy("other"));
    await acquired(storage.acquireRunner(id));
    await acquired(storage.acquireRunner(other.id));
    expectEqual(await storage.hasRunner(other.id), true, "runner of the other");
  }),

  onOneHandle("taking the runner lock returns running replicates to the queue without using a retry", async (stage) => {
    const { storage, id } = stage;
    const first = await stage.running({ seeds: [1, 2] });
    const second = await stage.running();
    await storage.report(second, [report(1)]);
    const queued = await stage.add();
    const paused = await stage.paused();
    const events = await stage.eventsOf(() => acquired(storage.acquireRunner(id)));
    expectEqual(events, [`requeued ${first.trial}/0/1 -`, `requeued ${second.trial}/0/1 -`], "events");
    const states = await Promise.all(
      [first.trial, second.trial, queued, paused.trial].map(async (number) => (await stage.trial(number)).state),
    );
    expectEqual(states, ["queued", "queued", "queued", "paused"], "states");
    const { state, attempt, reason, infraRetryCount, errorRetryCount } = await stage.replicate(second);
    expectEqual([state, attempt, reason, infraRetryCount, errorRetryCount], ["queued", 1, "lease_lost", 0, 0], "replicate");
    await stage.expectNoEffect("stale-attempt", "the lost attempt's report", () => storage.report(second, [report(2)]));
    await stage.expectNoEffect("stale-attempt", "the lost attempt's end", () => storage.end(second, completeEnd(1)));
    expectEqual((await stage.claim(second.trial)).attempt, 2, "next attempt");
  }),

  onOneHandle("taking the runner lock recovers confirmation replicates and stops siblings of decided trials", async (stage) => {
    const { storage, id } = stage;
    const complete = await stage.complete(1);
    await storage.addReplicates(id, complete, [1]);
    await stage.claim(complete, 1);
    const failed = await stage.running({ seeds: [1, 2] });
    await stage.claim(failed.trial, 1);
    await storage.end(failed, failedEnd());
    const events = await stage.eventsOf(() => acquired(storage.acquireRunner(id)));
    expectEqual(events, [`requeued ${complete}/1/1 -`, `replicate-ended ${failed.trial}/1/1 -`], "events");
    expectEqual(
      (await stage.trial(complete)).replicates.map((each) => each.state),
      ["complete", "queued"],
      "confirmed trial",
    );
    const decided = await stage.trial(failed.trial);
    expectEqual(
      [decided.state, ...decided.replicates.map((each) => each.state)],
      ["failed", "failed", "stopped"],
      "decided trial",
    );
  }),

  onOneHandle("a try for a held runner lock changes nothing", async (stage) => {
    await acquired(stage.storage.acquireRunner(stage.id));
    await stage.running();
    await stage.expectUnchanged("second try", () => stage.storage.acquireRunner(stage.id));
  }),

  onOneHandle("a closed storage refuses reads and writes, and closing again is fine", async ({ storage, id }) => {
    await storage.close();
    await expectRefusal(storage.getStudy(id), "storage-unusable", "getStudy");
    await expectRefusal(storage.getTrials(id), "storage-unusable", "getTrials");
    await expectRefusal(storage.createStudy(newStudy("new")), "storage-unusable", "createStudy");
    await expectRefusal(storage.addTrials(id, [draft()], null), "storage-unusable", "addTrials");
    await storage.close();
  }),

  onTwoHandles("what one handle wrote another reads, also after the first is closed", async (stage) => {
    const ref = await stage.running({ seeds: [1, 2], note: { n: 1 } });
    await stage.storage.report(ref, [report(1), report(2, Number.NaN)]);
    await stage.storage.addCheckpoint(ref, { step: 2, location: "x" });
    await stage.storage.decide(ref, 2, { kind: "pause", why: { code: "rung" } });
    await stage.storage.end(ref, pausedEnd);
    await stage.complete(3);
    await stage.add({ begin: "open" });
    const before = await stage.everything();
    expectEqual(await (await another(stage)).everything(), before, "beside the first");
    await stage.storage.close();
    expectEqual(await (await another(stage)).everything(), before, "after the first");
  }),

  onTwoHandles("writes through two handles are serialised: dense numbers, dense seqs, an exact budget", async (stage) => {
    const second = await another(stage);
    const calls = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? stage : second).storage.addTrials(stage.id, [draft()], 30));
    const results = await Promise.allSettled(calls);
    const numbers = results.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    expectEqual(
      numbers.sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => i),
      "numbers",
    );
    await second.expectSeqs(31);
  }),

  onTwoHandles("of claims of one replicate through two handles exactly one wins", async (stage) => {
    const second = await another(stage);
    const number = await stage.add();
    const calls = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? stage : second).storage.claim(stage.id, number, 0));
    const won = (await Promise.allSettled(calls)).filter((each) => each.status === "fulfilled");
    expectEqual(
      won.map((each) => each.value),
      [1],
      "attempts",
    );
  }),

  onTwoHandles("a cancel through another handle makes the attempt stale at once", async (stage) => {
    const second = await another(stage);
    const ref = await stage.running();
    await second.storage.cancel(stage.id, ref.trial);
    await stage.expectNoEffect("stale-attempt", "report", () => stage.storage.report(ref, [report(1)]));
  }),

  onTwoHandles("the runner lock holds against another handle until its own is closed, which then recovers", async (stage) => {
    const second = await another(stage);
    await acquired(stage.storage.acquireRunner(stage.id));
    const ref = await stage.running();
    expectEqual(await second.storage.acquireRunner(stage.id), null, "while held");
    expectEqual(await second.storage.hasRunner(stage.id), true, "seen by the other");
    expectEqual((await second.trial(ref.trial)).state, "running", "before");
    await stage.storage.close();
    expectEqual(await second.storage.hasRunner(stage.id), false, "after the holder closed");
    const lock = await acquired(second.storage.acquireRunner(stage.id));
    expectEqual((await second.trial(ref.trial)).state, "queued", "recovered");
    await lock.release();
  }),

  onTwoHandles("a change through another handle calls the watcher until it is stopped", async (stage) => {
    const second = await another(stage);
    let calls = 0;
    let wake: () => void = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const stop = stage.storage.watch(() => {
      calls++;
      wake();
    });
    await second.add();
    await woken;
    expectTrue(calls >= 1, "a call after another handle's write");
    stop();
    const callsBefore = calls;
    await second.add();
    await stage.storage.getTrials(stage.id);
    expectEqual(calls, callsBefore, "calls after the watcher was stopped");
  }),

  onTwoHandles("every kind of end is on record for a handle opened afterwards", async (stage) => {
    const ends = [completeEnd(1), stoppedEnd(2), failedEnd(), pausedEnd, releasedEnd(), failedEnd("infra")];
    const refs = [];
    for (const end of ends) {
      const ref = await stage.running();
      await stage.storage.end(ref, end);
      refs.push(ref);
    }
    await stage.storage.close();
    const second = await another(stage);
    const states = (await second.storage.getTrials(stage.id)).map((trial) => trial.state);
    expectEqual(states, ["complete", "stopped", "failed", "paused", "queued", "queued"], "states");
    for (const [i, ref] of refs.entries()) await second.expectUnchanged("repeated end", () => second.storage.end(ref, ends[i]));
  }),
];

async function acquired(lock: Promise<RunnerLock | null>): Promise<RunnerLock> {
  const held = await lock;
  if (held === null) throw new Error("runner lock: found null, expected a lock");
  return held;
}

/** The same study seen through another handle. */
async function another(stage: StorageStage): Promise<StorageStage> {
  return new StorageStage(await stage.reopen(), stage.study, () => stage.reopen());
}
