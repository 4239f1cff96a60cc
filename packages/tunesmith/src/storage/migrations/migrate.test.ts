import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Connection, loadDriver } from "../sqlite/driver.ts";
import { openDatabase } from "../sqlite/open-database.ts";
import { createSqliteStorage } from "../sqlite/sqlite-storage.ts";
import { migrate } from "./migrate.ts";
import { type Migration, migrations } from "./migrations.ts";

const driver = await loadDriver();
let folder = "";
let path = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunesmith-migrate-"));
  path = join(folder, "tunesmith.db");
});

afterEach(() => rm(folder, { recursive: true }));

const nextVersion = migrations.length + 1;
const withNext: readonly Migration[] = [
  ...migrations,
  { version: nextVersion, sql: "ALTER TABLE studies ADD COLUMN colour TEXT" },
];

async function upgrade(steps: readonly Migration[]): Promise<string | null> {
  const connection = await openDatabase(driver, path, { busyTimeoutMs: 0, exclusive: false });
  try {
    return await migrate(connection, { migrations: steps, failpoint: () => {}, wallClockMs: () => 0, refusal: null });
  } finally {
    connection.close();
  }
}

function inspect<Result>(look: (connection: Connection) => Result, file = path): Result {
  const connection = new Connection(driver, file, 0);
  try {
    return look(connection);
  } finally {
    connection.close();
  }
}

const versionOf = (connection: Connection): unknown => connection.rows("PRAGMA user_version")[0][0];

/** The database as the version that first released a schema left it. */
async function loadFixture(version: number): Promise<void> {
  const sql = await readFile(new URL(`../fixtures/schema-${version}.sql`, import.meta.url), "utf8");
  inspect((connection) => connection.exec(sql));
}

describe("a migration", () => {
  it("of a new file makes every schema without a copy", async () => {
    expect(await upgrade(withNext)).toBeNull();
    expect(inspect(versionOf)).toBe(nextVersion);
    expect(await upgrade(withNext)).toBeNull();
  });

  it("of an existing file copies it first, readable by its owner only", async () => {
    await upgrade(migrations);
    inspect((connection) => connection.exec("INSERT INTO name_sets (names) VALUES ('[]')"));
    const copy = await upgrade(withNext);
    expect(copy).toBe(join(folder, `tunesmith.before-schema-${nextVersion}.db`));
    expect((await stat(copy as string)).mode & 0o777).toBe(0o600);
    expect(inspect(versionOf, copy as string)).toBe(migrations.length);
    expect(inspect((connection) => connection.rows("SELECT names FROM name_sets"), copy as string)).toEqual([["[]"]]);
    expect(inspect(versionOf)).toBe(nextVersion);
  });

  it("that fails leaves the schema before it", async () => {
    await upgrade(migrations);
    const broken = [...migrations, { version: nextVersion, sql: "CREATE TABLE half (a); CREATE TABLE half (a)" }];
    await expect(upgrade(broken)).rejects.toThrow("already exists");
    expect(inspect(versionOf)).toBe(migrations.length);
    expect(inspect((connection) => connection.rows("SELECT 1 FROM sqlite_schema WHERE name = 'half'"))).toEqual([]);
    await upgrade(withNext);
    expect(inspect(versionOf)).toBe(nextVersion);
  });

  it("of a newer database is refused, saying what to do", async () => {
    await upgrade(withNext);
    const message = `its schema is version ${nextVersion}, this program knows up to ${migrations.length}: use a newer version of tunesmith`;
    await expect(upgrade(migrations)).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining(message),
    });
    expect(inspect(versionOf)).toBe(nextVersion);
  });

  it("of a database whose schema came from another migration is refused", async () => {
    await upgrade(migrations);
    const changed = [{ version: 1, sql: `${migrations[0].sql} ` }, ...migrations.slice(1)];
    await expect(upgrade(changed)).rejects.toThrow("its schema version 1 was made by a different program");
  });

  it("of another program's database is refused and changes nothing", async () => {
    inspect((connection) => connection.exec("CREATE TABLE theirs (a)"));
    await expect(upgrade(migrations)).rejects.toThrow("it is a database of another program");
    expect(inspect((connection) => connection.rows("SELECT name FROM sqlite_schema"))).toEqual([["theirs"]]);
    expect(existsSync(join(folder, "tunesmith.before-schema-1.db"))).toBe(false);
  });

  it("never changes once released: the checksums of the schemas", () => {
    const checksums = migrations.map(({ sql }) => createHash("sha256").update(sql).digest("hex").slice(0, 16));
    expect(checksums).toEqual(["7141d2da064d3171", "25aa41a2c2cc4c45", "9517f41190733706"]);
  });
});

/** What the fixture of a schema holds beyond that of the first. */
const fixtures = [
  { version: 1, seq: 24, suggested: null, children: [] },
  { version: 2, seq: 25, suggested: { drawn: 2.5, kind: "wide" }, children: [] },
  { version: 3, seq: 26, suggested: { drawn: 2.5, kind: "wide" }, children: [{ trial: 3, step: 1 }] },
];

it("every released schema has a fixture", () => {
  expect(fixtures.map(({ version }) => version)).toEqual(migrations.map(({ version }) => version));
});

