import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compileProblem,
  compose,
  float,
  type JsonObject,
  none,
  problemJson,
  random,
  StudySession,
  studySettingsDefaults,
  webHost,
} from "@tunesmith/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStorage } from "./sqlite-storage.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-durations-"));
});

afterEach(() => rm(folder, { recursive: true }));

it("a session sees to the bit how long trials took, before and after the store was closed", async () => {
  let nowMs = 1_700_000_000_000.125;
  const open = () => createSqliteStorage({ folder, wallClockMs: () => nowMs });
  const settings = { ...studySettingsDefaults, sampler: { type: "random" }, scheduler: { type: "none" } };
  const objectives = [{ name: "loss", goal: "minimize" }] as const;
  const problem = compileProblem({ parameters: { x: float(0, 1) }, objectives, seed: 1, seedDrawn: true }, 1, settings);
  const durationsMs = [0, 0.375, 86_400_000, -5];
  const seen: number[][] = [];

  let storage = await open();
  const record = await storage.createStudy({
    name: "s",
    problem: problemJson(problem),
    settings: settings as unknown as JsonObject,
    definition: null,
  });
  const session = await StudySession.open(storage, webHost(), record, () => compose(random(), none()));
  for (const durationMs of durationsMs) {
    const next = await session.next("search");
    if (next.kind !== "job") throw new Error(next.kind);
    nowMs += durationMs;
    await session.end(next.job, { kind: "complete", metrics: { loss: durationMs } }, null);
  }
  await session.next("search");
  await session.sync();
  seen.push([...session.history.durationsMs.subarray(0, 5)]);
  await storage.close();

  storage = await open();
  const reopened = await StudySession.open(storage, webHost(), record, () => compose(random(), none()));
  seen.push([...reopened.history.durationsMs.subarray(0, 5)]);
  await storage.close();
  const expected = [0, 0.375, 86_400_000, Number.NaN, Number.NaN];
  expect(seen).toEqual([expected, expected]);
});
