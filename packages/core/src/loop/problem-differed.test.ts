import { describe, expect, test } from "vitest";
import { createMemoryStorage } from "../index.ts";
import type { JsonObject } from "../json.ts";
import type { StudyRecord } from "../storage/storage.ts";
import { problemDiffered } from "./problem-differed.ts";

const problem: JsonObject = {
  parameters: { x: { type: "float", low: 0, high: 1 } },
  parameterConstraints: [],
  objectives: [{ name: "loss", goal: "minimize" }],
  outcomeConstraints: [],
  seed: 1,
};

async function differed(first: JsonObject, ...later: readonly JsonObject[]): Promise<boolean> {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  let record: StudyRecord = await storage.createStudy({ name: "s", problem: first, settings: {}, definition: null });
  for (const changed of later)
    record = await storage.reviseStudy("study", {
      problem: changed,
      settings: { revision: record.revision },
      definition: null,
      silent: false,
      reason: "r",
    });
  return problemDiffered(storage, record);
}

describe("problemDiffered", () => {
  test("not with one revision, nor when all name the same problem in whatever order of keys", async () => {
    const turned = Object.fromEntries(Object.entries(problem).reverse());
    expect([await differed(problem), await differed(problem, turned, problem)]).toEqual([false, false]);
  });

  test.each<[string, JsonObject]>([
    ["parameters", { x: { type: "float", low: 0, high: 2 } }],
    ["parameterConstraints", { 0: "x < 1" }],
    ["objectives", { 0: { name: "loss", goal: "maximize" } }],
    ["outcomeConstraints", { 0: "cost < 1" }],
  ])("with other %s, also when a later revision went back, or changed only settings", async (key, value) => {
    const other = { ...problem, [key]: value };
    for (const revisions of [[other], [other, problem], [other, other]]) expect(await differed(problem, ...revisions)).toBe(true);
  });

  test("not by another seed: it decides neither which trials fit nor how they compare", async () => {
    expect(await differed(problem, { ...problem, seed: 2 })).toBe(false);
  });
});
