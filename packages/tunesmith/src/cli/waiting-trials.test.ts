import { cataloguePolicy, createStudy, type History, type StudyOptions, StudySession } from "@tunesmith/core";
import { expect, test } from "vitest";
import { nodeHost } from "../platform/node-host.ts";
import { digitsParameters, stageStorage } from "./commands/testing/command-stage.ts";
import { populationProgress } from "./population-progress.ts";
import { waitingTrials } from "./waiting-trials.ts";

/** The history of a study that was left after so many trainings; its trial's number and the epoch make a value. */
async function historyAfter(
  trainingCount: number,
  options: Partial<StudyOptions<typeof digitsParameters>>,
  goal: "minimize" | "maximize" = "minimize",
): Promise<History> {
  const storage = stageStorage();
  const study = await createStudy({
    ...{ name: "left", parameters: digitsParameters, sampler: "random", seed: 1, storage },
    ...{ objective: { name: "value", goal }, fidelity: { name: "epochs", min: 1, max: 9 }, ...options },
  } as StudyOptions<typeof digitsParameters>);
  const abort = new AbortController();
  let count = 0;
  await study.optimize(
    async (trial) => {
      for (const epoch of trial.steps()) {
        trial.saveCheckpoint(epoch, { epoch });
        if ((await trial.report(epoch, { value: trial.number + epoch })) !== "continue") return;
      }
      if (++count === trainingCount) abort.abort();
    },
    { signal: abort.signal },
  );
  await study.close();
  const [record] = await storage.listStudies();
  return (await StudySession.open(storage, nodeHost(), record, cataloguePolicy)).history;
}

test("the best of those that wait farthest on is ahead, not the best of all that wait", async () => {
  const history = await historyAfter(4, { scheduler: "hyperband", budget: { trials: 9 } });
  // #1 waits with a loss of 2 at the rung before.
  expect(waitingTrials(history)).toEqual({ count: 3, ahead: { trial: 0, loss: 3, fidelity: 3 } });
});

test("losses are compared, whatever the goal", async () => {
  const history = await historyAfter(4, { scheduler: "hyperband" }, "maximize");
  expect(waitingTrials(history)).toEqual({ count: 4, ahead: { trial: 3, loss: -4, fidelity: 1 } });
});

test("nothing waits where nothing is paused", async () => {
  const history = await historyAfter(2, { scheduler: "none", budget: { trials: 2 } });
  expect(waitingTrials(history)).toEqual({ count: 0, ahead: null });
});

test("a population is as far as the newest trial of each member, those that have not begun included", async () => {
  const history = await historyAfter(3, { scheduler: { type: "pbt", population: 4, interval: 3 } });
  expect(populationProgress(history, 4, 9)).toEqual({
    ...{ memberCount: 4, copyCount: 0, reached: 9, total: 36 },
    ahead: { trial: 0, loss: 3, fidelity: 3 },
  });
});

test("a copied member is as far as the checkpoint that it began from", async () => {
  const history = await historyAfter(20, { scheduler: { type: "pbt", population: 4, interval: 3 } });
  const progress = populationProgress(history, 4, 9);
  expect(progress).toMatchObject({ memberCount: 4, reached: 36, total: 36 });
  expect(progress.copyCount).toBeGreaterThan(0);
});
