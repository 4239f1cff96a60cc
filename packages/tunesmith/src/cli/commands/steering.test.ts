import { createStudy, type Outcome, type Storage, type StudyRecord, type Trial } from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { pause } from "./pause.ts";
import { resume } from "./resume.ts";
import { retry } from "./retry.ts";
import { show } from "./show.ts";
import { stop } from "./stop.ts";
import {
  capturedContext,
  digitsParameters,
  laterMs,
  raiseBudget,
  scriptedStudy,
  stageStorage,
  threeTrials,
} from "./testing/command-stage.ts";

async function recordOf(storage: Storage): Promise<StudyRecord> {
  const [record] = await storage.listStudies();
  return record;
}

async function openStudy(storage: Storage, queuedCount = 0): Promise<void> {
  const study = await createStudy({ name: "digits", parameters: digitsParameters, sampler: "random", seed: 1, storage });
  if (queuedCount > 0) await study.enqueue(Array.from({ length: queuedCount }, () => ({ lr: 0.01 })));
  await study.close();
}

/** A trial that runs as attempt 1, one replicate for each seed, the first of them claimed. */
async function runningTrial(storage: Storage, studyId: string, seeds: readonly number[] = [1]): Promise<number> {
  const origin = { revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null, bracket: 0 } as const;
  const draft = { config: { lr: 0.1 }, ...origin, target: null, seeds, begin: "claimed" } as const;
  const [made] = await storage.addTrials(studyId, [draft], null);
  return made;
}

const noRunner = async (): Promise<number> => {
  throw new Error("nobody should run it");
};

describe("pause and resume", () => {
  test("a paused study starts nothing until it is resumed here", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const context = capturedContext();
    expect(await pause(context, storage, { study: "digits" })).toBe(0);
    expect(await recordOf(storage)).toMatchObject({ state: "paused", cause: "person" });
    await pause(context, storage);
    const ran: string[] = [];
    const becomeRunner = async (_: unknown, __: unknown, study: StudyRecord) => ran.push(`${study.name} ${study.state}`) + 6;
    expect(await resume(context, storage, { becomeRunner })).toBe(7);
    expect(ran).toEqual(["digits active"]);
    expect(context.lines).toEqual(["paused digits", "go on with: tunesmith resume digits", "digits is paused already"]);
  });

  test("with a runner elsewhere, resume only clears the pause", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const lock = await storage.acquireRunner((await recordOf(storage)).id);
    const context = capturedContext();
    await pause(context, storage);
    await resume(context, storage, { becomeRunner: noRunner });
    await resume(context, storage, { becomeRunner: noRunner });
    expect((await recordOf(storage)).state).toBe("active");
    expect(context.lines).toEqual([
      "paused digits: what runs goes on to its end, nothing new starts",
      "go on with: tunesmith resume digits",
      "digits goes on",
      "digits is running already",
    ]);
    await lock?.release();
  });

  test("a done study cannot be paused, and is resumed only if its budget has room", async () => {
    const storage = stageStorage();
    const id = await scriptedStudy(threeTrials, { storage });
    const context = capturedContext();
    expect(await pause(context, storage)).toBe(1);
    expect(await resume(context, storage, { becomeRunner: noRunner })).toBe(1);
    expect(context.warnings).toEqual([
      "digits is done: the trials of the budget are made",
      "digits is done: the trials of the budget are made; raise its budget in the study file and run it again",
    ]);
    await raiseBudget(storage, id, 4);
    expect(await resume(context, storage, { becomeRunner: async () => 0 })).toBe(0);
    expect((await recordOf(storage)).state).toBe("active");
  });

  test("single trials that are paused go on, to the greatest fidelity or, without one, to no target", async () => {
    for (const [fidelity, target] of [
      [{ name: "epochs", min: 1, max: 9 }, 9],
      [undefined, null],
    ] as const) {
      const storage = stageStorage();
      const study = await createStudy({
        ...{ name: "digits", parameters: digitsParameters, sampler: "random", scheduler: "none", seed: 1, storage },
        ...(fidelity === undefined ? {} : { fidelity }),
      });
      await study.enqueue({ lr: 0.01 });
      await study.close();
      const { id } = await recordOf(storage);
      const trial = await runningTrial(storage, id);
      await storage.end(
        { studyId: id, trial, replicate: 0, attempt: 1 },
        { outcome: { kind: "paused" }, retry: null, result: null },
      );
      const context = capturedContext();
      expect(await resume(context, storage, { trials: [`#${trial}`] })).toBe(0);
      expect(context.lines).toEqual(["#1 will go on"]);
      const { state, replicates } = (await storage.getTrial(id, trial)) as Trial;
      expect([state, replicates[0].target]).toEqual(["queued", target]);
      await expect(resume(context, storage, { trials: ["0", "x", "9"] })).rejects.toThrow(UsageError);
      await expect(resume(context, storage, { trials: ["0"] })).rejects.toThrow(
        new UsageError("#0 is queued; only a paused trial can be resumed"),
      );
    }
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const json = capturedContext({ json: true });
    await pause(json, storage);
    await pause(json, storage);
    expect(json.lines).toEqual([
      '{"study":"digits","state":"paused","changed":true}',
      '{"study":"digits","state":"paused","changed":false}',
    ]);
    const chinese = capturedContext({ language: "zh" });
    await pause(chinese, storage);
    expect(chinese.lines).toEqual(["digits 已经暂停"]);
  });
});

