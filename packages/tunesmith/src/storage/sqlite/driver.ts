/**
 * The one file that knows which SQLite is underneath. The pinned package is used; where it has no binary for the platform, the
 * runtime's own `node:sqlite` (the same interface), if it is new enough.
 */
import { TunesmithError } from "@tunesmith/core";
import type { Row, SqlValue, Statement } from "../statement.ts";

/**
 * Releases before this one may corrupt a WAL database when two connections write and checkpoint at the same moment.
 * Source: https://sqlite.org/wal.html, section "The WAL-Reset Bug".
 */
const oldestSqlite = "3.51.3";

export interface DriverStatement {
  setReturnArrays(enabled: boolean): void;
  all(...values: SqlValue[]): readonly Row[];
}

interface DriverDatabase {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): DriverStatement;
  close(): void;
}

/** What this package needs of the `node:sqlite` interface. */
export interface Driver {
  readonly DatabaseSync: new (path: string, options: { readonly timeout: number }) => DriverDatabase;
}

/** @throws {TunesmithError} `storage-unusable` when the platform has no SQLite that is new enough. */
export async function loadDriver(): Promise<Driver> {
  const driver = await importDriver();
  const memory = new Connection(driver, ":memory:", 0);
  const version = String(memory.rows("SELECT sqlite_version()")[0][0]);
  memory.close();
  requireNewEnough(version);
  return driver;
}

async function importDriver(): Promise<Driver> {
  try {
    return (await import("@photostructure/sqlite")) as unknown as Driver;
  } catch (error) {
    const { sqlite } = process.versions;
    if (sqlite === undefined) throw noDriver(error);
    requireNewEnough(sqlite);
    // Not a literal: the types of the oldest supported runtime do not know this module.
    const builtin = "node:sqlite";
    return (await import(builtin)) as Driver;
  }
}

function noDriver(error: unknown): TunesmithError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TunesmithError("storage-unusable", `SQLite cannot be loaded on ${process.platform} ${process.arch}: ${reason}`);
}

/** @throws {TunesmithError} `storage-unusable` if a version such as "3.53.0" is older than the oldest that is safe. */
export function requireNewEnough(version: string): void {
  const [found, needed] = [version, oldestSqlite].map((text) => text.split(".").map(Number));
  const differing = needed.findIndex((part, i) => found[i] !== part);
  if (differing < 0 || found[differing] > needed[differing]) return;
  throw new TunesmithError(
    "storage-unusable",
    `SQLite is ${version}; at least ${oldestSqlite} is needed: earlier ones can corrupt the database`,
  );
}

/** One open database file; compiles every statement once. */
export class Connection {
  readonly path: string;
  readonly #database: DriverDatabase;
  readonly #compiled = new Map<string, DriverStatement>();

  constructor(driver: Driver, path: string, busyTimeoutMs: number) {
    this.path = path;
    this.#database = new driver.DatabaseSync(path, { timeout: busyTimeoutMs });
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs one or more statements without values. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs one statement. */
  rows(sql: string, ...values: SqlValue[]): readonly Row[] {
    return values.some(isMisbound) ? this.#run(...withExactNumbers(sql, values)) : this.#run(sql, values);
  }

  #run(sql: string, values: readonly SqlValue[]): readonly Row[] {
    let compiled = this.#compiled.get(sql);
    if (!compiled) {
      compiled = this.#database.prepare(sql);
      compiled.setReturnArrays(true);
      this.#compiled.set(sql, compiled);
    }
    return compiled.all(...values);
  }

  readonly execute = (statement: Statement): readonly Row[] => this.rows(statement.sql, ...statement.values);

  close(): void {
    this.#compiled.clear();
    this.#database.close();
  }
}

/** Whether the pinned driver would take a number for the integer below it: it rounds what is closer to that than 2^-52. */
function isMisbound(value: SqlValue): boolean {
  return typeof value === "number" && value !== Math.floor(value) && value - Math.floor(value) < Number.EPSILON;
}

/**
 * The same statement with each such number as a quotient (value · 2^1023) / 2^1023: the division is exact, the first part is at least
 * 2^-51 from the integer below it, and the second is an integer.
 */
function withExactNumbers(sql: string, values: readonly SqlValue[]): readonly [sql: string, values: readonly SqlValue[]] {
  const scale = 2 ** 1023;
  const exact = values.flatMap((value) => (isMisbound(value) ? [(value as number) * scale, scale] : [value]));
  const [start, ...rest] = sql.split("?");
  return [rest.reduce((text, part, i) => `${text}${isMisbound(values[i]) ? "(? / ?)" : "?"}${part}`, start), exact];
}
