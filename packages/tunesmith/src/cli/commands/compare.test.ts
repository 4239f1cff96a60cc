import { createStudy, type Storage, type StudyRecord } from "@tunesmith/core";
import { expect, test } from "vitest";
import { UsageError } from "../cli-error.ts";
import { type CompareRun, compareSamplers, compareStudies } from "./compare.ts";
import { capturedContext, digitsParameters, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";

const parameters = { lr: digitsParameters.lr, layers: digitsParameters.layers };

/** Runs a bowl with the sampler and seed of the run, as the command does with the person's own study. */
function bowlRunner(runs: CompareRun[]) {
  return async (run: CompareRun): Promise<{ readonly storage: Storage; readonly study: StudyRecord }> => {
    runs.push(run);
    const storage = stageStorage();
    const study = await createStudy({ name: run.name, parameters, sampler: run.sampler, seed: run.seed, storage });
    await study.optimize(({ params: { lr, layers } }) => (Math.log10(lr) + 2) ** 2 + layers, { trials: 20 });
    await study.close();
    return { storage, study: (await storage.getStudy(study.id)) as StudyRecord };
  };
}

test("each sampler runs with each seed in a home of its own; the table shows median and range", async () => {
  const runs: CompareRun[] = [];
  const context = capturedContext({ home: "/tmp/h" });
  expect(
    await compareSamplers(context, { name: "bowl", samplers: ["random", "tpe"], seeds: 3, runDefinition: bowlRunner(runs) }),
  ).toBe(0);
  expect(runs.map(({ sampler, seed, home, name }) => `${sampler} ${seed} ${home} ${name}`)).toEqual([
    ...[1, 2, 3].map((seed) => `random ${seed} /tmp/h/compare bowl-random-${seed}`),
    ...[1, 2, 3].map((seed) => `tpe ${seed} /tmp/h/compare bowl-tpe-${seed}`),
  ]);
  const { lines } = context;
  expect(lines[0]).toBe("comparing random, tpe with 3 seeds each: 6 runs of the whole study");
  expect(lines[1]).toMatch(/^random seed 1 {3}[\d.]+$/);
  expect(lines[8]).toBe("best value so far: median of 3 runs, dotted the best and the worst");
  const head = lines.findIndex((line) => /^ +sampler +best/.test(line));
  expect(lines[head + 1]).toMatch(/^● {2}random {3}[\d.]+ +[\d.]+ … [\d.]+ +20 +\d+\.\d s$/);
  expect(lines[head + 2]).toMatch(/^○ {2}tpe {6}[\d.]+ +[\d.]+ … [\d.]+ +20 +\d+\.\d s$/);
  expect(lines.at(-1)).toBe("the runs are kept: tunesmith ls --home /tmp/h/compare");
  expect(lines.slice(9, head).join("")).toMatch(/●.*○|○.*●/s);
});

test("the same runs again give the same numbers", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(async () => {
      const context = capturedContext({ json: true });
      await compareSamplers(context, { name: "bowl", samplers: ["tpe"], seeds: 2, runDefinition: bowlRunner([]) });
      return context.lines.map((line) => ({ ...JSON.parse(line), activeMs: 0 }));
    }),
  );
  expect(first).toEqual(second);
  expect(first[0]).toMatchObject({ sampler: "tpe", seed: 1 });
  expect(first[0].bestSoFar).toHaveLength(20);
  expect(first[2]).toMatchObject({ summary: "tpe", runs: 2 });
});

test("stored studies stand side by side, to the trial", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage, name: "a" });
  await scriptedStudy([threeTrials[0]], { storage, name: "b" });
  const context = capturedContext({ width: 40 });
  expect(await compareStudies(context, storage, ["a", "b"])).toBe(0);
  const { lines } = context;
  expect(lines[1]).toBe("best val_loss so far");
  expect(lines[2]).toBe("   0.4 ┤●●●●●●");
  expect(lines[13]).toBe("0.0587 ┤      ●●●●●●●●●●●●");
  expect(lines[14]).toBe("        1         3 trials");
  expect(lines.slice(16, 19).map((line) => line.replace(/\d\.\d (s|秒)$/, "T"))).toEqual([
    "   study  best    trials  epochs  time",
    "●  a      0.0587  3       8       T",
    "○  b      0.4     1       4       T",
  ]);
});

test("one study alone, and studies of different objectives, are refused", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage, name: "a" });
  await scriptedStudy(threeTrials, { storage, name: "b", objective: { name: "acc", goal: "maximize" } });
  const context = capturedContext();
  await expect(compareStudies(context, storage, ["a"])).rejects.toThrow(
    new UsageError("name at least two studies, or a study file"),
  );
  await expect(compareStudies(context, storage, ["a", "b"])).rejects.toThrow(
    new UsageError("minimize val_loss and maximize acc are different objectives; only studies of the same one can be compared"),
  );
});

test("without any result: exit code 1, and it says so; in Chinese", async () => {
  const storage = stageStorage();
  await scriptedStudy([], { storage, name: "a" });
  await scriptedStudy([threeTrials[2]], { storage, name: "b" });
  const context = capturedContext({ language: "zh" });
  expect(await compareStudies(context, storage, ["a", "b"])).toBe(1);
  expect(context.lines.slice(1, 5).map((line) => line.replace(/\d\.\d (s|秒)$/, "T"))).toEqual([
    "目前最优 val_loss",
    "",
    "   研究  最优      试验  epochs  时间",
    "●  a     没有结果  0     0       T",
  ]);
});
