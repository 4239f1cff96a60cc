import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createMemoryStorage,
  createStudy,
  exportStudy,
  importStudy,
  type JsonObject,
  type Storage,
  type StoredReport,
  type StudyEvent,
  type StudyRecord,
  type Trial,
} from "@tunesmith/core";
import { doctorMessages } from "@tunesmith/protocol";
import { describe, expect, test } from "vitest";
import { doctor } from "./doctor.ts";
import { checkRecord } from "./parts/study-checks.ts";
import { readContents, type StudyContents } from "./parts/study-contents.ts";
import { capturedContext, digitsParameters, scriptedStudy, stageStorage, threeTrials } from "./testing/command-stage.ts";

const english = doctorMessages("en").examples;

async function contentsOf(storage: Storage): Promise<StudyContents> {
  const [record] = await storage.listStudies();
  return (await readContents(storage, record.id)) as StudyContents;
}

async function soundContents(): Promise<StudyContents> {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  return contentsOf(storage);
}

function found(contents: StudyContents): Record<string, readonly string[]> {
  return Object.fromEntries(checkRecord(contents, english).map(({ check, examples }) => [check, examples]));
}

test("a sound study has no findings; exit code 0", async () => {
  const storage = stageStorage();
  await scriptedStudy(threeTrials, { storage });
  const context = capturedContext();
  expect(await doctor(context, storage)).toBe(0);
  const { seq } = (await storage.listStudies())[0];
  expect(context.lines).toEqual([`digits   sound: 3 trials, ${seq} events`]);
});

test("trials on record as running without a runner are told, with what to do; exit code 1", async () => {
  const storage = stageStorage();
  const id = await scriptedStudy(threeTrials, { storage });
  const running = {
    config: { lr: 0.1 },
    revision: 1,
    historySeq: 0,
    source: "sampler",
    fixed: null,
    why: null,
    note: null,
    bracket: 0,
    target: 3,
  } as const;
  await storage.setStudyState(id, "active", null);
  await storage.addTrials(id, [{ ...running, seeds: [1], begin: "claimed" }], null);
  const context = capturedContext();
  expect(await doctor(context, storage, { study: "digits" })).toBe(1);
  expect(context.lines).toEqual([
    "digits   2 checks failed",
    "  1  trials beyond budget.trials (a budget that was lowered later looks the same)",
    "     #3",
    "  1  trials on record as running, but nobody runs the study",
    "     #3",
    "     whoever runs it next takes them up: tunesmith resume digits",
  ]);
  const json = capturedContext({ json: true });
  await doctor(json, storage);
  expect(JSON.parse(json.lines[0])).toMatchObject({
    study: "digits",
    sound: false,
    findings: [
      { check: "budget", invariant: "I5", count: 1 },
      { check: "no-runner", invariant: "I7", count: 1 },
    ],
  });
  const chinese = capturedContext({ language: "zh" });
  await doctor(chinese, storage);
  expect(chinese.lines[0]).toBe("digits   2 项检查未通过");
});

test("without studies there is nothing to check", async () => {
  const context = capturedContext();
  expect(await doctor(context, stageStorage())).toBe(0);
  expect(context.lines).toEqual(["no studies here: nothing to check"]);
});

describe("what a damaged record shows", () => {
  const changed = (contents: StudyContents, changes: Partial<StudyContents>): StudyContents => ({ ...contents, ...changes });
  const withTrial = (contents: StudyContents, number: number, changes: Partial<Trial>): StudyContents =>
    changed(contents, { trials: contents.trials.map((trial) => (trial.number === number ? { ...trial, ...changes } : trial)) });
  const withEvents = (contents: StudyContents, change: (events: StudyEvent[]) => StudyEvent[]): StudyContents =>
    changed(contents, { events: change([...contents.events]) });

  test("nothing, as it is", async () => {
    expect(found(await soundContents())).toEqual({});
  });

  test("two ends of one trial (I3)", async () => {
    const contents = await soundContents();
    const end = contents.events.find(({ kind, trial }) => kind === "trial-finished" && trial === 1) as StudyEvent;
    const events = [...contents.events, { ...end, seq: contents.record.seq + 1 }];
    const damaged = changed(contents, { events, record: { ...contents.record, seq: events.length } });
    expect(found(damaged)).toEqual({ "terminal-events": ["#1"] });
  });

  test("a finished trial without its event, an unfinished one with it (I3)", async () => {
    const contents = await soundContents();
    expect(found(withTrial(contents, 2, { finishedSeq: 3 }))["terminal-events"]).toEqual(["#2"]);
    expect(found(withTrial(contents, 0, { state: "queued" }))["terminal-events"]).toEqual(["#0"]);
  });

  test("a gap among the numbers (I4), a counter that is off (I10)", async () => {
    const contents = await soundContents();
    const damaged = changed(contents, { trials: contents.trials.filter(({ number }) => number !== 1) });
    expect(found(damaged)).toMatchObject({ "trial-numbers": ["#2", "3 counted, 2 found"], counters: ["complete 2, found 1"] });
  });

  test("more retries than allowed (I6)", async () => {
    const contents = await soundContents();
    const replicates = contents.trials[2].replicates.map((replicate) => ({ ...replicate, errorRetryCount: 1 }));
    expect(found(withTrial(contents, 2, { replicates }))).toEqual({ retries: ["#2"] });
  });

  test("a report of an attempt that was never started (I8)", async () => {
    const contents = await soundContents();
    const [first, ...others] = contents.reports.get(0) as readonly StoredReport[];
    const reports = new Map([...contents.reports, [0, [{ ...first, attempt: 2 }, ...others]]]);
    expect(found(changed(contents, { reports }))).toEqual({ attempts: ["#0"] });
  });

  test("a write of an attempt after a newer one had begun (I9)", async () => {
    const contents = await soundContents();
    const at = contents.events.findIndex(({ kind, trial }) => kind === "reported" && trial === 1);
    const damaged = withEvents(contents, (events) => {
      events[at] = { ...events[at], attempt: 7 };
      return events;
    });
    expect(found(damaged)).toEqual({ overlap: [`#1 attempt 7, event ${at + 1}`] });
  });

  test("a claim that is not counted (I10)", async () => {
    const contents = await soundContents();
    const replicates = contents.trials[1].replicates.map((replicate) => ({ ...replicate, attempt: 2 }));
    expect(found(withTrial(contents, 1, { replicates })).counters).toEqual(["#1 attempt 2, claimed 1 times"]);
  });

  test("a missing event, and the report that lost it (I12)", async () => {
    const contents = await soundContents();
    const at = contents.events.findIndex(({ kind }) => kind === "reported");
    const damaged = withEvents(contents, (events) => events.filter((_, i) => i !== at));
    const { "event-numbers": wrong } = found(damaged);
    expect(wrong[0]).toBe(`event ${at + 2} at place ${at + 1}`);
    expect(checkRecord(damaged, english).find(({ check }) => check === "event-numbers")?.count).toBe(
      contents.events.length - at - 1 + 2,
    );
  });
});

