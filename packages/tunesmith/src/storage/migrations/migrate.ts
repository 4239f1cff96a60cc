import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { TunesmithError } from "@tunesmith/core";
import type { Failpoint } from "../failpoint.ts";
import type { Connection } from "../sqlite/driver.ts";
import type { Migration } from "./migrations.ts";

/** "Tune" in ASCII: tells our databases from other SQLite files. */
const applicationId = 0x54756e65;

export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  readonly failpoint: Failpoint;
  readonly wallClockMs: () => number;
  /** Why nothing may be written; null if it may. */
  readonly refusal: string | null;
}

/**
 * Brings a database to the newest schema: each step in a transaction of its own, an existing database is copied beside it first
 * (`….before-schema-2.db`). A crash at any point leaves the old or the new schema.
 *
 * @returns Path of the copy, or null if none was needed.
 * @throws {TunesmithError} `storage-unusable` if the file is of another program, was made by a newer version, or by a version whose
 * migrations differ from ours; or if it would have to be changed and must not be.
 */
export async function migrate(connection: Connection, options: MigrateOptions): Promise<string | null> {
  const version = checkedVersion(connection, options.migrations);
  const newest = options.migrations.length;
  if (version === newest) return null;
  if (options.refusal !== null) throw new TunesmithError("storage-unusable", options.refusal);
  const backup = version === 0 ? null : await backUp(connection, newest);
  options.failpoint("after-backup");
  for (const migration of options.migrations.slice(version)) applyOnce(connection, migration, options);
  return backup;
}

function pragma(connection: Connection, name: string): number {
  return Number(connection.rows(`PRAGMA ${name}`)[0][0]);
}

function checkedVersion(connection: Connection, migrations: readonly Migration[]): number {
  // In one transaction, so that another process that is making the database is seen whole or not at all.
  connection.exec("BEGIN");
  try {
    const version = pragma(connection, "user_version");
    const owner = pragma(connection, "application_id");
    const tableCount = Number(connection.rows("SELECT count(*) FROM sqlite_schema")[0][0]);
    if (owner !== applicationId && (owner !== 0 || tableCount > 0))
      throw unusable(connection, "it is a database of another program");
    if (version > migrations.length) {
      throw unusable(
        connection,
        `its schema is version ${version}, this program knows up to ${migrations.length}: use a newer version of tunesmith`,
      );
    }
    if (version > 0) checkSums(connection, migrations.slice(0, version));
    return version;
  } finally {
    connection.exec("ROLLBACK");
  }
}

function checkSums(connection: Connection, applied: readonly Migration[]): void {
  const stored = connection.rows("SELECT checksum FROM migrations ORDER BY version");
  const differs = applied.find((migration, i) => stored[i]?.[0] !== checksumOf(migration));
  if (differs) throw unusable(connection, `its schema version ${differs.version} was made by a different program than this one`);
}

function unusable(connection: Connection, reason: string): TunesmithError {
  return new TunesmithError("storage-unusable", `${connection.path} cannot be used: ${reason}`);
}

function checksumOf(migration: Migration): string {
  return createHash("sha256").update(migration.sql).digest("hex");
}

/**
 * The copy appears under its name only when it is whole and on disk. Null if another process has upgraded the database meanwhile: its
 * copy is the one from before.
 */
async function backUp(connection: Connection, newest: number): Promise<string | null> {
  const path = `${connection.path.replace(/\.db$/, "")}.before-schema-${newest}.db`;
  const unfinished = `${path}.${process.pid}.tmp`;
  await rm(unfinished, { force: true });
  const version = await copyInto(connection, unfinished);
  if (version === newest) await rm(unfinished);
  else await rename(unfinished, path);
  return version === newest ? null : path;
}

/** @returns The schema of the copy. */
async function copyInto(connection: Connection, path: string): Promise<number> {
  try {
    connection.rows("VACUUM INTO ?", path);
    return await syncedVersion(path);
  } catch (error) {
    // A disk that is full of half a copy would be in the way of everything else.
    await rm(path, { force: true });
    throw error;
  }
}

/** `user_version` of a database file that nobody has open. Source: https://sqlite.org/fileformat2.html, section 1.3. */
async function syncedVersion(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.chmod(0o600);
    await file.sync();
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 60);
    return buffer.readUInt32BE(0);
  } finally {
    await file.close();
  }
}

/** Does nothing if another process has been faster. */
function applyOnce(connection: Connection, migration: Migration, { failpoint, wallClockMs }: MigrateOptions): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    if (pragma(connection, "user_version") < migration.version) {
      if (migration.version === 1) connection.exec(`PRAGMA application_id = ${applicationId}; ${migrationsTable}`);
      connection.exec(migration.sql);
      connection.rows("INSERT INTO migrations VALUES (?, ?, ?)", migration.version, checksumOf(migration), wallClockMs());
      connection.exec(`PRAGMA user_version = ${migration.version}`);
    }
    failpoint("before-migration-commit");
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw error;
  }
  failpoint("after-migration-commit");
}

const migrationsTable =
  "CREATE TABLE migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_at REAL NOT NULL) STRICT;";
