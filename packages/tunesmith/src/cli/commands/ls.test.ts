import { expect, test } from "vitest";
import { ls } from "./ls.ts";
import {
  capturedContext,
  digitsParameters,
  hostileName,
  laterMs,
  raiseBudget,
  scriptedStudy,
  stageStorage,
  threeTrials,
} from "./testing/command-stage.ts";

test("without studies it teaches how to begin", async () => {
  const context = capturedContext();
  expect(await ls(context, stageStorage())).toBe(0);
  expect(context.lines).toEqual(["no studies here yet; begin with: tunesmith init   ·   tunesmith demo"]);
});

test("one line per study, newest first: state, progress, best, when, what is worth knowing", async () => {
  const storage = stageStorage();
  const digits = await scriptedStudy(threeTrials, { storage });
  const paused = await scriptedStudy(threeTrials, { storage, name: "xgb" });
  await raiseBudget(storage, paused, 5);
  await storage.setStudyState(paused, "paused", "breaker", "exit code 1, ModuleNotFoundError: No module named 'torch'");
  const running = await scriptedStudy([], { storage, name: "resnet", budget: {} });
  const lock = await storage.acquireRunner(running);
  await storage.setStudyState(digits, "done", "stopped");
  const context = capturedContext();
  await ls(context, storage, { nowMs: laterMs });
  expect(context.lines).toEqual([
    "study   state    trials  best       when     note",
    "resnet  running  0                  now",
    "xgb     paused   3/5     0.0587 #1  2 m ago  exit code 1, ModuleNotFoundError: No module named 'torch', …",
    "digits  done     3/3     0.0587 #1  2 m ago  stopped by hand, 1 failed",
  ]);
  await lock?.release();
});

test("an active study that nobody runs waits; hostile names stay in their column", async () => {
  const storage = stageStorage();
  await scriptedStudy([], { storage, name: hostileName });
  const context = capturedContext();
  await ls(context, storage, { nowMs: laterMs });
  expect(context.lines).toEqual([
    "study                           state    trials  best  when     note",
    "\\x1b[31mred\\x07 \\x202ertl lin…  waiting  0             2 m ago",
  ]);
});

test("as JSON: one line per study, not finite values as text", async () => {
  const storage = stageStorage();
  await scriptedStudy([{ config: threeTrials[0].config, values: [Infinity] }], { storage, fidelity: null });
  const context = capturedContext({ json: true });
  await ls(context, storage);
  expect(context.lines).toHaveLength(1);
  expect(JSON.parse(context.lines[0])).toMatchObject({
    study: "digits",
    state: "done",
    best: null,
    trials: { complete: 1, made: 1, budget: 1 },
  });
});

test("a table in Chinese keeps its columns", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage, parameters: digitsParameters });
  const context = capturedContext({ language: "zh" });
  await ls(context, storage, { nowMs: laterMs });
  expect(context.lines).toEqual([
    "研究    状态    试验  最优       时间      备注",
    "digits  已完成  3/3   0.0587 #1  2 分钟前  1 个失败",
  ]);
});
