import { TunesmithError } from "@tunesmith/core";

const busy = 5;
const full = 13;

/** What SQLite cannot help: primary result codes, their texts, and what they mean. Source: https://sqlite.org/rescode.html */
const hopeless: readonly (readonly [code: number, text: string, meaning: string])[] = [
  [busy, "database is locked", "another process has been using it for too long"],
  [8, "attempt to write a readonly database", "it is read-only"],
  [10, "disk I/O error", "the disk reports an error"],
  [11, "database disk image is malformed", "it is corrupt; restore a backup"],
  [full, "database or disk is full", "the disk is full"],
  [14, "unable to open database file", "it cannot be opened"],
  [26, "file is not a database", "it is not a database"],
];

// The pinned driver gives the code (with its details above the low byte) from `exec`, but only the text from a statement's `all`.
function entryOf(error: unknown): (typeof hopeless)[number] | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode } = error as Error & { readonly errcode?: unknown };
  return hopeless.find(([code, text]) => (typeof errcode === "number" ? code === (errcode & 0xff) : text === error.message));
}

export function isBusy(error: unknown): boolean {
  return entryOf(error)?.[0] === busy;
}

/** Whether it is the disk or another process, and no bug of ours. */
export function isHopeless(error: unknown): boolean {
  return meaningOf(error) !== undefined;
}

function meaningOf(error: unknown): string | undefined {
  return entryOf(error)?.[2] ?? hopelessFiles.get((error as NodeJS.ErrnoException | null)?.code);
}

/** Whether the disk has no room left. */
export function isFull(error: unknown): boolean {
  return entryOf(error)?.[0] === full;
}

/** The same of files that are not SQLite's. */
const hopelessFiles: ReadonlyMap<unknown, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the disk is read-only"],
  ["EIO", "the disk reports an error"],
]);

/** The error as the callers of a storage know it: `storage-unusable` for what SQLite cannot help, anything else as it is. */
export function toStorageError(error: unknown, path: string): unknown {
  const meaning = meaningOf(error);
  if (meaning === undefined) return error;
  return new TunesmithError("storage-unusable", `${path} cannot be used: ${meaning} (${(error as Error).message})`);
}
