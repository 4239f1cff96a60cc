import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Storage, TrialDraft } from "@tunesmith/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../migrations/migrations.ts";
import { Connection, loadDriver } from "./driver.ts";
import { createSqliteStorage } from "./sqlite-storage.ts";

// Other processes run the built code.
const builtModule = fileURLToPath(new URL("../../../dist/storage/sqlite/sqlite-storage.js", import.meta.url));
const script = fileURLToPath(new URL("../fixtures/storage-process.mjs", import.meta.url));
const driver = await loadDriver();

let folder = "";
let studyId = "";

beforeEach(async () => {
  if (!existsSync(builtModule)) throw new Error("the built package is missing; run `npm run build` first");
  folder = await mkdtemp(join(tmpdir(), "tunesmith-processes-"));
  studyId = await withStorage(
    async (storage) => (await storage.createStudy({ name: "digits", problem: {}, settings: {}, definition: null })).id,
  );
});

afterEach(() => rm(folder, { recursive: true }));

async function withStorage<Result>(use: (storage: Storage) => Promise<Result>): Promise<Result> {
  const storage = await createSqliteStorage({ folder, wallClockMs: () => 0 });
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}

interface Started {
  readonly child: ChildProcess;
  /** Whole lines that it has told so far. */
  readonly lines: string[];
  readonly ended: Promise<unknown>;
}

