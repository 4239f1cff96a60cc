import { categorical, createStudy } from "@tunesmith/core";
import { expect, test } from "vitest";
import { UsageError } from "../cli-error.ts";
import { capturedContext, digitsParameters, laterMs, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";
import { trials } from "./trials.ts";

test("a line per trial, oldest first, the best marked, why a failed one has no value", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const context = capturedContext();
  expect(await trials(context, storage, { nowMs: laterMs })).toBe(0);
  expect(context.lines).toEqual([
    "#  state       val_loss  epochs  lr       optimizer  momentum  layers  why       when",
    "0  complete         0.4       4  0.001    adam                 1       enqueued  2 m ago",
    "1  complete ★    0.0587       4  0.00412  sgd        0.9       2       enqueued  2 m ago",
    "2  failed         error          0.1      adam                 4       enqueued  2 m ago",
  ]);
});

test("only the newest, only of a state; parameters that have no room are left out", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const newest = capturedContext({ width: 60 });
  await trials(newest, storage, { limit: 1, nowMs: laterMs });
  expect(newest.lines).toEqual([
    "#  state   val_loss  epochs  lr   why       when",
    "2  failed     error          0.1  enqueued  2 m ago",
    "1 of 3 trials",
  ]);
  const complete = capturedContext();
  await trials(complete, storage, { state: "complete", limit: 1, nowMs: laterMs });
  expect(complete.lines.slice(1)).toEqual([
    "1  complete ★    0.0587       4  0.00412  sgd        0.9       2       enqueued  2 m ago",
    "1 of 2 trials",
  ]);
  await expect(trials(complete, storage, { state: "done" })).rejects.toThrow(
    new UsageError('--state "done"; allowed: queued, running, paused, complete, stopped, failed, cancelled'),
  );
});

test("CSV has exact numbers, and no cell that a spreadsheet would run", async () => {
  const storage = stageStorage();
  const study = await createStudy({
    ...{ name: "x", sampler: "manual", seed: 1, storage, budget: { trials: 2 } },
    parameters: { lr: digitsParameters.lr, formula: categorical(["=HYPERLINK(1)", 'a,"b"']) },
  });
  await study.enqueue([
    { lr: 0.004118273, formula: "=HYPERLINK(1)" },
    { lr: 0.1, formula: 'a,"b"' },
  ]);
  await study.optimize(({ number }) => (number === 0 ? { value: -0.25, extra: Infinity } : { value: 1e-7, extra: 2 }));
  await study.close();
  const context = capturedContext();
  await trials(context, storage, { csv: true });
  const at = "2026-01-15T12:00:00.000Z";
  expect(context.lines).toEqual([
    "number,state,value,fidelity,source,why,reason,message,created,started,finished,params.lr,params.formula,metrics.extra",
    `0,complete,-0.25,,enqueued,enqueued,,,${at},${at},${at},0.004118273,'=HYPERLINK(1),Infinity`,
    `1,complete,1e-7,,enqueued,enqueued,,,${at},${at},${at},0.1,"a,""b""",2`,
  ]);
});

test("as JSON: a line per trial; in Chinese; without trials the command that makes some", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const json = capturedContext({ json: true });
  await trials(json, storage);
  expect(json.lines.map((line) => JSON.parse(line).number)).toEqual([0, 1, 2]);
  const chinese = capturedContext({ language: "zh" });
  await trials(chinese, storage, { nowMs: laterMs });
  expect(chinese.lines[2]).toBe("1  完成 ★    0.0587       4  0.00412  sgd        0.9       2       手动加入  2 分钟前");
  await scriptedStudy([], { storage, name: "empty" });
  const empty = capturedContext();
  await trials(empty, storage, { study: "empty" });
  await trials(empty, storage, { study: "digits", state: "paused" });
  expect(empty.lines).toEqual(["no trials yet: start with tunesmith resume empty", "no trial is like that"]);
});
