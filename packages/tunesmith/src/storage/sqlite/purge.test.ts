import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StudyRecord, TrialDraft } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KnownStudies } from "../operations/known-studies.ts";
import { NameSets } from "../operations/name-sets.ts";
import { beginPurge, purgeableStudies, purgeSome } from "../operations/purge-operation.ts";
import { drive } from "../statement.ts";
import { Connection, loadDriver } from "./driver.ts";
import { createSqliteStorage, type SqliteStorage } from "./sqlite-storage.ts";

const driver = await loadDriver();
const day = 86_400_000;
const context = { names: new NameSets(), known: new KnownStudies(), wallClockMs: () => 0 };
let folder = "";
let clock = 0;
let storage: SqliteStorage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-purge-"));
  clock = day;
  storage = await createSqliteStorage({ folder, wallClockMs: () => clock });
});

afterEach(async () => {
  await storage.close();
  await rm(folder, { recursive: true });
});

const claimed: TrialDraft = {
  ...{ config: { lr: 0.1 }, revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null },
  ...{ bracket: 0, target: null, seeds: [1], begin: "claimed" },
};

/** A study with rows in every table. */
async function studyWith(name: string, trialCount: number): Promise<StudyRecord> {
  const { id } = await storage.createStudy({ name, problem: {}, settings: {}, definition: null });
  await storage.addTrials(id, Array<TrialDraft>(trialCount).fill(claimed), null);
  const ref = { studyId: id, trial: 0, replicate: 0, attempt: 1 };
  await storage.report(ref, [{ step: 1, fidelity: 1, metrics: { loss: 1 } }]);
  await storage.decide(ref, 1, { kind: "stop", why: { code: "median" } });
  await storage.addCheckpoint(ref, { step: 1, location: "here" });
  const metrics = { loss: 0.1 };
  const end = {
    outcome: { kind: "complete", metrics },
    retry: null,
    result: { values: [0.1], standardErrors: null, metrics },
  } as const;
  await Promise.all(Array.from({ length: trialCount }, (_, trial) => storage.end({ ...ref, trial }, end)));
  return (await storage.getStudy(id)) as StudyRecord;
}

const tables = ["events", "reports", "decisions", "checkpoints", "rankings", "replicates", "results", "trials", "revisions"];

/** Rows of each table by study. */
function rowCounts(): readonly unknown[] {
  const connection = new Connection(driver, join(folder, "tunesmith.db"), 0);
  const counts = tables.map((table) => connection.rows(`SELECT study, count(*) FROM ${table} GROUP BY study`));
  connection.close();
  return counts;
}

describe("a purge", () => {
  it("removes what was deleted before an instant and nothing else", async () => {
    const [kept, gone, later] = [await studyWith("kept", 3), await studyWith("gone", 3), await studyWith("later", 3)];
    await storage.deleteStudy(gone.id);
    clock = 8 * day;
    await storage.deleteStudy(later.id);
    expect(await storage.purgeDeleted(2 * day)).toBe(1);
    expect(await storage.getStudy(gone.id)).toBeNull();
    await expect(storage.getTrials(gone.id)).rejects.toMatchObject({ code: "study-not-found" });
    expect(rowCounts().map((counts) => (counts as number[][]).map(([study]) => study))).toEqual(tables.map(() => [1, 3]));
    expect(await storage.getStudy(kept.id)).toEqual(kept);
    expect(await storage.getTrials(later.id)).toHaveLength(3);
    expect(await storage.purgeDeleted(2 * day)).toBe(0);
  });

  it("of a large study is many short transactions, and goes on where it was interrupted", async () => {
    const { id } = await studyWith("large", 5_000);
    await storage.deleteStudy(id);
    const connection = new Connection(driver, join(folder, "tunesmith.db"), 5_000);
    const [purgeable] = drive(purgeableStudies(2 * day), connection.execute);
    drive(beginPurge(context, purgeable), connection.execute);
    expect(drive(purgeSome(purgeable), connection.execute)).toBe(true);
    connection.close();
    await expect(storage.getTrial(id, 4_999)).rejects.toMatchObject({ code: "study-not-found" });
    expect(await storage.purgeDeleted(2 * day)).toBe(1);
    expect(rowCounts()).toEqual(tables.map(() => []));
    expect(await storage.listStudies()).toEqual([]);
  });

  it("leaves a study alone that somebody runs", async () => {
    const { id } = await studyWith("run", 2);
    const lock = await storage.acquireRunner(id);
    await storage.deleteStudy(id);
    expect(await storage.purgeDeleted(2 * day)).toBe(0);
    await lock?.release();
    expect(await storage.purgeDeleted(2 * day)).toBe(1);
    expect(existsSync(join(folder, "locks", `${id}.db`))).toBe(false);
  });

  it("never gives the place of a study to another one", async () => {
    const { id } = await studyWith("old", 2);
    await storage.deleteStudy(id);
    await storage.purgeDeleted(2 * day);
    await studyWith("new", 2);
    expect(rowCounts()[0]).toEqual([[2, expect.any(Number)]]);
  });
});