test("a newest checkpoint that is gone from disk, or was changed, is told (I13)", async () => {
  const storage = stageStorage();
  const study = await createStudy({ name: "digits", parameters: digitsParameters, sampler: "random", seed: 1, storage });
  await study.optimize(
    async (trial) => {
      await storage.addCheckpoint(
        { studyId: study.id, trial: trial.number, replicate: 0, attempt: 1 },
        { step: 3, location: "/nowhere/step-3" },
      );
      return 1;
    },
    { trials: 1 },
  );
  await study.close();
  const context = capturedContext();
  expect(await doctor(context, storage)).toBe(1);
  expect(context.lines.slice(1)).toEqual(["  1  newest checkpoints that are missing on disk or were changed", "     #0 step 3"]);
});

test.runIf(process.platform === "linux")("a process of an attempt that is over is told (I15)", async () => {
  const storage = stageStorage();
  const id = await scriptedStudy(threeTrials, { storage });
  const marker = `${id}.1.0.1.abcdef`;
  const left = spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], {
    env: { ...process.env, TUNESMITH_ATTEMPT: marker },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(left.stdout, "data");
    const context = capturedContext();
    expect(await doctor(context, storage)).toBe(1);
    expect(context.lines.slice(1)).toEqual([
      "  1  processes that still run for attempts that are over",
      `     pid ${left.pid} of #1`,
      "     the next run ends them: tunesmith resume digits",
    ]);
  } finally {
    left.kill("SIGKILL");
  }
});

describe("--replay", () => {
  async function tunedStudy(): Promise<{ readonly storage: Storage; readonly record: StudyRecord }> {
    const storage = stageStorage();
    const study = await createStudy({
      ...{ name: "digits", parameters: digitsParameters, sampler: "tpe", scheduler: "asha", seed: 5, storage },
      fidelity: { name: "epochs", min: 1, max: 9 },
    });
    await study.enqueue([{ lr: 0.01 }]);
    await study.optimize(
      async (trial) => {
        for (const epoch of trial.steps())
          if ((await trial.report(epoch, trial.params.lr * 10 + trial.params.layers / epoch)) !== "continue") return;
      },
      { trials: 30, parallel: 3 },
    );
    await study.close();
    return { storage, record: (await storage.listStudies())[0] };
  }

  test("recomputes every suggestion to the same bytes", async () => {
    const { storage } = await tunedStudy();
    const context = capturedContext();
    expect(await doctor(context, storage, { replay: true })).toBe(0);
    expect(context.lines[1]).toBe("  replayed 30 suggestions, 0 differences");
  });

  test("a changed suggestion is shown with both texts; exit code 1", async () => {
    const { storage, record } = await tunedStudy();
    const [trial] = await storage.getTrials(record.id, { after: 19, limit: 1 });
    const json = JSON.parse(JSON.stringify(await exportStudy(storage, record.id)));
    const forgedLayers = (json.trials[20].trial.config.layers % 4) + 1;
    json.trials[20].trial.config.layers = forgedLayers;
    const forged = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "forged" });
    await importStudy(forged, json as JsonObject);
    const context = capturedContext();
    expect(await doctor(context, forged, { replay: true })).toBe(1);
    expect(context.lines[0]).toBe("digits   1 check failed");
    const [recorded, recomputed] = (context.lines.find((line) => line.startsWith("  #20 config: on record")) ?? "").split(
      ", recomputed ",
    );
    expect(recorded).toContain(`"layers":${forgedLayers}`);
    expect(recomputed).toContain(`"layers":${trial.config.layers}`);
  });
});
