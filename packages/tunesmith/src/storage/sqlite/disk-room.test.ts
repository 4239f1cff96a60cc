import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrialDraft } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ballast } from "./ballast.ts";
import { DiskRoom, isDiskFull } from "./disk-room.ts";
import { type Driver, type DriverStatement, loadDriver } from "./driver.ts";
import { createSqliteStorage } from "./sqlite-storage.ts";

const driver = await loadDriver();
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-room-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("the ballast", () => {
  it("takes up its size on the disk, for its owner only, and leaves nothing else", async () => {
    const ballast = new Ballast(folder, 3_000_000);
    expect(await ballast.make()).toBe(true);
    const { size, blocks, mode } = await stat(join(folder, "tunesmith.ballast"));
    expect([size, mode & 0o777]).toEqual([3_000_000, 0o600]);
    expect(blocks * 512).toBeGreaterThanOrEqual(3_000_000);
    expect(await readdir(folder)).toEqual(["tunesmith.ballast"]);
    expect(await ballast.make()).toBe(true);
  });

  it("is given back once", async () => {
    const ballast = new Ballast(folder, 1_000);
    expect(ballast.release()).toBe(false);
    await ballast.make();
    expect([ballast.release(), ballast.release()]).toEqual([true, false]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not made where room is short", async () => {
    expect(await new Ballast(folder, 2 ** 60).make()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not left half made when the store is closed", async () => {
    const ballast = new Ballast(folder, 50_000_000);
    const making = ballast.make();
    await ballast.close();
    expect(await making).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it("of no size is never there and always enough", async () => {
    const ballast = new Ballast(folder, 0);
    expect(await ballast.make()).toBe(true);
    expect(ballast.release()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a disk", () => {
  it("with room is not full", async () => {
    expect(await isDiskFull(folder)).toBe(false);
  });

  it("that had no room takes new trials only when there is room for the ballast again", async () => {
    const tooMuch = new Ballast(folder, 2 ** 60);
    const room = new DiskRoom(folder, tooMuch, () => {});
    await expect(room.requireForTrials()).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringMatching(/takes no new trials: the disk is full; [0-9]+ MiB must be free$/),
    });
    expect(room.isShort).toBe(true);
    const enough = new DiskRoom(folder, new Ballast(folder, 1_000), () => {});
    await enough.requireForTrials();
    expect(enough.isShort).toBe(false);
  });
});

/** SQLite on a disk that is full while `isFull` says so: then no write is committed. */
function driverOnDisk(isFull: () => boolean): Driver {
  class Database extends driver.DatabaseSync {
    override prepare(sql: string): DriverStatement {
      const statement = super.prepare(sql);
      if (sql !== "COMMIT") return statement;
      return {
        setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
        all() {
          if (isFull()) throw new Error("database or disk is full");
          return statement.all();
        },
      };
    }
  }
  return { DatabaseSync: Database };
}

const claimed: TrialDraft = {
  ...{ config: { lr: 0.1 }, revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null },
  ...{ bracket: 0, target: null, seeds: [1], begin: "claimed" },
};
const released = { outcome: { kind: "released", reason: "preempted" }, retry: null, result: null } as const;

describe("SQLite storage on a disk that fills up", () => {
  it.each([
    ["has room for the ballast again", 1_000],
    ["has not", 2 ** 43],
  ])("records what runs with the space of the ballast; then the disk %s", async (_, ballastBytes) => {
    const ballast = join(folder, "tunesmith.ballast");
    const lines: string[] = [];
    let otherBytes = 0;
    const storage = await createSqliteStorage({
      ...{ folder, wallClockMs: () => 0, ballastBytes, onNotice: (line) => lines.push(line) },
      driver: driverOnDisk(() => otherBytes > 0 && existsSync(ballast)),
    });
    const { id } = await storage.createStudy({ name: "digits", problem: {}, settings: {}, definition: null });
    await storage.addTrials(id, [claimed, claimed], null);
    // Only its size counts here.
    await writeFile(ballast, "");
    await truncate(ballast, ballastBytes);
    otherBytes = 1;
    await Promise.all([0, 1].map((trial) => storage.end({ studyId: id, trial, replicate: 0, attempt: 1 }, released)));
    expect(existsSync(ballast)).toBe(false);
    expect(lines).toEqual([
      `the disk of ${folder} is full: space kept for this was given back, so that what runs can be recorded`,
    ]);
    expect((await storage.getStudy(id))?.stateCounts).toMatchObject({ queued: 2, running: 0 });
    otherBytes = 0;
    const adding = storage.addTrials(id, [claimed], null);
    if (ballastBytes === 1_000) {
      expect(await adding).toEqual([2]);
      expect(await storage.claim(id, 0, 0)).toBe(2);
      expect(existsSync(ballast)).toBe(true);
    } else {
      await expect(adding).rejects.toMatchObject({ code: "storage-unusable" });
      await expect(storage.claim(id, 0, 0)).rejects.toMatchObject({ code: "storage-unusable" });
      expect((await storage.getStudy(id))?.trialCount).toBe(2);
    }
    await storage.close();
  });
});
