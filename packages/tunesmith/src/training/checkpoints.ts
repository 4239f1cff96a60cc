import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { cp, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Checkpoint, TunesmithError } from "@tunesmith/core";

export interface CheckpointFile {
  /** Relative to the checkpoint, with `/`. */
  readonly file: string;
  readonly size: number;
  /** Hexadecimal; null where the checkpoint is too large to be read in passing. */
  readonly sha256: string | null;
}

/** What a checkpoint holds, sorted by file name. */
export type CheckpointManifest = readonly CheckpointFile[];

export interface InspectOptions {
  /** Files are hashed, smallest first, while their sizes add up to no more than this; default 64 MiB. */
  readonly hashedBytes?: number;
  /** Most entries a checkpoint may have; default 100,000. */
  readonly maxEntryCount?: number;
}

const namePattern = /^step-(0|[1-9]\d{0,15})$/;
const maxDepth = 32;

/** The checkpoints in a save folder, oldest first. A `step-N` is one only as a real folder; drafts (`step-N.tmp`) and links are none. */
export async function listCheckpoints(saveDir: string): Promise<Checkpoint[]> {
  const entries = await readdir(saveDir, { withFileTypes: true }).catch(() => []);
  const found: Checkpoint[] = [];
  for (const entry of entries) {
    const step = Number(namePattern.exec(entry.name)?.[1] ?? Number.NaN);
    if (Number.isSafeInteger(step) && entry.isDirectory()) found.push({ step, location: join(saveDir, entry.name) });
  }
  return found.sort((a, b) => a.step - b.step);
}

/**
 * Looks through a checkpoint without following any link.
 *
 * @throws {TunesmithError} `refused` if it is empty, holds anything but regular files and folders, has too many entries, is nested
 *   deeper than 32 folders, cannot be read, or changes while it is read.
 */
export async function inspectCheckpoint(location: string, options: InspectOptions = {}): Promise<CheckpointManifest> {
  const sizes = new Map<string, number>();
  await collectSizes(location, location, sizes, options.maxEntryCount ?? 100_000, 0).catch((error: unknown) => {
    throw error instanceof TunesmithError ? error : refused(location, `cannot be read: ${messageOf(error)}`);
  });
  if (sizes.size === 0) throw refused(location, "holds no file");
  const hashes = await hashSmallest(location, sizes, options.hashedBytes ?? 64 * 2 ** 20);
  return [...sizes]
    .map(([file, size]) => ({ file, size, sha256: hashes.get(file) ?? null }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Whether a checkpoint still is what its manifest says: the same files of the same sizes and, where known, the same contents. */
export async function isIntact(location: string, manifest: CheckpointManifest): Promise<boolean> {
  const hashedBytes = manifest.reduce((sum, entry) => (entry.sha256 === null ? sum : sum + entry.size), 0);
  const now = await inspectCheckpoint(location, { hashedBytes }).catch(() => []);
  return JSON.stringify(now) === JSON.stringify(manifest);
}

async function collectSizes(root: string, dir: string, sizes: Map<string, number>, room: number, depth: number): Promise<number> {
  if (depth > maxDepth) throw refused(root, `is nested deeper than ${maxDepth} folders`);
  let left = room;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    left -= 1;
    if (left < 0) throw refused(root, "has too many entries");
    const path = join(dir, entry.name);
    if (entry.isDirectory()) left = await collectSizes(root, path, sizes, left, depth + 1);
    else if (entry.isFile()) sizes.set(relative(root, path), (await lstat(path)).size);
    else throw refused(root, `holds ${relative(root, path)}, which is no regular file`);
  }
  return left;
}

async function hashSmallest(root: string, sizes: ReadonlyMap<string, number>, hashedBytes: number): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  let left = hashedBytes;
  for (const [file, size] of [...sizes].sort((a, b) => a[1] - b[1])) {
    left -= size;
    if (left < 0) break;
    hashes.set(file, await hashFile(root, file, size));
  }
  return hashes;
}

async function hashFile(root: string, file: string, size: number): Promise<string> {
  // Not through a link that took the file's place, and not waiting for the writer of a FIFO that did.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(root, file), flags).catch((error: unknown) => {
    throw refused(root, `cannot be read: ${messageOf(error)}`);
  });
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(Math.min(size + 1, 2 ** 18));
    let total = 0;
    for (let readCount = -1; readCount !== 0 && total <= size; total += readCount) {
      readCount = (await handle.read(buffer, 0, buffer.length)).bytesRead;
      hash.update(buffer.subarray(0, readCount));
    }
    if (total !== size) throw refused(root, `changed while it was read (${file})`);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

/**
 * Copies a checkpoint to a folder that does not exist yet; it appears there whole or not at all.
 * @throws {TunesmithError} `refused` as `inspectCheckpoint` does.
 */
export async function exportCheckpoint(from: string, to: string): Promise<void> {
  await inspectCheckpoint(from, { hashedBytes: 0 });
  const draft = `${to}.tmp`;
  await rm(draft, { recursive: true, force: true });
  await cp(from, draft, { recursive: true, errorOnExist: true, force: false, verbatimSymlinks: true });
  await rename(draft, to);
}

function refused(location: string, what: string): TunesmithError {
  return new TunesmithError("refused", `the checkpoint ${location} ${what}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
