import { join } from "node:path";
import type { Failpoint } from "../failpoint.ts";
import { migrate } from "../migrations/migrate.ts";
import { type Migration, migrations } from "../migrations/migrations.ts";
import { Ballast, ballastBytes } from "./ballast.ts";
import { DiskRoom, isDiskFull } from "./disk-room.ts";
import { type Connection, type Driver, loadDriver } from "./driver.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { closeDatabase, type DatabaseOptions, makePrivateFolder, openDatabase } from "./open-database.ts";
import { RunnerLocks } from "./runner-locks.ts";
import { toStorageError } from "./sqlite-error.ts";
import { announce, damageOf, wasInterrupted } from "./store-check.ts";

export interface SqliteStorageOptions {
  /** Where the files lie: `tunesmith.db`, its companions, and `locks/`. Made if missing, readable by its owner only. */
  readonly folder: string;
  /** Display only, see `Host.wallClockMs`. */
  readonly wallClockMs: () => number;
  /** Told in one line what a person should know: a network file system, a full disk, damage, a copy made before a migration. */
  readonly onNotice?: (line: string) => void;
  /** How long a write waits while another process writes, up to four times over. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Shut out other processes. Default: only on a network file system, where files are not shared safely (R39). */
  readonly exclusive?: boolean;
  /** Size of a file that is given back when the disk is full, made when a runner has worked for a moment. Default 64 MiB, 0: none. */
  readonly ballastBytes?: number;
  /** For tests of failing disks. */
  readonly driver?: Driver;
  /** For tests of upgrades. */
  readonly migrations?: readonly Migration[];
}

/** The files of a store, opened. */
export interface OpenStore {
  readonly connection: Connection;
  /** Whether other processes are shut out. */
  readonly exclusive: boolean;
  readonly locks: RunnerLocks;
  readonly room: DiskRoom;
  /** Why nothing may be written; null if it may. */
  readonly refusal: string | null;
}

/** @throws {TunesmithError} `storage-unusable`, see `createSqliteStorage`. */
export async function openStore(options: SqliteStorageOptions, failpoint: Failpoint): Promise<OpenStore> {
  const { folder, onNotice = () => {} } = options;
  const path = join(folder, "tunesmith.db");
  const driver = options.driver ?? (await loadDriver());
  await makePrivateFolder(folder);
  const locks = new RunnerLocks(driver, join(folder, "locks"));
  const room = new DiskRoom(folder, new Ballast(folder, options.ballastBytes ?? ballastBytes), onNotice);
  const isFull = await isDiskFull(folder);
  if (isFull) onNotice(`the disk of ${folder} is full: what is stored can be read, nothing new can be recorded`);
  const isDoubtful = wasInterrupted(path, locks);
  const settings = { busyTimeoutMs: options.busyTimeoutMs ?? 5_000, exclusive: await shutsOut(options, onNotice) };
  const { connection, exclusive } = await openOnDisk(driver, path, settings, isFull);
  try {
    const refusal = isDoubtful ? refusalOf(connection) : null;
    if (refusal !== null) onNotice(refusal);
    await upgrade(connection, options, failpoint, refusal);
    await announce(locks);
    return { connection, exclusive, locks, room, refusal };
  } catch (error) {
    connection.close();
    throw toStorageError(error, connection.path);
  }
}

/** Brings everything into the one file as far as possible, and lets go of all files. */
export async function closeStore({ connection, exclusive, locks, room }: OpenStore): Promise<void> {
  await room.close();
  try {
    closeDatabase(connection, exclusive);
  } finally {
    // Last, so that nobody takes what is being closed for abandoned.
    locks.close();
  }
}

async function shutsOut({ folder, exclusive }: SqliteStorageOptions, onNotice: (line: string) => void): Promise<boolean> {
  const network = await networkFileSystem(folder);
  const shutOut = exclusive ?? network !== null;
  if (network !== null && shutOut)
    onNotice(`${folder} is on a network file system (${network}): no other process can use it meanwhile`);
  return shutOut;
}

type OpenDatabase = Pick<OpenStore, "connection" | "exclusive">;

/** A full disk has no space for the file that processes share while they have a database open; one that is alone does without. */
async function openOnDisk(driver: Driver, path: string, options: DatabaseOptions, isFull: boolean): Promise<OpenDatabase> {
  try {
    return { connection: await openDatabase(driver, path, options), exclusive: options.exclusive };
  } catch (error) {
    if (!isFull || options.exclusive) throw error;
    return { connection: await openDatabase(driver, path, { ...options, exclusive: true }), exclusive: true };
  }
}

function refusalOf(connection: Connection): string | null {
  const damage = damageOf(connection);
  if (damage === null) return null;
  return `${connection.path} is damaged and is only read: ${damage}; restore a copy of it, or export its studies into a new one`;
}

async function upgrade(
  connection: Connection,
  { migrations: steps = migrations, wallClockMs, onNotice }: SqliteStorageOptions,
  failpoint: Failpoint,
  refusal: string | null,
): Promise<void> {
  const backup = await migrate(connection, { migrations: steps, failpoint, wallClockMs, refusal });
  if (backup !== null) onNotice?.(`the database was upgraded; a copy from before is ${backup}`);
}
