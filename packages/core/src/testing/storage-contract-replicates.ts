import type { AttemptEnd } from "../storage/storage.ts";
import { expectEqual } from "./contract-assertions.ts";
import {
  type ContractCase,
  cancelledEnd,
  completeEnd,
  failedEnd,
  onOneHandle,
  pausedEnd,
  releasedEnd,
  report,
  resultOf,
  type StorageStage,
  stoppedEnd,
} from "./storage-stage.ts";

/** Trials with several replicates, and confirmation. */
export const replicateCases: readonly ContractCase[] = [
  onOneHandle("a trial is complete when all its replicates are, with the result of the last end", async (stage) => {
    const refs = await threeRunning(stage);
    for (const [i, ref] of refs.entries()) {
      expectEqual((await stage.trial(ref.trial)).state, "running", `before the end of replicate ${i}`);
      const end = completeEnd(i);
      await stage.storage.end(ref, {
        ...end,
        result: i === 2 ? { values: [1], standardErrors: [0.577], metrics: { loss: 1 } } : resultOf(99),
      });
    }
    const trial = await stage.trial(refs[0].trial);
    expectEqual(
      [trial.state, trial.values, trial.standardErrors, trial.metrics],
      ["complete", [1], [0.577], { loss: 1 }],
      "trial",
    );
    expectEqual(
      trial.replicates.map((each) => each.metrics?.loss),
      [0, 1, 2],
      "replicates keep their own",
    );
  }),

  onOneHandle("a trial whose first replicate is complete while others wait is running", async (stage) => {
    const ref = await stage.running({ seeds: [1, 2] });
    await stage.storage.end(ref, completeEnd(1));
    expectEqual((await stage.trial(ref.trial)).state, "running", "state");
    expectEqual(
      (await stage.storage.openReplicates(stage.id)).map((each) => each.replicate),
      [1],
      "open replicates",
    );
  }),

  ...([failedEnd(), stoppedEnd(0.5), cancelledEnd] as const).map((end) =>
    onOneHandle(`one ${end.outcome.kind} replicate decides the trial and those that wait are not run`, async (stage) => {
      const ref = await stage.running({ seeds: [1, 2, 3] });
      const events = await stage.eventsOf(() => stage.storage.end(ref, end));
      expectEqual(events, ["replicate-ended 0/0/1 -", "trial-finished 0/-/- -"], "events");
      const { state, replicates } = await stage.trial(ref.trial);
      const waiting = end.outcome.kind === "cancelled" ? "cancelled" : "stopped";
      expectEqual(
        [state, ...replicates.map((each) => each.state)],
        [end.outcome.kind, end.outcome.kind, waiting, waiting],
        "states",
      );
      expectEqual(await stage.storage.openReplicates(stage.id), [], "open replicates");
    }),
  ),

  onOneHandle("running siblings of a decided trial may still report and end without changing the trial", async (stage) => {
    const [first, second, third] = await threeRunning(stage);
    await stage.storage.report(first, [report(1)]);
    await stage.storage.end(first, failedEnd());
    const decided = await stage.trial(first.trial);
    await stage.storage.report(second, [report(9)]);
    const events = await stage.eventsOf(async () => {
      await stage.storage.end(second, completeEnd(1));
      await stage.storage.end(third, stoppedEnd(2));
    });
    expectEqual(events, ["replicate-ended 0/1/1 -", "replicate-ended 0/2/1 -"], "events");
    const { replicates, ...after } = await stage.trial(first.trial);
    const { replicates: _, ...before } = decided;
    expectEqual(after, before, "trial");
    expectEqual(
      replicates.map((each) => each.state),
      ["failed", "complete", "stopped"],
      "replicates",
    );
  }),

  onOneHandle("running siblings of a decided trial never wait or pause again", async (stage) => {
    const ends: readonly [AttemptEnd, string][] = [
      [releasedEnd(), "stopped"],
      [pausedEnd, "stopped"],
      [failedEnd("infra"), "failed"],
      [failedEnd("error"), "failed"],
    ];
    for (const [end, expected] of ends) {
      const [first, second] = await threeRunning(stage);
      await stage.storage.end(first, stoppedEnd());
      const { seq } = await stage.record();
      await stage.storage.end(second, end);
      expectEqual(await stage.events(seq), [`replicate-ended ${first.trial}/1/1 -`], "events");
      const { state, infraRetryCount, errorRetryCount } = await stage.replicate(second);
      expectEqual([state, infraRetryCount, errorRetryCount], [expected, 0, 0], end.outcome.kind);
    }
    expectEqual(
      (await stage.storage.openReplicates(stage.id)).every((each) => each.state === "running"),
      true,
      "nothing waits",
    );
  }),

  onOneHandle("a trial is paused when none of its replicates runs or waits, and all resume", async (stage) => {
    const refs = await threeRunning(stage);
    for (const [i, ref] of refs.entries()) {
      expectEqual((await stage.trial(ref.trial)).state, "running", `before pause ${i}`);
      await stage.storage.end(ref, pausedEnd);
    }
    expectEqual((await stage.trial(refs[0].trial)).state, "paused", "all paused");
    await stage.storage.resume(stage.id, refs[0].trial, 27);
    const { state, replicates } = await stage.trial(refs[0].trial);
    expectEqual([state, ...replicates.map((each) => each.target)], ["queued", 27, 27, 27], "resumed");
    expectEqual(
      replicates.map((each) => each.state),
      ["queued", "queued", "queued"],
      "replicates",
    );
  }),

  onOneHandle("a retry of one replicate leaves its siblings running", async (stage) => {
    const [first, second] = await threeRunning(stage);
    await stage.storage.end(first, failedEnd("infra"));
    expectEqual((await stage.trial(first.trial)).state, "running", "trial");
    expectEqual((await stage.replicate(second)).state, "running", "sibling");
    expectEqual((await stage.claim(first.trial, 0)).attempt, 2, "next attempt");
  }),

  onOneHandle("attempts, reports and checkpoints of replicates are kept apart", async (stage) => {
    const [first, second] = await threeRunning(stage);
    await stage.storage.report(first, [report(1, 0.1)]);
    expectEqual(await stage.storage.report(second, [report(1, 0.2)]), [true], "same step of another replicate");
    await stage.storage.addCheckpoint(second, { step: 1, location: "second" });
    const reports = await stage.storage.getReports(stage.id, first.trial);
    expectEqual(
      reports.map((each) => [each.replicate, each.metrics.loss]),
      [
        [0, 0.1],
        [1, 0.2],
      ],
      "reports",
    );
    expectEqual(await stage.storage.getCheckpoints(stage.id, first.trial, 0), [], "checkpoints of the first");
    expectEqual(await stage.storage.getCheckpoints(stage.id, first.trial, 1), [{ step: 1, location: "second" }], "of the second");
  }),

  onOneHandle("confirmation replicates are added to complete and stopped trials as queued", async (stage) => {
    const stopped = await stage.running();
    await stage.storage.end(stopped, stoppedEnd(1));
    for (const number of [await stage.complete(1), stopped.trial]) {
      const events = await stage.eventsOf(async () => {
        expectEqual(await stage.storage.addReplicates(stage.id, number, [5, 6]), [1, 2], "indices");
      });
      expectEqual(events, [`replicates-added ${number}/-/- 1`], "events");
      const [, added] = (await stage.trial(number)).replicates;
      expectEqual(
        [added.index, added.seed, added.state, added.confirm, added.attempt, added.target],
        [1, 5, "queued", true, 0, 9],
        "replicate",
      );
    }
    const open = await stage.storage.openReplicates(stage.id);
    expectEqual(
      open.map((each) => [each.replicate, each.confirm]),
      [
        [1, true],
        [2, true],
        [1, true],
        [2, true],
      ],
      "open replicates",
    );
  }),

  onOneHandle("only complete and stopped trials can be confirmed, with at least one seed", async (stage) => {
    const refuse = (number: number, what: string): Promise<void> =>
      stage.expectNoEffect("wrong-state", what, () => stage.storage.addReplicates(stage.id, number, [1]));
    await refuse(await stage.add(), "queued");
    await refuse((await stage.running()).trial, "running");
    await refuse((await stage.paused()).trial, "paused");
    const failed = await stage.running();
    await stage.storage.end(failed, failedEnd());
    await refuse(failed.trial, "failed");
    const complete = await stage.complete(1);
    await stage.expectNoEffect("invalid-input", "no seeds", () => stage.storage.addReplicates(stage.id, complete, []));
  }),

  onOneHandle("whatever a confirmation replicate does, the trial stays as it was", async (stage) => {
    const number = await stage.complete(1);
    await stage.storage.addReplicates(stage.id, number, [1, 2, 3, 4]);
    const { replicates: _, ...before } = await stage.trial(number);
    const counts = (await stage.record()).stateCounts;
    for (const [i, end] of [completeEnd(5), failedEnd(), stoppedEnd(0.1), cancelledEnd].entries()) {
      const ref = await stage.claim(number, i + 1);
      await stage.storage.report(ref, [report(100)]);
      const events = await stage.eventsOf(() => stage.storage.end(ref, end));
      expectEqual(events, [`replicate-ended ${number}/${i + 1}/1 -`], "events");
      const { replicates, ...after } = await stage.trial(number);
      expectEqual(after, before, `trial after ${end.outcome.kind}`);
      expectEqual(replicates[i + 1].state, end.outcome.kind, "confirmation replicate");
    }
    expectEqual((await stage.record()).stateCounts, counts, "stateCounts");
    expectEqual(
      (await stage.storage.bestTrials(stage.id, 0, "minimize", 9)).map((each) => each.values),
      [[1]],
      "best",
    );
  }),

  onOneHandle("a confirmation replicate may be retried and released", async (stage) => {
    const number = await stage.complete(1);
    await stage.storage.addReplicates(stage.id, number, [1]);
    await stage.storage.end(await stage.claim(number, 1), failedEnd("infra"));
    await stage.storage.end(await stage.claim(number, 1), releasedEnd());
    const third = await stage.claim(number, 1);
    await stage.storage.end(third, completeEnd(2));
    const { state, attempt, infraRetryCount, metrics } = await stage.replicate(third);
    expectEqual([state, attempt, infraRetryCount, metrics], ["complete", 3, 1, { loss: 2 }], "replicate");
  }),
];

async function threeRunning(stage: StorageStage): Promise<readonly ReturnType<StorageStage["ref"]>[]> {
  const first = await stage.running({ seeds: [1, 2, 3] });
  return [first, await stage.claim(first.trial, 1), await stage.claim(first.trial, 2)];
}
