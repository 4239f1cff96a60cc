import type { ChildDraft } from "../storage/storage.ts";
import type { AttemptRef } from "../trial/trial.ts";
import { expectEqual, expectRefusal, expectTrue } from "./contract-assertions.ts";
import {
  type ContractCase,
  completeEnd,
  draft,
  failedEnd,
  onOneHandle,
  onTwoHandles,
  pausedEnd,
  releasedEnd,
  report,
  type StorageStage,
} from "./storage-stage.ts";

const why = Object.freeze({ code: "explored", rank: 4, of: 4 });

function childDraft(parent: number, changes: Partial<ChildDraft> = {}): ChildDraft {
  return { ...draft({ config: { lr: 0.2 }, bracket: 3, target: 20 }), source: "child", begin: "queued", parent, ...changes };
}

/** A trial that has saved checkpoints at these steps and is paused. */
async function savedAndPaused(stage: StorageStage, ...steps: readonly number[]): Promise<AttemptRef> {
  const ref = await stage.running();
  for (const step of steps) await stage.storage.addCheckpoint(ref, { step, location: `trial ${ref.trial} step ${step}` });
  await stage.storage.end(ref, pausedEnd);
  return ref;
}

/** A paused member (0), its parent to be (1), and a child (2) that waits, from step 10 of the parent. */
async function family(stage: StorageStage, changes: Partial<ChildDraft> = {}): Promise<void> {
  await stage.paused();
  await savedAndPaused(stage, 5, 10);
  await stage.storage.exploit(stage.id, 0, why, childDraft(1, changes), 2);
}

async function stepsOf(stage: StorageStage, trial: number): Promise<readonly number[]> {
  return (await stage.storage.getCheckpoints(stage.id, trial, 0)).map(({ step }) => step);
}

