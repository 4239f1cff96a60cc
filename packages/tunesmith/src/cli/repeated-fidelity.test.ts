import { cataloguePolicy, createStudy, type StudyOptions, StudySession } from "@tunesmith/core";
import { expect, test } from "vitest";
import { nodeHost } from "../platform/node-host.ts";
import { capturedContext, digitsParameters, stageStorage } from "./commands/testing/command-stage.ts";
import { repeatedFidelity } from "./repeated-fidelity.ts";
import { printRunSummary } from "./run-summary.ts";

type Options = Partial<StudyOptions<typeof digitsParameters>>;

/** A study that is done; `saves`: whether its trainings leave checkpoints to go on from. */
async function doneSession(options: Options, saves: boolean): Promise<StudySession> {
  const storage = stageStorage();
  const study = await createStudy({
    ...{ name: "done", parameters: digitsParameters, sampler: "random", seed: 1, storage },
    ...{ objective: { name: "loss", goal: "minimize" }, fidelity: { name: "epochs", min: 1, max: 9 }, ...options },
  } as StudyOptions<typeof digitsParameters>);
  await study.optimize(async (trial) => {
    for (const epoch of trial.steps()) {
      if (saves) trial.saveCheckpoint(epoch, { epoch });
      if ((await trial.report(epoch, { loss: trial.number + 1 / epoch })) !== "continue") return;
    }
  });
  await study.close();
  const [record] = await storage.listStudies();
  return StudySession.open(storage, nodeHost(), record, cataloguePolicy);
}

async function summary(session: StudySession): Promise<string> {
  const context = capturedContext();
  const training = { test: null } as Parameters<typeof printRunSummary>[4];
  await printRunSummary(context, session.storage, session, 14_000, training);
  return context.lines[0];
}

// A bracket of 9: 9 train 1 epoch, 3 of them 2 more, 1 of those 6 more: 21 in all.
const bracket: Options = { scheduler: "successive-halving", budget: { trials: 9 } };

test("what goes on from a checkpoint repeats nothing", async () => {
  const session = await doneSession(bracket, true);
  expect(session.progress().stepSum).toBe(21);
  expect(await repeatedFidelity(session)).toBe(0);
  expect(await summary(session)).toBe(
    "Done in 14 s: 9 trials, 1 to the end, 8 stopped early: 74 % fewer epochs than running these 9 to the end.",
  );
});

test("what begins anew after each pause trains again what it had, and the summary saves that much less", async () => {
  const session = await doneSession(bracket, false);
  // Three repeat 1 epoch, one of them 3 more.
  expect(await repeatedFidelity(session)).toBe(6);
  expect(await summary(session)).toBe(
    "Done in 14 s: 9 trials, 1 to the end, 8 stopped early: 67 % fewer epochs than running these 9 to the end.",
  );
});

test("of a population members, copies and epochs are told", async () => {
  const session = await doneSession({ scheduler: { type: "pbt", population: 4, interval: 3 } }, true);
  expect(await summary(session)).toMatch(/^Done in 14 s: 4 members, \d copy made, \d+ epochs in all\.$/);
});
