import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import {
  cancelledEnd,
  completeEnd,
  draft,
  failedEnd,
  newStudy,
  pausedEnd,
  report,
  StorageStage,
  stoppedEnd,
} from "../testing/storage-stage.ts";
import { createMemoryStorage, type MemoryStorage } from "./memory-storage.ts";
import type { Storage } from "./storage.ts";
import { exportStudy, importStudy } from "./study-json.ts";

function memory(firstId = 0): MemoryStorage {
  let studyCount = firstId;
  return createMemoryStorage({ wallClockMs: () => 1_700_000_000_000, studyId: () => `study-${studyCount++}` });
}

async function busyStudy(storage: Storage): Promise<StorageStage> {
  const stage = new StorageStage(storage, await storage.createStudy(newStudy("busy")), () => Promise.resolve(storage));
  const { id } = stage;
  await storage.reviseStudy(id, {
    problem: { p: 2 },
    settings: { s: [1] },
    definition: { file: "x" },
    silent: false,
    reason: "new",
  });
  await storage.setStudyState(id, "paused", "breaker", "all failed alike");
  await storage.addActiveTime(id, 1_234.5);
  const odd = { loss: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY, tiny: 5e-324, ["__proto__"]: 1 };
  const complete = await stage.running({ seeds: [1, 2], note: { text: "NaN" }, config: { word: "Infinity", x: 5e-324 } });
  await storage.report(complete, [{ step: 1, fidelity: 0.5, metrics: odd }, report(2)]);
  await storage.end(complete, completeEnd(1));
  await storage.end(await stage.claim(complete.trial, 1), {
    outcome: { kind: "complete", metrics: odd },
    retry: null,
    result: { values: [Number.NaN, -1], standardErrors: [Number.POSITIVE_INFINITY, 0], metrics: odd },
  });
  await storage.addReplicates(id, complete.trial, [3]);
  for (const end of [stoppedEnd(2), failedEnd(), cancelledEnd, pausedEnd, failedEnd("infra")])
    await storage.end(await stage.running(), end);
  const running = await stage.running({ target: 27 });
  await storage.report(running, [report(1), report(2)]);
  await storage.addCheckpoint(running, { step: 1, location: "a" });
  await storage.addCheckpoint(running, { step: 2, location: "b" });
  await storage.decide(running, 2, { kind: "pause", why: { code: "rung", rank: 3 } });
  await storage.annotate(id, running.trial, ["tag"]);
  await stage.add({ begin: "open", seeds: [1, 2] });
  await stage.add();
  return stage;
}

async function copied(storage: Storage, id: string): Promise<MemoryStorage> {
  const json = JSON.parse(JSON.stringify(await exportStudy(storage, id))) as JsonObject;
  const target = memory(100);
  await importStudy(target, json);
  return target;
}

test("an imported study equals the exported one in everything the storage tells", async () => {
  const original = await busyStudy(memory());
  const target = await copied(original.storage, original.id);
  const copy = new StorageStage(target, original.study, () => Promise.resolve(target));
  expect(await copy.everything()).toEqual(await original.everything());
  expect(await exportStudy(target, original.id)).toEqual(await exportStudy(original.storage, original.id));
  expect(await target.getRevision(original.id, 1)).toEqual(newStudy("busy").problem);
});

test("the same writes on the original and on the copy have the same outcomes", async () => {
  const original = await busyStudy(memory());
  const target = await copied(original.storage, original.id);
  const copy = new StorageStage(target, original.study, () => Promise.resolve(target));
  const continued = async (stage: StorageStage): Promise<object> => {
    const { storage, id } = stage;
    const { count, running } = await lastRunning(stage);
    const answers = await Promise.allSettled([
      storage.report(running, [report(2), report(3)]),
      storage.report(running, [report(1, 99)]),
      storage.decide(running, 2, { kind: "stop", why: { code: "median" } }),
      storage.addCheckpoint(running, { step: 1, location: "c" }),
      storage.end(running, completeEnd(0.5)),
      storage.fillTrial(id, count - 2, draft({ config: { x: 1 } })),
      storage.claim(id, count - 1, 0),
      storage.claim(id, 0, 2),
      storage.resume(id, 4, 81),
      storage.addTrials(id, [draft(), draft()], null, count),
      storage.setStudyState(id, "done", "stopped"),
    ]);
    const outcomes = answers.map((each) => (each.status === "fulfilled" ? each.value : (each.reason as { code: string }).code));
    return { outcomes, best: await storage.bestTrials(id, 0, "maximize", 5), all: await stage.everything() };
  };
  const onOriginal = await continued(original);
  expect(onOriginal).toMatchObject({
    outcomes: [[false, true], "conflicting-report", "wrong-state", undefined, undefined, 1, 1, 1, undefined, [9, 10], undefined],
  });
  expect(await continued(copy)).toEqual(onOriginal);
});

