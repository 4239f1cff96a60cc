import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boolean, categorical, createStudy, type Parameters, type Storage } from "@tunesmith/core";
import { expect, test } from "vitest";
import { UsageError } from "../cli-error.ts";
import { enqueue } from "./enqueue.ts";
import { capturedContext, digitsParameters, stageStorage } from "./testing/command-stage.ts";

const parameters: Parameters = {
  ...digitsParameters,
  batch: { type: "ordinal", values: [16, 32] },
  flag: boolean(),
  mixed: categorical([1, "1", true, "true", null, "a=b"]),
};

async function stage(trials = 10): Promise<Storage> {
  const storage = stageStorage();
  const study = await createStudy({ name: "digits", parameters, sampler: "random", seed: 1, storage, budget: { trials } });
  await study.close();
  return storage;
}

async function fixedOf(storage: Storage): Promise<unknown[]> {
  const [study] = await storage.listStudies();
  return (await storage.getTrials(study.id)).map(({ fixed }) => fixed);
}

test("values have the type of their parameter; the sampler fills the rest", async () => {
  const storage = await stage();
  const context = capturedContext();
  expect(
    await enqueue(context, storage, {
      study: "digits",
      values: ["lr=3e-3", "optimizer=adam", "layers=2", "batch=32", "flag=true"],
    }),
  ).toBe(0);
  expect(context.lines).toEqual([
    "queued #0   lr 0.003   optimizer adam   layers 2   batch 32   flag true   the sampler fills the rest",
    "nobody runs digits now; start with: tunesmith resume digits",
  ]);
  expect(await fixedOf(storage)).toEqual([{ lr: 0.003, optimizer: "adam", layers: 2, batch: 32, flag: true }]);
});

test.each([
  ["mixed=1", 1],
  ['mixed="1"', "1"],
  ["mixed=true", true],
  ['mixed="true"', "true"],
  ["mixed=null", null],
  ["mixed=a=b", "a=b"],
  ["batch=32.0", 32],
  ["lr=1e-1", 0.1],
  ["flag=false", false],
])("%s is %j", async (word, value) => {
  const storage = await stage();
  await enqueue(capturedContext(), storage, { study: "digits", values: [word] });
  expect(await fixedOf(storage)).toEqual([{ [word.split("=")[0]]: value }]);
});

test("everything that is wrong is said at once, and nothing is queued", async () => {
  const storage = await stage();
  const values = ["lrr=1", "lr=12", "layers=2.5", "layers=3", "optimizer=adem", "rubbish", "flag=yes\u001b[0m"];
  const error = await enqueue(capturedContext(), storage, { study: "digits", values }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).lines).toEqual([
    "enqueue: 6 faults, nothing was queued",
    "  lrr        unknown; did you mean lr?",
    "  layers     layers is given twice",
    "             rubbish is no name=value",
    "  lr         is 12, outside [0.00001, 0.1]",
    '  optimizer  is "adem"; allowed: "adam", "sgd"; did you mean adam?',
    '  flag       is "yes\\u001b[0m"; allowed: false, true',
  ]);
  expect(await fixedOf(storage)).toEqual([]);
});

test("several configs come from a file; their faults name the place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "enqueue-"));
  try {
    const storage = await stage();
    const file = join(folder, "configs.json");
    await writeFile(file, '[{"lr": 0.01}, {"optimizer": "sgd", "momentum": 0.5}]');
    const context = capturedContext({ json: true });
    await enqueue(context, storage, { study: "digits", file });
    expect(context.lines).toEqual([
      '{"trial":0,"config":{"lr":0.01}}',
      '{"trial":1,"config":{"optimizer":"sgd","momentum":0.5}}',
    ]);
    await writeFile(file, '[{"lr": 0.01}, {"lr": 5}, 7]');
    const error = (await enqueue(context, storage, { study: "digits", file }).catch((thrown: unknown) => thrown)) as UsageError;
    expect(error.lines.slice(1)).toEqual([
      "  1.lr  is 5, outside [0.00001, 0.1]",
      "  2     is 7; allowed: parameter values by name",
    ]);
    await writeFile(file, "{oops");
    await expect(enqueue(context, storage, { study: "digits", file })).rejects.toThrow(UsageError);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("beyond the budget it says how many trials there may be; without values what to write", async () => {
  const storage = await stage(1);
  await enqueue(capturedContext(), storage, { study: "digits", values: ["lr=0.01"] });
  await expect(enqueue(capturedContext(), storage, { study: "digits", values: ["lr=0.02"] })).rejects.toThrow(
    new UsageError("digits may make 1 trials, not that many more; raise budget.trials"),
  );
  await expect(enqueue(capturedContext(), storage, { study: "digits" })).rejects.toThrow(
    new UsageError("nothing to queue; write values such as lr=0.003, or --file configs.json"),
  );
});

test("in Chinese", async () => {
  const context = capturedContext({ language: "zh" });
  await enqueue(context, await stage(), { study: "digits", values: ["lr=0.01"] });
  expect(context.lines).toEqual([
    "已加入队列 #0   lr 0.01   其余由采样器补全",
    "现在没有进程在运行 digits；开始：tunesmith resume digits",
  ]);
});
