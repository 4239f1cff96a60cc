import { createStudy } from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import { UsageError } from "../cli-error.ts";
import { show } from "./show.ts";
import {
  capturedContext,
  digitsParameters,
  hostileName,
  laterMs,
  scriptedStudy,
  stageStorage,
  threeTrials,
} from "./testing/command-stage.ts";

describe("of a study", () => {
  test("the result comes first, then how sure, what it cost, where it searched, and where to look", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const context = capturedContext();
    expect(await show(context, storage, { nowMs: laterMs })).toBe(0);
    expect(context.lines.map((line) => line.replace(/\d+\.\d s active/, "N s active"))).toEqual([
      "digits   done: the trials of the budget are made   2 m ago",
      "",
      "best     #1   val_loss 0.0587",
      "         lr 0.00412   optimizer sgd   momentum 0.9   layers 2",
      "sure     one run: repeat it with tunesmith retry digits 1",
      "matters  not told: 2 complete trials, at least 30 are needed",
      "trials   3: 2 complete, 1 failed",
      "spent    N s active   8 epochs   of 3 trials",
      "space    lr         float 1e-5 … 0.1 log",
      "         optimizer  adam | sgd",
      "         momentum   float 0 … 0.99   with optimizer sgd",
      "         layers     int 1 … 4",
      "search   manual  ·  1 at a time  ·  seed 7",
      "",
      "look  tunesmith show digits 1   ·   tunesmith best digits --args   ·   tunesmith trials digits",
      "      tunesmith logs digits",
    ]);
  });

  test("confirmed, it says over how many seeds and what the default makes; with room it draws", async () => {
    const storage = stageStorage();
    const study = await createStudy({
      ...{ name: "line", parameters: { lr: digitsParameters.lr }, sampler: "manual", seed: 3, storage },
      ...{ objective: { name: "loss", goal: "minimize" }, fidelity: { name: "epochs", min: 1, max: 3 }, scheduler: "none" },
      ...{ confirm: { top: 2, seeds: 2 }, budget: { trials: 4 } },
    });
    await study.enqueue([{ lr: 0.001 }, { lr: 0.01 }, { lr: 0.05 }, { lr: 0.002 }]);
    let confirmation = 0;
    await study.optimize(async (trial) => {
      const end = { 0.001: 0.8, 0.01: 0.2, 0.05: 0.4, 0.002: 0.6 }[trial.params.lr] ?? 0;
      // The search values end at 0.8, 0.2, 0.4, 0.6; every run again adds a little.
      const extra = study.state === "active" && trial.target === 3 ? (confirmation++ < 4 ? 0 : 0.01 * (confirmation % 2)) : 0;
      for (const epoch of trial.steps()) await trial.report(epoch, end + extra + (3 - epoch));
    });
    await study.close();
    const context = capturedContext();
    await show(context, storage, { study: "line", nowMs: laterMs });
    const { lines } = context;
    expect(lines[2]).toBe("best     #1   loss 0.205 ± 0.005 over 2 fresh seeds (during the search 0.2)");
    expect(lines).toContain("sure     confirmed on 2 fresh seeds, and chosen by them");
    expect(lines).toContain(
      "default  #0   loss 0.805 ± 0.005 over 2 fresh seeds (during the search 0.8)   the best is 75 % better",
    );
    const from = lines.indexOf("best so far");
    expect(lines.slice(from, from + 10)).toEqual([
      "best so far",
      "0.8 ┤──────╮",
      "    │      │",
      "    │      │              ·",
      "    │      │",
      "    │      │",
      "    │      │        ·",
      "    │      │",
      "0.2 ┤      ╰─────────────────",
      "     1                      4",
    ]);
    const curves = lines.indexOf("learning curves");
    expect(lines.slice(curves + 1, curves + 3)).toEqual(["#1  ▇▄▁  3 epochs   0.2", "#2  ▇▄▁  3 epochs   0.4"]);
  });

  test("without trials it teaches the command, however hostile the name", async () => {
    const storage = stageStorage();
    await scriptedStudy([], { storage, name: hostileName });
    const context = capturedContext();
    await show(context, storage, { nowMs: laterMs });
    expect(context.lines[0]).toBe(`\\x1b[31mred\\x07 \\x202ertl line "quote' $(touch x) nnnnnnnnn…   waiting   2 m ago`);
    expect(context.lines[2]).toMatch(/^best {4}no trials yet: start with tunesmith resume \$'\\x1b\[31mred/);
    expect(context.lines.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("several objectives: all trials that no other beats, in the order of the first", async () => {
    const storage = stageStorage();
    const study = await createStudy({
      ...{ name: "two", parameters: { n: digitsParameters.layers }, sampler: "manual", seed: 1, storage, budget: { trials: 4 } },
      objectives: [
        { name: "loss", goal: "minimize" },
        { name: "acc", goal: "maximize" },
      ],
    });
    await study.enqueue([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    await study.optimize(({ params: { n } }) => ({ loss: [0.5, 0.2, 0.6, 0.2][n - 1], acc: [0.9, 0.7, 0.8, 0.7][n - 1] }));
    await study.close();
    const context = capturedContext();
    await show(context, storage, { study: "two", nowMs: laterMs });
    expect(context.lines.slice(2, 5)).toEqual([
      "best     2 trials that no other beats",
      "         #1   loss 0.2   acc 0.7",
      "         #0   loss 0.5   acc 0.9",
    ]);
  });

  test("as JSON and in Chinese", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const json = capturedContext({ json: true });
    await show(json, storage);
    expect(JSON.parse(json.lines.join(""))).toMatchObject({
      study: "digits",
      state: "done",
      by: "search",
      best: { trial: 1, value: 0.0587, standardError: null },
    });
    const chinese = capturedContext({ language: "zh" });
    await show(chinese, storage, { nowMs: laterMs });
    expect(chinese.lines.slice(0, 5)).toEqual([
      "digits   已完成：预算内的试验已全部完成   2 分钟前",
      "",
      "最优      #1   val_loss 0.0587",
      "          lr 0.00412   optimizer sgd   momentum 0.9   layers 2",
      "可靠性    只运行了一次：用 tunesmith retry digits 1 重复",
    ]);
  });
});

describe("of a trial", () => {
  test("why, what, how it went, how it differs from the next best, what next", async () => {
    const storage = stageStorage();
    await scriptedStudy(threeTrials, { storage });
    const context = capturedContext();
    await show(context, storage, { study: "digits", trial: 1, nowMs: laterMs });
    expect(context.lines).toEqual([
      "digits #1   complete   val_loss 0.0587   2 m ago",
      "",
      "why      enqueued by hand",
      "config   lr 0.00412   optimizer sgd   momentum 0.9   layers 2",
      "result   val_loss 0.0587",
      "         one run: repeat it with tunesmith retry digits 1",
      "how      █▃▁▁   0.8 → 0.0587   4 epochs   took 0.0 s",
      "against  the next best, #0   val_loss 0.4",
      "         lr 0.00412 ↔ 0.001   optimizer sgd ↔ adam   momentum 0.9 ↔ –   layers 2 ↔ 1",
      "next     tunesmith retry digits 1",
      "         tunesmith enqueue digits lr=0.004118273 optimizer=sgd momentum=0.9 layers=2",
    ]);
  });

  test("a failed one shows its reason, made harmless", async () => {
    const storage = stageStorage();
    await scriptedStudy([{ config: threeTrials[0].config, values: "boom \u001b]52;c;x\u0007" }], { storage });
    const context = capturedContext();
    await show(context, storage, { trial: 0, nowMs: laterMs });
    expect(context.lines.slice(0, 7)).toEqual([
      "digits #0   failed   2 m ago",
      "",
      "why     enqueued by hand",
      "config  lr 0.001   optimizer adam   layers 1",
      "how     no reports yet   took 0.0 s",
      "failed  an error",
      "        boom \\x1b]52;c;x\\x07",
    ]);
  });

  test("one that was stopped early shows the rule and its numbers", async () => {
    const storage = stageStorage();
    const study = await createStudy({
      ...{
        name: "asha",
        parameters: digitsParameters,
        sampler: "random",
        scheduler: { type: "asha", eta: 2 },
        seed: 1,
        storage,
        budget: { trials: 4 },
      },
      ...{ objective: { name: "loss", goal: "minimize" }, fidelity: { name: "epochs", min: 1, max: 4 } },
    });
    await study.optimize(async (trial) => {
      for (const epoch of trial.steps()) if ((await trial.report(epoch, { loss: trial.number / epoch })) !== "continue") return;
    });
    await study.close();
    const context = capturedContext();
    await show(context, storage, { study: "asha", trial: 2, nowMs: laterMs });
    expect(context.lines).toContain("decided  at step 1: ASHA: place 3 of 3 at 1, the best 1 go on");
    expect(context.lines[2]).toBe("why      random");
  });

  test("one that still waits says who fills the rest; an unknown one says which there are", async () => {
    const storage = stageStorage();
    const study = await createStudy({ name: "open", parameters: digitsParameters, sampler: "random", seed: 1, storage });
    await study.enqueue({ lr: 0.01 });
    await study.close();
    const context = capturedContext();
    await show(context, storage, { study: "open", trial: 0, nowMs: laterMs });
    expect(context.lines).toEqual([
      "open #0   queued   2 m ago",
      "",
      "why     enqueued by hand",
      "        the sampler fills the rest when it starts",
      "config  lr 0.01",
      "next    tunesmith stop open 0",
      "        tunesmith enqueue open lr=0.01",
    ]);
    await expect(show(context, storage, { study: "open", trial: 7 })).rejects.toThrow(
      new UsageError("no trial 7 here; there are 0 to 0"),
    );
  });

  test("as JSON: everything about it, NaN as text; in Chinese", async () => {
    const storage = stageStorage();
    await scriptedStudy([{ config: threeTrials[0].config, values: [Number.NaN, 0.5, 0.4, 0.3] }], { storage });
    const json = capturedContext({ json: true });
    await show(json, storage, { trial: 0 });
    const shown = JSON.parse(json.lines.join(""));
    expect(shown).toMatchObject({ study: "digits", number: 0, state: "complete", values: [0.3] });
    expect(shown.reports.map(({ metrics }: { metrics: unknown }) => metrics)[0]).toEqual({ val_loss: "NaN" });
    const chinese = capturedContext({ language: "zh" });
    await show(chinese, storage, { trial: 0, nowMs: laterMs });
    expect(chinese.lines.slice(0, 3)).toEqual(["digits #0   完成   val_loss 0.3   2 分钟前", "", "原因    手动加入"]);
    expect(chinese.lines).toContain("过程     █▅▁   NaN → 0.3   4 epochs   用时 0.0 秒");
  });
});
