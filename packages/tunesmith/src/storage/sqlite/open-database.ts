import { mkdir, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { TunesmithError } from "@tunesmith/core";
import { Connection, type Driver } from "./driver.ts";
import { isBusy, isHopeless, toStorageError } from "./sqlite-error.ts";

export interface DatabaseOptions {
  /** How long a write waits for another process's. */
  readonly busyTimeoutMs: number;
  /** Shut out other processes; needed where files are not shared as on a local disk. */
  readonly exclusive: boolean;
}

/** Makes a folder for nobody else's eyes; one that exists stays as it is. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Makes an empty file for nobody else's eyes; SQLite gives its companion files the same permissions. */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    // Only if there is none: opening and closing one that SQLite has open in this process would drop its locks.
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * A connection on which a commit is on disk when it returns.
 *
 * @throws {TunesmithError} `storage-unusable` if the file cannot be opened or does not take these settings.
 */
export async function openDatabase(driver: Driver, path: string, options: DatabaseOptions): Promise<Connection> {
  await makePrivateFile(path);
  const connection = new Connection(driver, path, options.busyTimeoutMs);
  try {
    await makeDurable(connection, options);
    return connection;
  } catch (error) {
    connection.close();
    throw toStorageError(error, path);
  }
}

/** Sets what `openDatabase` promises and reads it back. @throws {TunesmithError} `storage-unusable` if the database does not take it. */
export async function makeDurable(connection: Connection, { exclusive, busyTimeoutMs }: DatabaseOptions): Promise<void> {
  if (exclusive) connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  await retryWhileBusy(() => connection.exec("PRAGMA journal_mode = WAL"), busyTimeoutMs);
  connection.exec(settings);
  requireSetting(connection, "journal_mode", "wal");
  requireSetting(connection, "synchronous", 2);
  requireSetting(connection, "foreign_keys", 1);
}

// FULL on every connection: some builds of SQLite open an existing WAL database with less, and an acknowledged write could be lost
// with the power. fullfsync: on macOS fsync alone does not reach the disk. No mmap: an I/O error there ends the process.
const settings = `
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA journal_size_limit = 67108864;
`;

/**
 * Brings everything into the one file, as far as other processes let it, and closes.
 *
 * The pinned driver only lets go of a file when its statements are garbage-collected: an exclusive lock is given back before.
 */
export function closeDatabase(connection: Connection, exclusive: boolean): void {
  try {
    connection.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    if (exclusive)
      connection.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema");
  } catch (error) {
    // For example a full disk. Nothing is lost: what is not brought in is read from the log the next time.
    if (!isHopeless(error)) throw error;
  } finally {
    connection.close();
  }
}

function requireSetting(connection: Connection, name: string, value: string | number): void {
  const found = connection.rows(`PRAGMA ${name}`)[0][0];
  if (found === value) return;
  throw new TunesmithError(
    "storage-unusable",
    `${connection.path} cannot be used safely: ${name} is ${found}, ${value} is needed`,
  );
}

/** The switch to WAL does not wait for another process that is opening the file at the same moment. */
async function retryWhileBusy(action: () => void, patienceMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 20) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= patienceMs) throw error;
    }
    await sleep(20);
  }
}
