import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { categorical, createStudy, float, type Storage } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attemptFolder } from "../../training/attempt-folder.ts";
import { createCheckpointKeeper } from "../../training/checkpoint-keeper.ts";
import { UsageError } from "../cli-error.ts";
import { best } from "./best.ts";
import { capturedContext, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";

test("the best configuration for people: rounded, with how sure it is and where to look", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const context = capturedContext();
  expect(await best(context, storage)).toBe(0);
  expect(context.lines).toEqual([
    "best  #1   val_loss 0.0587",
    "      lr 0.00412   optimizer sgd   momentum 0.9   layers 2",
    "sure  one run: repeat it with tunesmith retry digits 1",
    "look  tunesmith best digits --args   ·   tunesmith best digits --model out/   ·   tunesmith show digits 1",
  ]);
});

test("--args gives exact values in the order they were declared, quoted for a shell", async () => {
  const storage = stageStorage();
  const parameters = { name: categorical(["it's $(here)", "\u001b[31m"]), lr: float(1e-9, 1) };
  await scriptedStudy([{ config: { lr: 1.2345678901234567e-8, name: "it's $(here)" }, values: [0.5] }], {
    storage,
    parameters,
    fidelity: null,
  });
  const context = capturedContext();
  await best(context, storage, { args: true });
  expect(context.lines).toEqual(["'--name=it'\\''s $(here)' --lr=1.2345678901234567e-8"]);
  const escaping = stageStorage();
  await scriptedStudy([{ config: { lr: 0.1, name: "\u001b[31m" }, values: [0.5] }], {
    storage: escaping,
    parameters,
    fidelity: null,
  });
  const other = capturedContext();
  await best(other, escaping, { args: true });
  expect(other.lines).toEqual(["$'--name=\\x1b[31m' --lr=0.1"]);
});

test("--params and --json give exact values as JSON", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const params = capturedContext();
  await best(params, storage, { params: true });
  expect(params.lines).toEqual(['{"lr":0.004118273,"optimizer":"sgd","momentum":0.9,"layers":2}']);
  const json = capturedContext({ json: true });
  await best(json, storage);
  expect(JSON.parse(json.lines[0])).toMatchObject({
    study: "digits",
    by: "search",
    goal: "minimize",
    best: { trial: 1, value: 0.0587, config: { lr: 0.004118273 } },
  });
  const args = capturedContext({ json: true });
  await best(args, storage, { args: true });
  expect(JSON.parse(args.lines[0])).toEqual({ args: ["--lr=0.004118273", "--optimizer=sgd", "--momentum=0.9", "--layers=2"] });
});

test("without a result: nothing to paste, the reason on standard error, exit code 1", async () => {
  const storage = stageStorage();
  await scriptedStudy([], { storage });
  const context = capturedContext();
  expect(await best(context, storage, { args: true })).toBe(1);
  expect([context.lines, context.warnings]).toEqual([[], ["no trials yet: start with tunesmith resume digits"]]);
  const chinese = capturedContext({ language: "zh" });
  await best(chinese, storage);
  expect(chinese.warnings).toEqual(["还没有试验：用 tunesmith resume digits 开始"]);
});

test("the study that is not there is refused with those that are", async () => {
  const storage = stageStorage();
  await scriptedStudy([], { storage });
  await expect(best(capturedContext(), storage, { study: "digit" })).rejects.toThrow(UsageError);
});

describe("--model", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "best-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Trial 1 of two is the better one, and saves at steps 2 and 4. */
  async function studyWithModels(): Promise<Storage> {
    const storage = stageStorage();
    const study = await createStudy({
      name: "m",
      parameters: { lr: float(0, 1) },
      sampler: "manual",
      seed: 5,
      storage,
      budget: { trials: 2 },
    });
    await study.enqueue([{ lr: 0.5 }, { lr: 0.25 }]);
    await study.optimize(async (trial) => {
      const ref = { studyId: study.id, trial: trial.number, replicate: 0, attempt: 1 };
      const files = attemptFolder(join(folder, "home"), ref);
      await mkdir(files.saveDir, { recursive: true });
      for (const step of [2, 4]) {
        const draft = join(files.saveDir, `step-${step}`);
        await mkdir(draft);
        await writeFile(join(draft, "weights.txt"), `trial ${trial.number} step ${step}`);
      }
      const keeper = createCheckpointKeeper({
        saveDir: files.saveDir,
        rule: { all: true, best: true, lastCount: 0 },
        register: (checkpoint) => storage.addCheckpoint(ref, checkpoint),
        forget: async () => true,
        onRefused: (_, message) => {
          throw new Error(message);
        },
        trainedSeconds: () => 1,
        bestStep: () => null,
        isPinned: () => false,
      });
      await keeper.lookFinally();
      return { value: trial.params.lr, note: Number.NaN };
    });
    await study.close();
    return storage;
  }

  test("puts the winner's newest checkpoint, parameters, metrics and provenance into the folder", async () => {
    const storage = await studyWithModels();
    const context = capturedContext({ home: join(folder, "home") });
    const out = join(folder, "out");
    expect(await best(context, storage, { model: out })).toBe(0);
    expect(context.lines).toEqual([`kept in ${out}: #1 as it was at step 4`]);
    expect((await readdir(out)).sort()).toEqual(["checkpoint", "metrics.json", "params.json", "provenance.json"]);
    expect(await readFile(join(out, "checkpoint", "weights.txt"), "utf8")).toBe("trial 1 step 4");
    const read = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
    expect(await read("params.json")).toEqual({ lr: 0.25 });
    expect(await read("metrics.json")).toEqual({
      objective: { name: "value", goal: "minimize", value: 0.25, standardError: null, searchValue: 0.25, confirmValues: [] },
      model: { value: 0.25, note: "NaN" },
    });
    expect(await read("provenance.json")).toMatchObject({
      study: "m",
      trial: 1,
      replicate: 0,
      attempt: 1,
      studySeed: 5,
      config: { lr: 0.25 },
      command: null,
      checkpointStep: 4,
    });
    expect((await read("provenance.json")).tunesmith).toMatch(/^\d+\.\d+\.\d+/);
  });

  test("refuses a folder that is not empty; --force replaces the model there and nothing else", async () => {
    const storage = await studyWithModels();
    const context = capturedContext({ home: join(folder, "home") });
    const out = join(folder, "out");
    await best(context, storage, { model: out });
    await writeFile(join(out, "mine.txt"), "keep me");
    await writeFile(join(out, "checkpoint", "old.txt"), "old");
    await expect(best(context, storage, { model: out })).rejects.toThrow(UsageError);
    expect(await best(context, storage, { model: out, force: true })).toBe(0);
    expect(await readdir(join(out, "checkpoint"))).toEqual(["weights.txt"]);
    expect(await readFile(join(out, "mine.txt"), "utf8")).toBe("keep me");
  });

  test("without a checkpoint, or one that is gone, it says so and writes nothing", async () => {
    const storage = await studyWithModels();
    await rm(join(folder, "home"), { recursive: true });
    const context = capturedContext({ home: join(folder, "home") });
    expect(await best(context, storage, { model: join(folder, "out") })).toBe(1);
    expect(context.warnings).toEqual(["the checkpoint of #1 at step 4 is no longer on disk, or was changed"]);
    const bare = stageStorage();
    await scriptedStudy(threeTrials, { storage: bare });
    expect(await best(context, bare, { model: join(folder, "out") })).toBe(1);
    expect(context.warnings[1]).toBe("#1 left no checkpoint: its command saved nothing below TUNESMITH_SAVE_DIR");
    expect(await readdir(folder)).toEqual([]);
  });
});