async function lastRunning(stage: StorageStage): Promise<{ count: number; running: ReturnType<StorageStage["ref"]> }> {
  const open = await stage.storage.openReplicates(stage.id);
  const last = open.filter((each) => each.state === "running").at(-1);
  return { count: (await stage.record()).trialCount, running: stage.ref(last?.trial ?? -1, last?.replicate, last?.attempt) };
}

test("a study with more trials and events than one page is exported whole", async () => {
  const storage = memory();
  const { id } = await storage.createStudy(newStudy("large"));
  await storage.addTrials(
    id,
    Array.from({ length: 10_001 }, () => draft()),
    null,
  );
  const target = await copied(storage, id);
  expect(await target.getStudy(id)).toEqual(await storage.getStudy(id));
  expect((await target.getTrial(id, 10_000))?.number).toBe(10_000);
  expect((await target.eventsAfter(id, 10_001, 10)).map((event) => event.trial)).toEqual([10_000]);
});

async function family(storage: Storage): Promise<StorageStage> {
  const stage = new StorageStage(storage, await storage.createStudy(newStudy("family")), () => Promise.resolve(storage));
  const parent = await stage.running();
  await storage.addCheckpoint(parent, { step: 4, location: "a" });
  await storage.end(parent, pausedEnd);
  await storage.exploit(stage.id, 0, { code: "explored" }, { ...draft(), source: "child", begin: "queued", parent: 0 }, 1);
  return stage;
}

test("a child is carried with its parent, which still keeps its checkpoint for it, and does not count in the copy either", async () => {
  const { storage, id } = await family(memory());
  const target = await copied(storage, id);
  expect(await target.getTrial(id, 1)).toEqual(await storage.getTrial(id, 1));
  expect(await target.getTrial(id, 1)).toMatchObject({ parent: { trial: 0, step: 4 }, fidelity: 4 });
  expect(await target.getStudy(id)).toMatchObject({ trialCount: 2, childCount: 1 });
  expect(await target.removeCheckpoint(id, 0, 0, 4)).toBe(false);
  expect(await target.addTrials(id, [draft()], 2)).toEqual([2]);
});

test("an export from before there were children is taken, one whose child comes before its parent is not", async () => {
  const { storage, id } = await family(memory());
  const json = JSON.parse(JSON.stringify(await exportStudy(storage, id))) as {
    trials: { trial: { parent?: { trial: number; step: number } | null } }[];
    record: { childCount?: number };
  };
  json.trials[1].trial.parent = { trial: 1, step: 4 };
  await expect(importStudy(memory(), json as unknown as JsonObject)).rejects.toMatchObject({ code: "invalid-input" });
  delete json.record.childCount;
  for (const { trial } of json.trials) delete trial.parent;
  const target = memory();
  expect(await importStudy(target, json as unknown as JsonObject)).toMatchObject({ trialCount: 2, childCount: 0 });
  expect((await target.getTrial(id, 1))?.parent).toBeNull();
});

test("a name or an id that is taken is refused", async () => {
  const storage = memory();
  const { id } = await storage.createStudy(newStudy("here"));
  const json = await exportStudy(storage, id);
  await expect(importStudy(storage, json)).rejects.toMatchObject({ code: "study-exists" });
  await storage.deleteStudy(id);
  await expect(importStudy(storage, json)).rejects.toMatchObject({ code: "study-exists" });
});

test("what is no export of this format and version is refused and makes no study", async () => {
  const storage = memory();
  const { id } = await storage.createStudy(newStudy("here"));
  await storage.addTrials(id, [draft()], null);
  const json = await exportStudy(storage, id);
  const damaged: readonly JsonObject[] = [
    {},
    { ...json, format: "other" },
    { ...json, version: 2 },
    { ...json, record: null },
    { ...json, trials: null },
    { ...json, trials: [null] },
    { ...json, trials: [{ trial: { state: "odd" } }] },
    { ...json, trials: [] },
    { ...json, events: [] },
  ];
  const target = memory();
  for (const each of damaged) await expect(importStudy(target, each)).rejects.toMatchObject({ code: "invalid-input" });
  expect(await target.listStudies()).toEqual([]);
});

test("a study that is not there cannot be exported", async () => {
  await expect(exportStudy(memory(), "none")).rejects.toMatchObject({ code: "study-not-found" });
});