describe("pause of single trials", () => {
  test("a running one is paused by a decision at its newest step, for each replicate that runs", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const { id } = await recordOf(storage);
    const trial = await runningTrial(storage, id, [1, 2, 3]);
    await storage.claim(id, trial, 1);
    const reports = [3, 7].map((step) => ({ step, fidelity: step, metrics: { value: 1 / step } }));
    await storage.report({ studyId: id, trial, replicate: 0, attempt: 1 }, reports);
    const context = capturedContext();
    expect(await pause(context, storage, { study: "digits", trials: ["#0"] })).toBe(0);
    expect(context.lines).toEqual(["paused #0: it saves and leaves", "go on with: tunesmith resume digits 0"]);
    const decision = { kind: "pause", why: { code: "person" } };
    expect(await storage.getDecisions(id, trial)).toMatchObject([
      { replicate: 0, attempt: 1, step: 7, decision },
      { replicate: 1, attempt: 1, step: 0, decision },
    ]);
    // Its runner ends the process and records the pause; the trial's page says who decided.
    for (const replicate of [0, 1])
      await storage.end(
        { studyId: id, trial, replicate, attempt: 1 },
        { outcome: { kind: "paused" }, retry: null, result: null },
      );
    await show(context, storage, { trial, nowMs: laterMs });
    expect(context.lines).toContain("decided  at step 7: paused by hand");
  });

  test("others are refused with what they are and what can be done; then none is paused", async () => {
    const storage = stageStorage();
    await openStudy(storage, 1);
    const { id } = await recordOf(storage);
    const [running, paused, failed] = [
      await runningTrial(storage, id),
      await runningTrial(storage, id),
      await runningTrial(storage, id),
    ];
    const end = (trial: number, outcome: Outcome) =>
      storage.end({ studyId: id, trial, replicate: 0, attempt: 1 }, { outcome, retry: null, result: null });
    await end(paused, { kind: "paused" });
    await end(failed, { kind: "failed", reason: "exit", message: "exit code 1" });
    const refused = async (context: CliContext) =>
      ((await pause(context, storage, { trials: ["0", "1", "2", "3"] }).catch((thrown: unknown) => thrown)) as UsageError).lines;
    expect(await refused(capturedContext())).toEqual([
      "#0 is queued; only a running trial can be paused; try: tunesmith stop digits 0",
      "#2 is paused; only a running trial can be paused; try: tunesmith resume digits 2",
      "#3 is failed; only a running trial can be paused; try: tunesmith retry digits 3",
    ]);
    expect((await refused(capturedContext({ language: "zh" })))[0]).toBe(
      "#0 的状态是排队；只有运行中的试验可以暂停；可试：tunesmith stop digits 0",
    );
    expect(await storage.getDecisions(id, running)).toEqual([]);
    await expect(pause(capturedContext(), storage, { trials: ["9", "x"] })).rejects.toThrow(UsageError);
  });

  test("where something was decided already it says what", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const { id } = await recordOf(storage);
    const [stopped, paused] = [await runningTrial(storage, id), await runningTrial(storage, id)];
    const why = { code: "asha-rung", rung: 0, fidelity: 1, rank: 3, of: 3, kept: 1, loss: 2 };
    await storage.decide({ studyId: id, trial: stopped, replicate: 0, attempt: 1 }, 4, { kind: "stop", why });
    const context = capturedContext();
    await pause(context, storage, { trials: [`${paused}`] });
    await expect(pause(context, storage, { trials: [`${stopped}`] })).rejects.toThrow(
      new UsageError("#0 is to stop: ASHA: place 3 of 3 at 1, the best 1 go on"),
    );
    await expect(pause(context, storage, { trials: [`${paused}`] })).rejects.toThrow(
      new UsageError("#1 is to pause already: paused by hand"),
    );
  });

  test("a runner that is faster stands: what it decided is said, exit code 1", async () => {
    const inner = stageStorage();
    await openStudy(inner);
    const { id } = await recordOf(inner);
    const trial = await runningTrial(inner, id);
    const ref = { studyId: id, trial, replicate: 0, attempt: 1 };
    // The runner's decision reaches the storage between the look and the write.
    const storage: Storage = Object.assign(Object.create(inner) as Storage, {
      decide: async (...given: Parameters<Storage["decide"]>) => {
        await inner.decide(ref, 0, { kind: "stop", why: { code: "budget", cause: "time" } });
        await inner.decide(...given);
      },
    });
    for (const name of ["listStudies", "getStudy", "getTrial", "getReports", "getDecisions"] as const)
      Object.assign(storage, { [name]: inner[name].bind(inner) });
    const context = capturedContext();
    expect(await pause(context, storage, { trials: [`${trial}`] })).toBe(1);
    expect([context.lines, context.warnings]).toEqual([[], ["#0 is to stop: the study's end: its time is used up"]]);
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    await openStudy(storage);
    const { id } = await recordOf(storage);
    const [first, second] = [await runningTrial(storage, id), await runningTrial(storage, id)];
    const json = capturedContext({ json: true });
    await pause(json, storage, { trials: [`${first}`] });
    expect(json.lines).toEqual(['{"trial":0,"state":"paused"}']);
    const chinese = capturedContext({ language: "zh" });
    await pause(chinese, storage, { trials: [`${second}`] });
    expect(chinese.lines).toEqual(["已暂停 #1：保存后退出", "继续：tunesmith resume digits 1"]);
  });
});

