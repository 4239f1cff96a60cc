import {
  type Config,
  cataloguePolicy,
  createStudy,
  int,
  type Job,
  type Parameters,
  type StudyOptions,
  StudySession,
  type Trial,
} from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import { nodeHost } from "../platform/node-host.ts";
import { type CapturedContext, capturedContext, digitsParameters, stageStorage } from "./commands/testing/command-stage.ts";
import { RunDisplay } from "./run-display.ts";
import { printRunHead } from "./run-head.ts";

/** A study that is open for a run, as `run` opens it. */
async function openedSession(changes: Partial<StudyOptions<Parameters>>): Promise<StudySession> {
  const storage = stageStorage();
  const study = await createStudy({
    ...{ name: "digits", parameters: digitsParameters, sampler: "random", seed: 1, storage },
    ...changes,
  } as StudyOptions<Parameters>);
  await study.close();
  const [record] = await storage.listStudies();
  return StudySession.open(storage, nodeHost(), record, cataloguePolicy);
}

describe("before a run", () => {
  const grid = { parameters: { layers: int(1, 4), units: int(1, 3) }, sampler: "grid" } as const;

  async function head(changes: Partial<StudyOptions<Parameters>>, context = capturedContext()): Promise<readonly string[]> {
    printRunHead(context, await openedSession(changes), 2);
    return context.lines;
  }

  test.each<[string, Partial<StudyOptions<Parameters>>]>([
    ["search  grid  ·  12 trials, 2 at a time", grid],
    ["search  grid  ·  5 trials, 2 at a time", { ...grid, budget: { trials: 5 } }],
    ["search  grid  ·  12 trials, 2 at a time", { ...grid, budget: { trials: 50 } }],
    ["search  random  ·  1,500 trials, 2 at a time", { budget: { trials: 1_500 } }],
    ["search  random  ·  until stopped, 2 at a time", {}],
    ["search  random  ·  5 m 00 s, 2 at a time", { budget: { timeMs: 300_000 } }],
    [
      "search  random  ·  9 trials or 5 m 00 s or 3 without improvement, 2 at a time",
      { budget: { trials: 9, timeMs: 300_000, noImprovement: 3 } },
    ],
  ])("it says %j", async (line, changes) => {
    expect((await head(changes))[2]).toBe(line);
  });

  test("labels share a column in either language, and a narrow terminal gets whole names", async () => {
    expect(await head({}, capturedContext({ isTerminal: true, width: 40 }))).toEqual([
      "Tuning  digits",
      "space   lr  optimizer",
      "        momentum (optimizer sgd)  layers",
      "search  random  ·  until stopped, 2 at a time",
      "",
    ]);
    expect(await head(grid, capturedContext({ language: "zh" }))).toEqual([
      "调优      digits",
      "搜索空间  layers  units",
      "搜索      grid  ·  12 个试验，同时 2 个",
      "",
    ]);
  });
});

test("a failure is shown with its last lines once; the next of its kind only counts, also when it names other values", async () => {
  const session = await openedSession({});
  const { storage, studyId } = session;
  const context: CapturedContext = capturedContext();
  const display = new RunDisplay(context, session, async () => ["last line"]);
  const fail = async (config: Config, message: string): Promise<void> => {
    const origin = { revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null, bracket: 0 } as const;
    const draft = { config, ...origin, target: null, seeds: [1], begin: "claimed" } as const;
    const [number] = await storage.addTrials(studyId, [draft], null);
    const ref = { studyId, trial: number, replicate: 0, attempt: 1 };
    await storage.end(ref, { outcome: { kind: "failed", reason: "exit", message }, retry: null, result: null });
    const trial = (await storage.getTrial(studyId, number)) as Trial;
    display.jobEnded({ ref, config, suggested: {}, confirm: false } as unknown as Job, trial, false);
  };
  await fail({ layers: 1 }, "exit code 1, no such option --lr=0.25");
  await fail({ layers: 2 }, "exit code 1, no such option --lr=3e-05");
  await fail({ layers: 3 }, "exit code 1, out of memory");
  await display.close();
  expect(context.lines.filter((line) => line.includes("failed  "))).toEqual([
    "#0 failed  exit code 1, no such option --lr=0.25\n   last line",
    "#2 failed  exit code 1, out of memory\n   last line",
  ]);
});