/** Children: trials that begin from a checkpoint of another one. */
export const childCases: readonly ContractCase[] = [
  onOneHandle("an exploit ends the paused trial and makes its child in one write", async (stage) => {
    await stage.paused({ seeds: [1, 2] });
    const { storage, id } = stage;
    const second = await stage.claim(0, 1);
    await storage.end(second, pausedEnd);
    await savedAndPaused(stage, 10);
    let parent: unknown;
    const events = await stage.eventsOf(async () => {
      parent = await storage.exploit(id, 0, why, childDraft(1), 2);
    });
    expectEqual(parent, { trial: 1, step: 10 }, "parent");
    expectEqual(events, ["trial-finished 0/-/- -", "trial-added 2/-/- -"], "events");
    const member = await stage.trial(0);
    expectEqual(
      [member.state, member.stopWhy, member.values, member.replicates.map(({ state }) => state)],
      ["stopped", { ...why, code: "exploited", parent: 1, step: 10, child: 2 }, null, ["stopped", "stopped"]],
      "member",
    );
    expectEqual([member.finishedSeq, (await stage.record()).seq], [member.finishedSeq, (member.finishedSeq ?? 0) + 1], "order");
    const child = await stage.trial(2);
    expectEqual(
      [child.state, child.source, child.parent, child.config, child.bracket, child.fidelity, child.replicates[0].target],
      ["queued", "child", { trial: 1, step: 10 }, { lr: 0.2 }, 3, 10, 20],
      "child",
    );
    expectEqual([(await stage.trial(1)).state, (await stage.trial(1)).parent], ["paused", null], "parent trial");
    expectEqual(
      (await storage.openReplicates(id)).map(({ trial, state }) => [trial, state]),
      [[2, "queued"]],
      "open",
    );
  }),

  onOneHandle("a child begun as claimed runs its first attempt at once", async (stage) => {
    await stage.paused();
    await savedAndPaused(stage, 10);
    const events = await stage.eventsOf(() => stage.storage.exploit(stage.id, 0, why, childDraft(1, { begin: "claimed" }), 2));
    expectEqual(events, ["trial-finished 0/-/- -", "trial-added 2/-/- -", "claimed 2/0/1 -"], "events");
    const { state, startedAt, replicates } = await stage.trial(2);
    expectTrue(state === "running" && startedAt !== null && replicates[0].attempt === 1, "a running child");
  }),

  onOneHandle(
    "a child begins from the parent's newest checkpoint, by when it was added, among those that are on record",
    async (stage) => {
      const { storage, id } = stage;
      await savedAndPaused(stage, 30, 10, 20);
      await storage.removeCheckpoint(id, 0, 0, 20);
      expectEqual(await storage.exploit(id, null, why, childDraft(0), 1), { trial: 0, step: 10 }, "parent");
    },
  ),

  onOneHandle("a child of several replicates begins where each of them finds a checkpoint", async (stage) => {
    const { storage, id } = stage;
    const first = await stage.running({ seeds: [1, 2] });
    const second = await stage.claim(0, 1);
    for (const step of [5, 10, 15]) await storage.addCheckpoint(first, { step, location: "first" });
    await stage.expectNoEffect("wrong-state", "one without", () =>
      storage.exploit(id, null, why, childDraft(0, { seeds: [1, 2] }), 1),
    );
    for (const step of [5, 10]) await storage.addCheckpoint(second, { step, location: "second" });
    expectEqual(
      await storage.exploit(id, null, why, childDraft(0, { seeds: [1, 2] }), 1),
      { trial: 0, step: 10 },
      "of two replicates",
    );
    expectEqual(await storage.exploit(id, null, why, childDraft(0), 2), { trial: 0, step: 15 }, "of one replicate");
  }),

  onOneHandle("a child that takes nobody's place ends nobody, whatever has become of its parent", async (stage) => {
    const { storage, id } = stage;
    const parent = await stage.running();
    await storage.addCheckpoint(parent, { step: 10, location: "x" });
    await storage.exploit(id, null, why, childDraft(0), 1);
    await storage.end(parent, completeEnd(1));
    const events = await stage.eventsOf(() => storage.exploit(id, null, why, childDraft(0), 2));
    expectEqual(events, ["trial-added 2/-/- -"], "events");
    const { stateCounts, trialCount, childCount } = await stage.record();
    expectEqual([stateCounts.complete, stateCounts.queued, trialCount, childCount], [1, 2, 3, 2], "counts");
  }),

  onOneHandle("a trial can be its own child's parent", async (stage) => {
    const { storage, id } = stage;
    await savedAndPaused(stage, 10);
    await storage.exploit(id, 0, why, childDraft(0), 1);
    expectEqual([(await stage.trial(0)).state, (await stage.trial(1)).parent], ["stopped", { trial: 0, step: 10 }], "trials");
  }),

  onOneHandle("an exploit is refused without effect unless the member is paused", async (stage) => {
    const { storage, id } = stage;
    await savedAndPaused(stage, 10);
    const queued = await stage.add();
    const { trial: running } = await stage.running();
    const complete = await stage.complete(1);
    const cancelled = await stage.add();
    await storage.cancel(id, cancelled);
    const resumed = (await stage.paused()).trial;
    await storage.resume(id, resumed, 20);
    const { trialCount: next } = await stage.record();
    for (const trial of [queued, running, complete, cancelled, resumed])
      await stage.expectNoEffect("wrong-state", `member ${trial}`, () => storage.exploit(id, trial, why, childDraft(0), next));
  }),

  onOneHandle(
    "an exploit is refused without effect where there is no parent's checkpoint, no trial, or another number",
    async (stage) => {
      const { storage, id } = stage;
      await stage.paused();
      await savedAndPaused(stage, 10);
      await stage.paused();
      const refused = (trial: number | null, parent: number, next: number) => () =>
        storage.exploit(id, trial, why, childDraft(parent), next);
      await stage.expectNoEffect("wrong-state", "no checkpoint", refused(0, 2, 3));
      await storage.removeCheckpoint(id, 1, 0, 10);
      await stage.expectNoEffect("wrong-state", "a removed checkpoint", refused(0, 1, 3));
      await storage.resume(id, 1, 20);
      await storage.addCheckpoint(await stage.claim(1), { step: 20, location: "x" });
      await stage.expectNoEffect("trial-not-found", "no member", refused(9, 1, 3));
      await stage.expectNoEffect("trial-not-found", "no parent", refused(0, 9, 3));
      await stage.expectNoEffect("wrong-state", "a number that is taken", refused(0, 1, 2));
      await stage.expectNoEffect("wrong-state", "a number too far", refused(0, 1, 4));
      await stage.expectNoEffect("invalid-input", "text that cannot be stored", () =>
        storage.exploit(id, 0, { code: "\ud800" }, childDraft(1), 3),
      );
      await expectRefusal(storage.exploit("none", 0, why, childDraft(1), 3), "study-not-found", "an unknown study");
      await storage.exploit(id, 0, why, childDraft(1), 3);
    },
  ),

  onOneHandle("of parallel exploits of one member exactly one wins", async (stage) => {
    await stage.paused();
    await savedAndPaused(stage, 10);
    const exploits = Array.from({ length: 20 }, () => stage.storage.exploit(stage.id, 0, why, childDraft(1), 2));
    const won = (await Promise.allSettled(exploits)).filter(({ status }) => status === "fulfilled");
    expectEqual([won.length, (await stage.record()).trialCount], [1, 3], "winners, trials");
  }),

  onOneHandle("children do not count against the trial budget", async (stage) => {
    const { storage, id } = stage;
    await family(stage);
    await storage.exploit(id, 1, why, childDraft(1), 3);
    expectEqual(await storage.addTrials(id, [draft()], 3), [4], "the third trial");
    await stage.expectNoEffect("budget-spent", "the fourth trial", () => storage.addTrials(id, [draft()], 3));
    const { trialCount, childCount } = await stage.record();
    expectEqual([trialCount, childCount], [5, 2], "counts");
  }),

  onOneHandle(
    "a child's fidelity starts at its parent's step, and the totals count only what it trained itself",
    async (stage) => {
      const { storage, id } = stage;
      await family(stage, { begin: "claimed" });
      expectEqual((await storage.getTotals(id, "minimize")).fidelitySum, 0, "sum before its first report");
      const ref = stage.ref(2);
      await storage.report(ref, [report(7)]);
      expectEqual((await stage.trial(2)).fidelity, 10, "after it has begun anew");
      await storage.report(ref, [report(11), report(14)]);
      expectEqual((await stage.trial(2)).fidelity, 14, "after it went on");
      await storage.end(ref, completeEnd(1));
      expectEqual((await storage.getTotals(id, "minimize")).fidelitySum, 4, "sum");
    },
  ),

  onOneHandle("a checkpoint cannot be removed while a child may begin from it", async (stage) => {
    const { storage, id } = stage;
    await family(stage);
    const remove = (step: number): Promise<boolean> => storage.removeCheckpoint(id, 1, 0, step);
    expectEqual([await remove(5), await remove(10), await remove(99)], [true, false, true], "while the child waits");
    const first = await stage.claim(2);
    expectEqual(await remove(10), false, "while it runs");
    await storage.end(first, failedEnd("infra"));
    expectEqual(await remove(10), false, "while it waits for its next try");
    const next = await stage.claim(2);
    await storage.end(next, pausedEnd);
    expectEqual(await remove(10), false, "while it is paused");
    await storage.resume(id, 2, 30);
    const last = await stage.claim(2);
    expectEqual(await stepsOf(stage, 1), [10], "checkpoints of the parent");
    await storage.addCheckpoint(last, { step: 11, location: "own" });
    expectEqual([await remove(10), await stepsOf(stage, 1)], [true, []], "once it has its own");
  }),

  onOneHandle("the end of a child gives its parent's checkpoint free", async (stage) => {
    const { storage, id } = stage;
    await family(stage, { begin: "claimed" });
    await storage.exploit(id, 1, why, childDraft(1), 3);
    await storage.end(stage.ref(2), failedEnd());
    expectEqual(await storage.removeCheckpoint(id, 1, 0, 10), false, "while its sibling waits");
    await storage.cancel(id, 3);
    expectEqual(await storage.removeCheckpoint(id, 1, 0, 10), true, "after both have ended");
  }),

  onOneHandle("each replicate of a child keeps the checkpoint of its own index", async (stage) => {
    const { storage, id } = stage;
    const parent = [await stage.running({ seeds: [1, 2] }), await stage.claim(0, 1)];
    for (const ref of parent) await storage.addCheckpoint(ref, { step: 10, location: "x" });
    await storage.exploit(id, null, why, childDraft(0, { seeds: [1, 2], begin: "claimed" }), 1);
    await storage.addCheckpoint(stage.ref(1), { step: 12, location: "own" });
    expectEqual(
      [await storage.removeCheckpoint(id, 0, 0, 10), await storage.removeCheckpoint(id, 0, 1, 10)],
      [true, false],
      "removed",
    );
  }),

  onOneHandle("a child lives on like every trial", async (stage) => {
    const { storage, id } = stage;
    await family(stage);
    const ref = await stage.claim(2);
    await storage.end(ref, releasedEnd());
    const again = await stage.claim(2);
    await storage.addCheckpoint(again, { step: 15, location: "own" });
    await storage.end(again, pausedEnd);
    await storage.exploit(id, 2, why, childDraft(2), 3);
    const [member, child] = [await stage.trial(2), await stage.trial(3)];
    expectEqual([member.state, member.parent], ["stopped", { trial: 1, step: 10 }], "member");
    expectEqual([child.parent, child.fidelity], [{ trial: 2, step: 15 }, 15], "child of a child");
  }),

  onTwoHandles("another handle finds the family and its counts", async (stage) => {
    await family(stage);
    const other = await stage.reopen();
    expectEqual((await other.getTrial(stage.id, 2))?.parent, { trial: 1, step: 10 }, "parent");
    expectEqual((await other.getStudy(stage.id))?.childCount, 1, "childCount");
    expectEqual(
      (await other.getTrials(stage.id)).map(({ parent }) => parent?.trial ?? null),
      [null, null, 1],
      "parents",
    );
    expectEqual(await other.removeCheckpoint(stage.id, 1, 0, 10), false, "removed");
    expectEqual(await other.addTrials(stage.id, [draft()], 3), [3], "the third trial");
    await expectRefusal(stage.storage.addTrials(stage.id, [draft()], 3), "budget-spent", "the fourth trial");
  }),
];
