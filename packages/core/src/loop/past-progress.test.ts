import { expect, test } from "vitest";
import { createMemoryStorage } from "../index.ts";
import { createRng, type Rng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import {
  completeEnd,
  failedEnd,
  newStudy,
  pausedEnd,
  releasedEnd,
  report,
  StorageStage,
  stoppedEnd,
} from "../testing/storage-stage.ts";
import { testProblem } from "../testing/test-study.ts";
import type { Objective } from "../trial/problem.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { HistoryFeed } from "./history-feed.ts";
import { readPastEnds } from "./past-ends.ts";
import { type PastProgress, progressFromEnds, progressFromTotals } from "./past-progress.ts";

async function newStage(): Promise<StorageStage> {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  return new StorageStage(storage, await storage.createStudy(newStudy("s")), async () => storage);
}

/** Does something to one of the newest trials, or adds one. @returns Whether it was possible. */
async function act(stage: StorageStage, rng: Rng): Promise<boolean> {
  const { storage, id } = stage;
  const { trialCount } = await stage.record();
  const trial = Math.max(0, trialCount - 1 - rng.int(6));
  const replicate = rng.int(3);
  const attempt = (await storage.getTrial(id, trial))?.replicates[replicate]?.attempt ?? 1;
  const ref = stage.ref(trial, replicate, attempt);
  // Few values, so that there are ties.
  const value = [1, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][rng.int(rng.int(4) === 0 ? 7 : 4)];
  const ends = [
    completeEnd(value),
    completeEnd(value),
    stoppedEnd(value),
    failedEnd(),
    failedEnd("error"),
    pausedEnd,
    releasedEnd(),
  ];
  const actions: readonly (() => Promise<unknown>)[] = [
    () => stage.running({ seeds: [1, 2].slice(rng.int(2)) }),
    () => storage.claim(id, trial, replicate),
    () => storage.report(ref, [report(rng.int(5)), report(rng.int(9))]),
    () => storage.report(ref, [{ ...report(9), fidelity: -2 }]),
    () => storage.end(ref, ends[rng.int(ends.length)]),
    () => storage.end(ref, ends[rng.int(ends.length)]),
    () => storage.cancel(id, trial),
    () => storage.resume(id, trial, 9),
    () => storage.addReplicates(id, trial, [7]),
  ];
  try {
    await actions[rng.int(actions.length)]();
    return true;
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    return false;
  }
}

async function fromAllTrials({ storage, id }: StorageStage, objective: Objective, feed: HistoryFeed): Promise<PastProgress> {
  const trials = await storage.getTrials(id);
  const reached = trials.flatMap(({ finishedSeq, fidelity }) => (finishedSeq === null && fidelity !== null ? [fidelity] : []));
  return progressFromEnds([objective], await readPastEnds(storage, id, feed, Number.POSITIVE_INFINITY), reached);
}

function told({ progressTracker: { front, sinceBestCount, goalReached }, stepSum }: PastProgress): object {
  return { front, sinceBestCount, goalReached, stepSum };
}

test.each([
  { name: "loss", goal: "minimize", take: "last", stopAt: 1 },
  { name: "loss", goal: "maximize", take: "last", stopAt: 3 },
] as const)("progress from totals, of now or of earlier, is that from all trials: $goal", async (objective) => {
  const seen = { states: new Set<string>(), laterCount: 0, withoutBestCount: 0, withBestCount: 0 };
  for (let seed = 0; seed < 40; seed++) {
    const rng = createRng(seed, "past-progress");
    const stage = await newStage();
    const { storage, id } = stage;
    const feed = new HistoryFeed({ ...testProblem({ parameters: { lr: float(0, 1) } }), objectives: [objective] });
    for (let round = 0; round < 12; round++) {
      const totals = await storage.getTotals(id, objective.goal);
      for (let i = rng.int(30); i > 0; i--) await act(stage, rng);
      const { seq } = await stage.record();
      const known = await progressFromTotals(storage, id, objective, feed, totals, seq);
      expect(told(known)).toEqual(told(await fromAllTrials(stage, objective, feed)));
      if (totals.seq < seq) seen.laterCount++;
      if (totals.best === null) seen.withoutBestCount++;
      else seen.withBestCount++;
    }
    for (const { state } of await storage.getTrials(id)) seen.states.add(state);
  }
  // The walks reach everything.
  expect([...seen.states].sort()).toEqual(["cancelled", "complete", "failed", "paused", "queued", "running", "stopped"]);
  for (const count of [seen.laterCount, seen.withoutBestCount, seen.withBestCount]) expect(count).toBeGreaterThan(30);
});

test("a trial that had reported before the totals adds only what it gained since, its late reports nothing", async () => {
  const stage = await newStage();
  const { storage, id } = stage;
  const objective = { name: "loss", goal: "minimize", take: "last" } as const;
  const ref = await stage.running({ seeds: [1, 2] });
  const sibling = await stage.claim(ref.trial, 1);
  await storage.report(ref, [report(4)]);
  const totals = await storage.getTotals(id, "minimize");
  await storage.report(sibling, [report(3), report(6)]);
  await storage.end(ref, stoppedEnd(2));
  await storage.addReplicates(id, ref.trial, [9]);
  await storage.report(await stage.claim(ref.trial, 2), [report(8)]);
  const { seq } = await stage.record();
  const feed = new HistoryFeed(testProblem({ parameters: { lr: float(0, 1) } }));
  const { stepSum, progressTracker } = await progressFromTotals(storage, id, objective, feed, totals, seq);
  expect([totals.fidelitySum, stepSum, progressTracker.sinceBestCount]).toEqual([4, 6, 1]);
});
