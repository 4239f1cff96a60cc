import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStorage, importStudy, type JsonObject, type Trial } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../cli-error.ts";
import { clone } from "./clone.ts";
import { deleteStudy } from "./delete.ts";
import { exportStudyCommand } from "./export.ts";
import { capturedContext, hostileName, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";

describe("clone", () => {
  test("makes a study with the same problem and settings and without trials", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const context = capturedContext();
    expect(await clone(context, storage, { study: "digits", name: "digits 2" })).toBe(0);
    expect(context.lines).toEqual(["made digits 2 like digits, without trials"]);
    const [copy, source] = await storage.listStudies();
    expect([copy.name, copy.state, copy.trialCount]).toEqual(["digits 2", "active", 0]);
    expect([copy.problem, copy.settings]).toEqual([source.problem, source.settings]);
    await expect(clone(context, storage, { study: "digits", name: "digits 2" })).rejects.toThrow(
      new UsageError("there is a study named digits 2 already"),
    );
  });

  test("with trials: the finished ones come along with config, values, reports and reasons", async () => {
    const storage = stageStorage();
    const sourceId = await scriptedStudy(threeTrials, { storage });
    await clone(capturedContext(), storage, { study: "digits", name: "copy", withTrials: true });
    const [copy] = await storage.listStudies();
    const told = ({ number, state, config, values, metrics, fidelity, reason, message }: Trial) => ({
      number,
      state,
      config,
      values,
      metrics,
      fidelity,
      reason,
      message,
    });
    expect((await storage.getTrials(copy.id)).map(told)).toEqual((await storage.getTrials(sourceId)).map(told));
    const reports = await storage.getReports(copy.id, 1);
    expect(reports.map(({ step, metrics }) => [step, metrics.val_loss])).toEqual([
      [1, 0.8],
      [2, 0.3],
      [3, 0.1],
      [4, 0.0587],
    ]);
    expect((await storage.getTrial(copy.id, 1))?.why).toEqual({ code: "cloned", trial: 1 });
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const json = capturedContext({ json: true });
    await clone(json, storage, { study: "digits", name: "a", withTrials: true });
    expect(JSON.parse(json.lines[0])).toMatchObject({ study: "a", clonedFrom: "digits", trials: 3 });
    const chinese = capturedContext({ language: "zh" });
    await clone(chinese, storage, { study: "digits", name: "b" });
    expect(chinese.lines).toEqual(["已按 digits 建立 b，不含试验"]);
  });
});

describe("delete", () => {
  test("asks in a terminal; a no keeps everything", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const context = capturedContext({ isTerminal: true });
    const questions: string[] = [];
    const ask = (answer: boolean) => async (question: string) => questions.push(question) > 0 && answer;
    expect(await deleteStudy(context, storage, { study: "digits", ask: ask(false) })).toBe(1);
    expect(await storage.listStudies()).toHaveLength(1);
    expect(await deleteStudy(context, storage, { study: "digits", ask: ask(true) })).toBe(0);
    expect(await storage.listStudies()).toHaveLength(0);
    expect(questions).toEqual(["Delete digits with its 3 trials?", "Delete digits with its 3 trials?"]);
    expect(context.lines).toEqual(["nothing was deleted", "deleted digits (3 trials); its files stay until they are purged"]);
  });

  test("without a terminal it needs --yes; one that is being run is not deleted", async () => {
    const storage = stageStorage();
    const id = await scriptedStudy([], { storage, name: hostileName });
    const context = capturedContext();
    await expect(deleteStudy(context, storage, { study: hostileName })).rejects.toThrow(
      /^to delete without being asked: tunesmith delete \$'\\x1b\[31mred/,
    );
    const lock = await storage.acquireRunner(id);
    expect(await deleteStudy(context, storage, { study: hostileName, yes: true })).toBe(1);
    expect(context.warnings[0]).toMatch(/^\\x1b\[31mred.* is being run; stop it first: tunesmith stop \$'/);
    await lock?.release();
    const json = capturedContext({ json: true });
    expect(await deleteStudy(json, storage, { study: hostileName, yes: true })).toBe(0);
    expect(JSON.parse(json.lines[0])).toEqual({ study: hostileName, id, deleted: true });
  });

  test("in Chinese", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const context = capturedContext({ language: "zh" });
    await deleteStudy(context, storage, { study: "digits", yes: true });
    expect(context.lines).toEqual(["已删除 digits（3 个试验）；文件在清除前仍保留"]);
  });
});

describe("export", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "export-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("writes JSON from which the study can be made again", async () => {
    const storage = stageStorage();
    const id = await scriptedStudy(threeTrials, { storage });
    const context = capturedContext();
    expect(await exportStudyCommand(context, storage)).toBe(0);
    const other = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "other" });
    await importStudy(other, JSON.parse(context.lines.join("")) as JsonObject);
    expect(await other.getTrials(id)).toEqual(await storage.getTrials(id));
  });

  test("into a file for its owner only; one that is there is kept unless forced", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const out = join(folder, "trials.csv");
    const context = capturedContext();
    await exportStudyCommand(context, storage, { csv: true, out });
    expect(context.lines).toEqual([`wrote ${out}`]);
    expect((await readFile(out, "utf8")).split("\n").map((line) => line.split(",").slice(0, 4).join(","))).toEqual([
      "number,state,val_loss,fidelity",
      "0,complete,0.4,4",
      "1,complete,0.0587,4",
      "2,failed,,",
      "",
    ]);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    await expect(exportStudyCommand(context, storage, { out })).rejects.toThrow(
      new UsageError(`${out} is there already; --force replaces it`),
    );
    const chinese = capturedContext({ language: "zh" });
    await exportStudyCommand(chinese, storage, { csv: true, out, force: true });
    expect(chinese.lines).toEqual([`已写入 ${out}`]);
  });
});
