import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection, type Driver } from "./driver.ts";
import { makePrivateFile, makePrivateFolder } from "./open-database.ts";
import { isBusy, toStorageError } from "./sqlite-error.ts";

// Somebody who only looks (`isHeld`) is in the way for a moment.
const tryCount = 5;
const tryPauseMs = 20;
// Reading takes a shared lock, and the transaction keeps it.
const shareLock = "BEGIN; SELECT count(*) FROM sqlite_schema";

/**
 * Locks that the operating system gives back when their holder dies, however it dies: an exclusive transaction on a small database
 * of its own, `<id>.db`, that is never written.
 */
export class RunnerLocks {
  readonly #driver: Driver;
  readonly #folder: string;
  // A connection that nobody refers to is closed by the garbage collector, and its lock is gone.
  readonly #held = new Map<string, Connection>();

  constructor(driver: Driver, folder: string) {
    this.#driver = driver;
    this.#folder = folder;
  }

  /** Whether it is ours now. */
  async acquire(id: string): Promise<boolean> {
    if (this.#held.has(id)) return false;
    await makePrivateFolder(this.#folder);
    await makePrivateFile(this.#path(id));
    for (let left = tryCount; left > 0; left--) {
      const connection = this.#tryLock(id, "BEGIN EXCLUSIVE");
      if (connection !== null) {
        this.#held.set(id, connection);
        return true;
      }
      await sleep(tryPauseMs);
    }
    return false;
  }

  /** Holds it together with others, until `close`; does nothing where it cannot be held. */
  async share(id: string): Promise<void> {
    await makePrivateFolder(this.#folder);
    await makePrivateFile(this.#path(id));
    for (let left = tryCount; left > 0; left--) {
      const connection = this.#tryLock(id, shareLock);
      if (connection !== null) return void this.#held.set(id, connection);
      await sleep(tryPauseMs);
    }
  }

  /** Whether nobody holds it or shares it. */
  isFree(id: string): boolean {
    if (this.#held.has(id)) return false;
    if (!existsSync(this.#path(id))) return true;
    const connection = this.#tryLock(id, "BEGIN EXCLUSIVE");
    connection?.close();
    return connection !== null;
  }

  isHeld(id: string): boolean {
    if (this.#held.has(id)) return true;
    if (!existsSync(this.#path(id))) return false;
    // Reading needs only a shared lock, so that two who look do not see each other.
    const connection = this.#tryLock(id, "SELECT count(*) FROM sqlite_schema");
    connection?.close();
    return connection === null;
  }

  release(id: string): void {
    this.#held.get(id)?.close();
    this.#held.delete(id);
  }

  /** Forgets a lock that nobody will ask for again. */
  async remove(id: string): Promise<void> {
    this.release(id);
    await rm(this.#path(id), { force: true });
  }

  close(): void {
    for (const id of [...this.#held.keys()]) this.release(id);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.db`);
  }

  #tryLock(id: string, sql: string): Connection | null {
    const path = this.#path(id);
    const connection = new Connection(this.#driver, path, 0);
    try {
      connection.exec(sql);
      return connection;
    } catch (error) {
      connection.close();
      if (isBusy(error)) return null;
      throw toStorageError(error, path);
    }
  }
}