describe.each(fixtures)("a database of schema $version", ({ version, seq, suggested, children }) => {
  it("opens, and everything in it is there", async () => {
    await loadFixture(version);
    const storage = await createSqliteStorage({ folder, wallClockMs: () => 0 });
    try {
      const study = await storage.getStudy("digits");
      expect(study).toMatchObject({
        name: "digits",
        state: "active",
        revision: 2,
        trialCount: 5 + children.length,
        childCount: children.length,
        seq,
        settings: { sampler: "tpe" },
      });
      const id = study?.id as string;
      const trials = await storage.getTrials(id);
      const states = ["complete", "stopped", "failed", "paused", "queued", ...children.map(() => "queued")];
      expect(trials.map((trial) => trial.state)).toEqual(states);
      expect(trials.map((trial) => trial.parent)).toEqual([null, null, null, null, null, ...children]);
      expect(trials[0]).toMatchObject({
        config: { lr: 0.001, layers: 3, act: "relu", bias: true },
        values: [0.25],
        tags: ["keep"],
        fidelity: 2,
        suggested,
      });
      expect(trials[1].stopWhy).toEqual({ code: "median", step: 1 });
      expect(await storage.getReports(id, 0)).toMatchObject([
        { step: 1, metrics: { loss: 0.5, acc: Number.NaN } },
        { step: 2, metrics: { loss: 0.25, acc: 0.9 } },
      ]);
      expect(await storage.getDecisions(id, 1)).toMatchObject([{ step: 1, decision: { kind: "stop" } }]);
      expect(await storage.getCheckpoints(id, 3, 0)).toEqual([{ step: 1, location: "step-1" }]);
      expect(await storage.eventsAfter(id, 0, 100)).toHaveLength(seq);
      expect((await storage.bestTrials(id, 0, "minimize", 10)).map((trial) => trial.number)).toEqual([0]);
      expect(await storage.getTotals(id, "minimize")).toEqual({ seq, fidelitySum: 3, best: trials[0], sinceBestCount: 2 });
    } finally {
      await storage.close();
    }
  });

  it("takes new trials, reports and ends", async () => {
    await loadFixture(version);
    const storage = await createSqliteStorage({ folder, wallClockMs: () => 0 });
    try {
      const { id } = (await storage.getStudy("digits")) ?? { id: "" };
      const attempt = await storage.claim(id, 4, 0);
      const ref = { studyId: id, trial: 4, replicate: 0, attempt };
      await storage.recordValues(ref, { drawn: 1 });
      expect(await storage.report(ref, [{ step: 1, fidelity: 1, metrics: { loss: 0.1, acc: 1 } }])).toEqual([true]);
      const result = { values: [0.1], standardErrors: null, metrics: { loss: 0.1 } };
      await storage.end(ref, { outcome: { kind: "complete", metrics: { loss: 0.1 } }, retry: null, result });
      expect((await storage.bestTrials(id, 0, "minimize", 10)).map((trial) => trial.number)).toEqual([4, 0]);
      expect(await storage.getTrial(id, 4)).toMatchObject({ suggested: { drawn: 1 } });
      const next = 5 + children.length;
      const why = { code: "explored" };
      const child = {
        config: { lr: 1 },
        revision: 2,
        historySeq: 2,
        fixed: null,
        why,
        note: null,
        bracket: 0,
        target: 3,
        seeds: [7],
      };
      const draft = { ...child, source: "child", begin: "queued", parent: 3 } as const;
      expect(await storage.exploit(id, 3, why, draft, next)).toEqual({ trial: 3, step: 1 });
      expect(await storage.getStudy(id)).toMatchObject({
        childCount: children.length + 1,
        stateCounts: { paused: 0, stopped: 2 },
      });
    } finally {
      await storage.close();
    }
  });
});

describe("an upgrade from schema 1", () => {
  it("finds results that were infinite already", async () => {
    await loadFixture(1);
    // Trials 5 and 6 complete with +∞ and −∞, trial 7 stopped with −∞.
    inspect((connection) => {
      const infinities = ["000000000000F07F", "000000000000F0FF", "000000000000F0FF"];
      for (const [i, packed] of infinities.entries()) {
        const [number, state] = [5 + i, i < 2 ? "complete" : "stopped"];
        connection.exec(`INSERT INTO trials (study, number, state, open, source, revision, history_seq, bracket, config_names, config,
          created_seq, created_at) VALUES (1, ${number}, '${state}', 0, 'ask', 2, 2, 0, 1, X'', 24, 0);
          INSERT INTO replicates (study, trial, replicate, state, attempt, seed, confirm, infra_retry_count, error_retry_count)
          VALUES (1, ${number}, 0, '${state}', 1, 0, 0, 0, 0);
          INSERT INTO results (study, trial, finished_seq, finished_at, objective_values) VALUES (1, ${number}, ${22 - i}, 0, X'03${packed}')`);
      }
      connection.exec("UPDATE studies SET trial_count = 8");
    });
    const storage = await createSqliteStorage({ folder, wallClockMs: () => 0 });
    const { id } = (await storage.getStudy("digits")) ?? { id: "" };
    expect((await storage.getTotals(id, "minimize")).best?.number).toBe(6);
    expect((await storage.getTotals(id, "maximize")).best?.number).toBe(5);
    await storage.close();
  });
});
