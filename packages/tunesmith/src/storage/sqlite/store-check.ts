import { statSync } from "node:fs";
import { TunesmithError } from "@tunesmith/core";
import type { Connection } from "./driver.ts";
import type { RunnerLocks } from "./runner-locks.ts";
import { isHopeless } from "./sqlite-error.ts";

/** Lock that everyone shares who has the store open. */
const storeLock = "store";

/**
 * Whether the last one who had a database open did not close it: its log holds something, and nobody is there. Cheap, unlike looking
 * through the database itself.
 */
export function wasInterrupted(path: string, locks: RunnerLocks): boolean {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return log !== undefined && log.size > 0 && locks.isFree(storeLock);
}

/** Tells others that somebody has the store open. */
export async function announce(locks: RunnerLocks): Promise<void> {
  try {
    await locks.share(storeLock);
  } catch (error) {
    // A full disk, for example. Without it the next one looks through the database once more than needed.
    if (!isHopeless(error) && !(error instanceof TunesmithError)) throw error;
  }
}

/**
 * What is wrong with a database, in SQLite's words; null if nothing is.
 *
 * Cost: reads all of it, about a second for each 500 MB.
 */
export function damageOf(connection: Connection): string | null {
  try {
    const [[found]] = connection.rows("PRAGMA quick_check(1)");
    return found === "ok" ? null : String(found).replaceAll(/\s+/g, " ");
  } catch (error) {
    if (!isHopeless(error)) throw error;
    return (error as Error).message;
  }
}
