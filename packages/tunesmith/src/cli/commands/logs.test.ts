import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { attemptFolder } from "../../training/attempt-folder.ts";
import { logs } from "./logs.ts";
import { capturedContext, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "logs-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function writeLog(studyId: string, trial: number, text: string): Promise<void> {
  const { dir } = attemptFolder(home, { studyId, trial, replicate: 0, attempt: 1 });
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "output.log"), text);
}

test("what a trial printed, escapes made visible, tabs kept; only the last lines when asked", async () => {
  const storage = stageStorage();
  const id = await scriptedStudy(threeTrials, { storage });
  await writeLog(id, 1, "| epoch=1\tloss=0.5\n! \u001b[2Jwarning\u001b]8;;http://x\u0007\n# ended\n");
  const context = capturedContext({ home });
  expect(await logs(context, storage, { study: "digits", trial: 1 })).toBe(0);
  expect(context.lines).toEqual(["epoch=1\tloss=0.5", "\\x1b[2Jwarning\\x1b]8;;http://x\\x07", "ended"]);
  const tail = capturedContext({ home });
  await logs(tail, storage, { trial: 1, tail: 1 });
  expect(tail.lines).toEqual(["ended"]);
});

test("without a number it takes the newest failed trial, and says which", async () => {
  const storage = stageStorage();
  const id = await scriptedStudy([threeTrials[2], threeTrials[0]], { storage });
  await writeLog(id, 0, "! Traceback\n");
  const context = capturedContext({ home });
  await logs(context, storage);
  expect([context.warnings, context.lines]).toEqual([["#0, attempt 1"], ["Traceback"]]);
});

test("as JSON with where each line came from; nothing kept; nothing started; in Chinese", async () => {
  const storage = stageStorage();
  const id = await scriptedStudy(threeTrials, { storage });
  await writeLog(id, 0, "| a\n");
  const json = capturedContext({ home, json: true });
  await logs(json, storage, { trial: 0 });
  expect(json.lines).toEqual(['{"trial":0,"attempt":1,"from":"stdout","text":"a"}']);
  const silent = capturedContext({ home });
  expect(await logs(silent, storage, { trial: 1 })).toBe(0);
  expect(silent.warnings).toEqual(["#1 printed nothing that was kept"]);
  await scriptedStudy([], { storage, name: "empty" });
  const empty = capturedContext({ home, language: "zh" });
  expect(await logs(empty, storage, { study: "empty" })).toBe(1);
  expect(empty.warnings).toEqual(["还没有试验：用 tunesmith resume empty 开始"]);
});