describe("stop", () => {
  test("a study ends, queued trials are cancelled, everything else is kept", async () => {
    const storage = stageStorage();
    await openStudy(storage, 2);
    const context = capturedContext();
    expect(await stop(context, storage, { study: "digits" })).toBe(0);
    expect(context.lines).toEqual(["stopped digits; everything so far is kept", "go on with: tunesmith resume digits"]);
    expect(await recordOf(storage)).toMatchObject({ state: "done", cause: "stopped", stateCounts: { cancelled: 2, queued: 0 } });
    expect(await stop(context, storage, { study: "digits" })).toBe(1);
    expect(context.warnings).toEqual(["digits is done: stopped by hand"]);
  });

  test("trials are cancelled; finished ones are named and left alone", async () => {
    const storage = stageStorage();
    await openStudy(storage, 3);
    const context = capturedContext();
    expect(await stop(context, storage, { study: "digits", trials: ["0", "#2", "2"] })).toBe(0);
    expect(await stop(context, storage, { study: "digits", trials: ["1", "2"] })).toBe(1);
    expect([context.lines, context.warnings]).toEqual([["cancelled #0 #2", "cancelled #1"], ["#2 is cancelled already"]]);
    const error = (await stop(context, storage, { study: "digits", trials: ["7", "one"] }).catch(
      (thrown: unknown) => thrown,
    )) as UsageError;
    expect(error.lines).toEqual(["no trial 7 here; there are 0 to 2", '"one" is no trial number']);
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    await openStudy(storage, 1);
    const json = capturedContext({ json: true });
    await stop(json, storage, { study: "digits", trials: ["0"] });
    await stop(json, storage, { study: "digits" });
    expect(json.lines).toEqual([
      '{"trial":0,"state":"cancelled"}',
      '{"study":"digits","state":"done","cause":"stopped","changed":true}',
    ]);
    const chinese = capturedContext({ language: "zh" });
    await stop(chinese, storage, { study: "digits" });
    expect(chinese.warnings).toEqual(["digits 已完成：已手动停止"]);
  });
});

describe("retry", () => {
  test("queues the configs of finished trials again, all that failed when none is named", async () => {
    const storage = stageStorage();
    const id = await scriptedStudy(threeTrials, { storage });
    await raiseBudget(storage, id, 5);
    const context = capturedContext();
    expect(await retry(context, storage, { study: "digits" })).toBe(0);
    expect(await retry(context, storage, { study: "digits", trials: ["1"] })).toBe(0);
    expect(context.lines).toEqual([
      "queued again: #2 → #3",
      "nobody runs digits now; start with: tunesmith resume digits",
      "queued again: #1 → #4",
      "nobody runs digits now; start with: tunesmith resume digits",
    ]);
    const again = await storage.getTrial(id, 4);
    expect(again).toMatchObject({ source: "retry", state: "queued", fixed: threeTrials[1].config });
    expect(again?.replicates[0].seed).not.toBe((await storage.getTrial(id, 1))?.replicates[0].seed);
  });

  test("refuses unfinished trials, more than the budget has room for, and a study where nothing failed", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials.slice(0, 2), { storage });
    const context = capturedContext();
    await expect(retry(context, storage, { study: "digits" })).rejects.toThrow(
      new UsageError("no trial of digits has failed; name the trials to try again"),
    );
    await expect(retry(context, storage, { study: "digits", trials: ["0"] })).rejects.toThrow(
      new UsageError("digits may make 2 trials, not that many more; raise budget.trials"),
    );
    const other = stageStorage();
    await openStudy(other, 1);
    await expect(retry(context, other, { study: "digits", trials: ["0"] })).rejects.toThrow(
      new UsageError("#0 is queued; only a finished trial can be tried again"),
    );
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    const id = await scriptedStudy(threeTrials, { storage });
    await raiseBudget(storage, id, 9);
    const json = capturedContext({ json: true });
    await retry(json, storage, { study: "digits" });
    expect(json.lines).toEqual(['{"trial":3,"retryOf":2,"config":{"lr":0.1,"optimizer":"adam","layers":4}}']);
    const chinese = capturedContext({ language: "zh" });
    await retry(chinese, storage, { study: "digits", trials: ["0"] });
    expect(chinese.lines[0]).toBe("重新加入队列：#0 → #4");
  });
});
