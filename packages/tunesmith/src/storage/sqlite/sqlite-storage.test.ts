import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Storage, selectWindow, type Trial, type TrialDraft } from "@tunesmith/core";
import { storageContract } from "@tunesmith/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../migrations/migrations.ts";
import { Connection, loadDriver } from "./driver.ts";
import { makeDurable, openDatabase } from "./open-database.ts";
import { createSqliteStorage, type SqliteStorageOptions } from "./sqlite-storage.ts";

const driver = await loadDriver();
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-sqlite-"));
});

afterEach(() => rm(folder, { recursive: true }));

function open(options: Partial<SqliteStorageOptions> = {}): Promise<Storage> {
  return createSqliteStorage({ folder, wallClockMs: () => 1_700_000_000_000, ...options });
}

function draft(changes: Partial<TrialDraft> = {}): TrialDraft {
  return {
    ...{ config: { lr: 0.1 }, revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null },
    ...{ bracket: 0, target: null, seeds: [1], begin: "claimed" },
    ...changes,
  };
}

const newStudy = { name: "digits", problem: {}, settings: {}, definition: null };

describe("SQLite storage", () => {
  for (const { name, run } of storageContract()) {
    it(name, () => run({ open: () => open(), reopen: () => open() }));
  }
});

describe("the files of SQLite storage", () => {
  it("are for their owner only", async () => {
    const storage = await open({ folder: join(folder, "made") });
    const { id } = await storage.createStudy(newStudy);
    await storage.acquireRunner(id);
    const modes = [".", "locks", "tunesmith.db", "tunesmith.db-wal", "tunesmith.db-shm", `locks/${id}.db`].map(
      async (name) => (await stat(join(folder, "made", name))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600, 0o600, 0o600, 0o600]);
    await storage.close();
  });

  it("are written through to the disk, also when they are opened again", async () => {
    await (await open()).close();
    const connection = await openDatabase(driver, join(folder, "tunesmith.db"), { busyTimeoutMs: 0, exclusive: false });
    const settings = ["journal_mode", "synchronous", "foreign_keys", "mmap_size"].map(
      (name) => connection.rows(`PRAGMA ${name}`)[0]?.[0],
    );
    expect(settings).toEqual(["wal", 2, 1, 0]);
    connection.close();
  });

  it("are one file after the last handle is closed", async () => {
    const storage = await open();
    await storage.createStudy(newStudy);
    expect((await stat(join(folder, "tunesmith.db-wal"))).size).toBeGreaterThan(0);
    await storage.close();
    expect((await stat(join(folder, "tunesmith.db-wal"))).size).toBe(0);
  });

  it("are refused when they do not take the settings that keep what was acknowledged", async () => {
    // An in-memory database has no write-ahead log.
    const connection = new Connection(driver, ":memory:", 0);
    await expect(makeDurable(connection, { busyTimeoutMs: 0, exclusive: false })).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining("journal_mode is memory, wal is needed"),
    });
    connection.close();
  });

  it("are refused when they are something else", async () => {
    const path = join(folder, "tunesmith.db");
    await writeFile(path, "not a database, but long enough to look at: ".repeat(100));
    await expect(open()).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining("it is not a database"),
    });
  });

  it("are refused when a newer version made them", async () => {
    await (
      await open({ migrations: [...migrations, { version: migrations.length + 1, sql: "CREATE TABLE later (a)" }] })
    ).close();
    await expect(open()).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining("use a newer version"),
    });
  });

  it("are copied before an upgrade, and that is said in one line", async () => {
    await (await open()).close();
    const lines: string[] = [];
    const next = [...migrations, { version: migrations.length + 1, sql: "CREATE TABLE later (a)" }];
    await (await open({ migrations: next, onNotice: (line) => lines.push(line) })).close();
    expect(lines).toEqual([
      `the database was upgraded; a copy from before is ${join(folder, `tunesmith.before-schema-${next.length}.db`)}`,
    ]);
  });

  it("shut out others when they are opened as exclusive", async () => {
    const storage = await open({ exclusive: true });
    await storage.createStudy(newStudy);
    await expect(open({ busyTimeoutMs: 0 })).rejects.toMatchObject({ code: "storage-unusable" });
    await storage.close();
    const later = await open();
    expect(await later.getStudy("digits")).not.toBeNull();
    await later.close();
  });
});

describe("the window of SQLite storage", () => {
  it.each([
    ["minimised", 1],
    ["maximised", -1],
  ])("is what selectWindow chooses, beyond 10,000 finished trials, %s", async (_, sign) => {
    const storage = await open();
    const { id } = await storage.createStudy(newStudy);
    const count = 12_345;
    // Spread without order, many ties; finished in another order than made.
    const value = (number: number): number => ((number * 7_919) % 5_003) / 5_003;
    for (let first = 0; first < count; first += 5_000) {
      await storage.addTrials(
        id,
        Array.from({ length: Math.min(5_000, count - first) }, () => draft()),
        null,
      );
    }
    const numbers = Array.from({ length: count }, (_, i) => (i * 4_007) % count).filter((number) => number % 100 !== 99);
    await Promise.all(numbers.map((number) => endTrial(storage, id, number, value(number))));
    const { trials, seq } = await storage.readWindow(id, [sign]);
    const all: Trial[] = [];
    for (let after = -1; after < count - 1; after += 5_000) all.push(...(await storage.getTrials(id, { after, limit: 5_000 })));
    expect(all).toHaveLength(count);
    expect(trials.map((trial) => trial.number)).toEqual(selectWindow(all, [sign]));
    expect(trials[100]).toEqual(all[trials[100].number]);
    expect(seq).toBe((await storage.getStudy(id))?.seq);
    await storage.close();
  });

  function endTrial(storage: Storage, studyId: string, trial: number, value: number): Promise<void> {
    const metrics = { loss: value };
    const ref = { studyId, trial, replicate: 0, attempt: 1 };
    if (trial % 17 === 0)
      return storage.end(ref, { outcome: { kind: "failed", reason: "exit", message: "exit code 1" }, retry: null, result: null });
    const result = { values: [trial % 19 === 0 ? Number.POSITIVE_INFINITY : value], standardErrors: null, metrics };
    if (trial % 3 === 0)
      return storage.end(ref, { outcome: { kind: "stopped", why: { code: "median" }, metrics }, retry: null, result });
    return storage.end(ref, { outcome: { kind: "complete", metrics }, retry: null, result });
  }
});