function start(task: string, failpoint = "", subject = studyId): Started {
  const env = { ...process.env, TUNESMITH_FAILPOINT: failpoint };
  const child = spawn(process.execPath, [script, builtModule, task, folder, subject], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  return { child, lines, ended: once(child, "close") };
}

async function untilLines({ lines, child }: Started, count: number): Promise<void> {
  while (lines.length < count) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the process ended after ${lines.length} lines`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** That everything acknowledged is there, and the tables agree with each other. */
async function expectSound(acknowledged: readonly string[]): Promise<void> {
  await withStorage(async (storage) => {
    const trials = new Map((await storage.getTrials(studyId, { limit: 10_000 })).map((trial) => [trial.number, trial]));
    for (const line of acknowledged) {
      const [what, number, loss] = line.split(" ");
      const trial = trials.get(Number(number));
      expect(trial, line).toBeDefined();
      if (what === "ended") expect(trial, line).toMatchObject({ state: "complete", values: [Number(loss)] });
      if (what === "reported")
        expect(await storage.getReports(studyId, Number(number)), line).toMatchObject([{ metrics: { loss: Number(loss) } }]);
    }
    const study = await storage.getStudy(studyId);
    expect([...trials.keys()]).toEqual(Array.from({ length: study?.trialCount ?? -1 }, (_, i) => i));
  });
  const connection = new Connection(driver, join(folder, "tunesmith.db"), 0);
  expect(connection.rows("PRAGMA quick_check")).toEqual([["ok"]]);
  // Rows of the codes from 100 hold two events.
  const gaps =
    "SELECT sum(1 + (kind >= 100)) - max(seq + (kind >= 100)), max(seq + (kind >= 100)) - (SELECT seq FROM studies) FROM events";
  expect(connection.rows(gaps)).toEqual([[0, 0]]);
  expect(connection.rows("SELECT running_count, complete_count FROM studies")).toEqual(
    connection.rows("SELECT count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'complete') FROM trials"),
  );
  expect(connection.rows("SELECT complete_count FROM studies")).toEqual(connection.rows("SELECT count(*) FROM results"));
  connection.close();
}

describe("a process that is killed while it writes", () => {
  it("loses nothing that was acknowledged, 20 times in a row", async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 20; round++) {
      const started = start("write");
      await untilLines(started, 1 + ((round * 7) % 60));
      // At a moment that has nothing to do with what it is doing.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      started.child.kill("SIGKILL");
      await started.ended;
      acknowledged.push(...started.lines);
      await expectSound(started.lines);
    }
    await expectSound(acknowledged);
  });

  it.each(["after-operation:5", "before-commit:1", "before-commit:9", "after-commit:1", "after-commit:9", "after-acknowledge:7"])(
    "loses nothing that was acknowledged when it dies at %s",
    async (failpoint) => {
      const started = start("write", failpoint);
      await started.ended;
      expect(started.child.signalCode).toBe("SIGKILL");
      await expectSound(started.lines);
    },
  );

  it("changes nothing before the commit and everything after it", async () => {
    await start("write", "before-commit:1").ended;
    expect(await withStorage(async (storage) => (await storage.getStudy(studyId))?.trialCount)).toBe(0);
    await start("write", "after-commit:1").ended;
    expect(await withStorage(async (storage) => (await storage.getStudy(studyId))?.trialCount)).toBe(4);
  });
});

describe("a process that is killed while a child takes a paused trial's place", () => {
  const why = { code: "random" };
  const claimed: TrialDraft = {
    ...{ config: { lr: 0.1 }, revision: 1, historySeq: 1, source: "sampler", fixed: null, why, note: null },
    ...{ bracket: 0, target: 10, seeds: [1], begin: "claimed" },
  };

  async function pauseBoth(): Promise<void> {
    await withStorage(async (storage) => {
      await storage.addTrials(studyId, [claimed, claimed], null);
      const refs = [0, 1].map((trial) => ({ studyId, trial, replicate: 0, attempt: 1 }));
      await storage.addCheckpoint(refs[1], { step: 10, location: "x" });
      for (const ref of refs) await storage.end(ref, { outcome: { kind: "paused" }, retry: null, result: null });
    });
  }

  it.each([
    ["after-operation:1", false],
    ["before-commit:1", false],
    ["after-commit:1", true],
    ["after-acknowledge:1", true],
  ])("at %s leaves the one or the other", async (failpoint, isThere) => {
    await pauseBoth();
    const started = start("exploit", failpoint);
    await started.ended;
    expect(started.child.signalCode).toBe("SIGKILL");
    await withStorage(async (storage) => {
      const trials = await storage.getTrials(studyId);
      expect(trials.map(({ state }) => state)).toEqual(isThere ? ["stopped", "paused", "running"] : ["paused", "paused"]);
      expect(await storage.getStudy(studyId)).toMatchObject({ childCount: isThere ? 1 : 0 });
      // The next runner finds it in the queue, or makes it.
      const lock = await storage.acquireRunner(studyId);
      const open = await storage.openReplicates(studyId);
      expect(open.map(({ trial, attempt }) => [trial, attempt])).toEqual(isThere ? [[2, 1]] : []);
      expect(await storage.removeCheckpoint(studyId, 1, 0, 10)).toBe(!isThere);
      await lock?.release();
    });
  });
});

describe("several processes on one store", () => {
  it("write at the same time without a gap, a double or a loss", async () => {
    const started = [start("writeSome"), start("writeSome"), start("writeSome")];
    await Promise.all(started.map((each) => each.ended));
    expect(started.map(({ child }) => child.exitCode)).toEqual([0, 0, 0]);
    const lines = started.flatMap((each) => each.lines);
    const added = lines.filter((line) => line.startsWith("added ")).map((line) => Number(line.slice(6)));
    expect(added.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    await expectSound(lines);
  });

  it("open a store that none of them has made at the same time", async () => {
    await rm(folder, { recursive: true });
    const storages = await Promise.all([1, 2, 3, 4].map(() => createSqliteStorage({ folder, wallClockMs: () => 0 })));
    await storages[0].createStudy({ name: "digits", problem: {}, settings: {}, definition: null });
    for (const storage of storages) {
      expect((await storage.listStudies()).map((study) => study.name)).toEqual(["digits"]);
      await storage.close();
    }
  });

  it("wake each other's watchers", async () => {
    await withStorage(async (storage) => {
      let callCount = 0;
      const stop = storage.watch(() => callCount++);
      await storage.createStudy({ name: "mine", problem: {}, settings: {}, definition: null });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(callCount).toBe(0);
      const started = start("writeSome");
      await started.ended;
      await expect.poll(() => callCount, { timeout: 10_000 }).toBeGreaterThan(0);
      stop();
    });
  });
});

describe("the runner lock of a process", () => {
  it("holds against others until the process is killed, and its trials are claimable at once", async () => {
    const started = start("hold");
    await untilLines(started, 1);
    expect(started.lines).toEqual(["held 0"]);
    await withStorage(async (storage) => {
      expect(await storage.hasRunner(studyId)).toBe(true);
      expect(await storage.acquireRunner(studyId)).toBeNull();
      started.child.kill("SIGKILL");
      await started.ended;
      expect(await storage.hasRunner(studyId)).toBe(false);
      const lock = await storage.acquireRunner(studyId);
      expect(lock).not.toBeNull();
      expect(await storage.openReplicates(studyId)).toMatchObject([
        { trial: 0, state: "queued", attempt: 1, reason: "lease_lost" },
      ]);
      await lock?.release();
    });
  });

  it("is gone, with nothing recovered yet, when the process dies right after taking it", async () => {
    const started = start("hold", "after-runner-lock:1");
    await started.ended;
    expect(started.child.signalCode).toBe("SIGKILL");
    await withStorage(async (storage) => {
      expect(await storage.hasRunner(studyId)).toBe(false);
    });
  });
});

describe("a process that dies while it upgrades the store", () => {
  const sql = "ALTER TABLE studies ADD COLUMN colour TEXT; CREATE TABLE colours (colour TEXT) STRICT";
  const nextVersion = migrations.length + 1;

  function inspect(path: string): readonly unknown[] {
    const connection = new Connection(driver, path, 0);
    const version = connection.rows("PRAGMA user_version")[0][0];
    const added = connection.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'colours'")[0][0];
    connection.close();
    return [version, added];
  }

  it.each([
    ["after-backup:1", migrations.length, 0],
    ["before-migration-commit:1", migrations.length, 0],
    ["after-migration-commit:1", nextVersion, 1],
  ])("at %s leaves the old or the new schema and a whole copy", async (failpoint, version, added) => {
    const started = start("upgrade", failpoint, sql);
    await started.ended;
    expect(started.child.signalCode).toBe("SIGKILL");
    expect(inspect(join(folder, "tunesmith.db"))).toEqual([version, added]);
    expect(inspect(join(folder, `tunesmith.before-schema-${nextVersion}.db`))).toEqual([migrations.length, 0]);
    const again = start("upgrade", "", sql);
    await again.ended;
    expect(again.child.exitCode).toBe(0);
    expect(inspect(join(folder, "tunesmith.db"))).toEqual([nextVersion, 1]);
  });
});
