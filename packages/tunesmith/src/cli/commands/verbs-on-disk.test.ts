import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStudy, type Storage } from "@tunesmith/core";
import { expect, test } from "vitest";
import { createSqliteStorage } from "../../storage/sqlite/sqlite-storage.ts";
import { best } from "./best.ts";
import { clone } from "./clone.ts";
import { compareStudies } from "./compare.ts";
import { deleteStudy } from "./delete.ts";
import { doctor } from "./doctor.ts";
import { enqueue } from "./enqueue.ts";
import { exportStudyCommand } from "./export.ts";
import { ls } from "./ls.ts";
import { pause } from "./pause.ts";
import { retry } from "./retry.ts";
import { show } from "./show.ts";
import { stop } from "./stop.ts";
import {
  type CapturedContext,
  capturedContext,
  digitsParameters,
  hostileName,
  laterMs,
  raiseBudget,
  stageMs,
  stageStorage,
} from "./testing/command-stage.ts";
import { trials } from "./trials.ts";

/** The same study wherever it is stored. */
async function tunedStudy(storage: Storage): Promise<void> {
  const study = await createStudy({
    ...{
      name: hostileName,
      parameters: digitsParameters,
      sampler: "tpe",
      scheduler: "asha",
      seed: 4,
      storage,
      confirm: { top: 2, seeds: 2 },
    },
    ...{ objective: { name: "acc", goal: "maximize" }, fidelity: { name: "epochs", min: 1, max: 9 }, budget: { trials: 25 } },
  });
  await study.enqueue({ lr: 0.02 });
  await study.optimize(async (trial) => {
    if (trial.number === 7) throw new Error("\u001b[2Jexploded");
    for (const epoch of trial.steps()) {
      const acc = epoch === 2 && trial.number === 3 ? Number.NaN : 1 - trial.params.lr - 0.5 / epoch - trial.params.layers / 100;
      if ((await trial.report(epoch, { acc })) !== "continue") return;
    }
  });
  await study.close();
}

/** What every verb prints, one after the other. */
async function everyVerb(storage: Storage): Promise<CapturedContext> {
  await tunedStudy(storage);
  const context = capturedContext();
  const study = hostileName;
  await ls(context, storage, { nowMs: laterMs });
  await show(context, storage, { nowMs: laterMs });
  await show(context, storage, { trial: 7, nowMs: laterMs });
  await best(context, storage);
  await best(context, storage, { args: true });
  await trials(context, storage, { nowMs: laterMs });
  await trials(context, storage, { csv: true, state: "failed" });
  await raiseBudget(storage, (await storage.listStudies())[0].id, 30);
  await enqueue(context, storage, { study, values: ["lr=0.003", "optimizer=sgd"] });
  await retry(context, storage, { study });
  await clone(context, storage, { study, name: "copy", withTrials: true });
  await compareStudies(context, storage, [study, "copy"]);
  await stop(context, storage, { study, trials: ["25"] });
  await pause(context, storage, { study });
  await doctor(context, storage, { study });
  await stop(context, storage, { study });
  await doctor(context, storage, { study: "copy" });
  await exportStudyCommand(context, storage, { study, csv: true });
  await deleteStudy(context, storage, { study, yes: true });
  await ls(context, storage, { nowMs: laterMs });
  return context;
}

test("every verb prints the same on a store on disk as in memory, and nothing that a terminal would act on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "verbs-"));
  const onDisk = await createSqliteStorage({ folder, wallClockMs: () => stageMs });
  try {
    const withoutTimes = ({ lines, warnings }: CapturedContext) =>
      [...lines, ...warnings].map((line) => line.replace(/\d+(\.\d)? s\b/g, "T s").replace(/ +T/g, " T"));
    const printed = withoutTimes(await everyVerb(onDisk));
    expect(printed).toEqual(withoutTimes(await everyVerb(stageStorage())));
    expect(printed.length).toBeGreaterThan(100);
    // CSV for a program is exact; everything else is for people.
    const forPeople = printed.filter((line) => !/^\d+,failed,/.test(line));
    expect(forPeople.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(printed.filter((line) => line.includes("sound:"))).toHaveLength(2);
  } finally {
    await onDisk.close();
    await rm(folder, { recursive: true });
  }
});
