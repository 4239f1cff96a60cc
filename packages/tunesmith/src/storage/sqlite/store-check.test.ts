import { copyFile, mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../migrations/migrations.ts";
import { Connection, loadDriver } from "./driver.ts";
import { createSqliteStorage, type SqliteStorageOptions } from "./sqlite-storage.ts";

const driver = await loadDriver();
let folder = "";
let lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-check-"));
  lines = [];
});

afterEach(() => rm(folder, { recursive: true }));

function start(name: string, options: Partial<SqliteStorageOptions> = {}): Promise<Storage> {
  const onNotice = (line: string): number => lines.push(line);
  return createSqliteStorage({ folder: join(folder, name), wallClockMs: () => 0, onNotice, ...options });
}

/** A store, closed; then opened and written to; and its files as they are now, as a crash would leave them. */
async function crash(): Promise<Storage> {
  const made = await start("first");
  await made.createStudy({ name: "digits", problem: {}, settings: {}, definition: null });
  await made.close();
  const storage = await start("first");
  await storage.addActiveTime((await storage.getStudy("digits"))?.id ?? "", 1);
  await mkdir(join(folder, "crashed"));
  for (const name of ["tunesmith.db", "tunesmith.db-wal"])
    await copyFile(join(folder, "first", name), join(folder, "crashed", name));
  return storage;
}

/** Spoils the page where a table begins that nothing here reads. */
async function damage(name: string): Promise<void> {
  const path = join(folder, name, "tunesmith.db");
  const connection = new Connection(driver, join(folder, "first", "tunesmith.db"), 0);
  const [[page]] = connection.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'decisions'");
  const [[pageSize]] = connection.rows("PRAGMA page_size");
  connection.close();
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(100, 0xff), 0, 100, (Number(page) - 1) * Number(pageSize));
  await file.close();
}

describe("a store that was not closed", () => {
  it("opens without a word when nothing is wrong", async () => {
    await (await crash()).close();
    const storage = await start("crashed");
    expect(await storage.getStudy("digits")).toMatchObject({ activeMs: 1 });
    await storage.createStudy({ name: "another", problem: {}, settings: {}, definition: null });
    await storage.close();
    expect(lines).toEqual([]);
  });

  it("and is damaged is read but not written, saying what to do", async () => {
    await (await crash()).close();
    await damage("crashed");
    const storage = await start("crashed");
    const refused = {
      code: "storage-unusable",
      message: expect.stringMatching(/is damaged and is only read: .+; restore a copy/),
    };
    const study = await storage.getStudy("digits");
    expect(study).toMatchObject({ activeMs: 1 });
    await expect(storage.addActiveTime(study?.id ?? "", 1)).rejects.toMatchObject(refused);
    await expect(storage.acquireRunner(study?.id ?? "")).rejects.toMatchObject(refused);
    expect(await storage.hasRunner(study?.id ?? "")).toBe(false);
    expect(lines).toEqual([refused.message]);
    await storage.close();
  });

  it("and is damaged is not upgraded", async () => {
    await (await crash()).close();
    await damage("crashed");
    const next = [...migrations, { version: migrations.length + 1, sql: "CREATE TABLE later (a)" }];
    await expect(start("crashed", { migrations: next })).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining("is damaged"),
    });
  });
});

describe("a store is not looked through", () => {
  it("when it was closed", async () => {
    await (await crash()).close();
    await damage("first");
    await (await start("first")).close();
    expect(lines).toEqual([]);
  });

  it("while somebody else has it open", async () => {
    const other = await crash();
    await damage("first");
    await (await start("first")).close();
    expect(lines).toEqual([]);
    await other.close();
  });
});
