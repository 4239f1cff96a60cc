import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Lets `write` fill an empty folder, puts it on disk and renames it to `final`: a folder of that name is always whole.
 * A folder that was there is replaced. When `write` fails, nothing is left behind and its error is passed on.
 */
export async function saveFolder(final: string, write: (folder: string) => void | Promise<void>): Promise<void> {
  const unfinished = `${final}.tmp`;
  await remove(unfinished);
  await mkdir(unfinished, { recursive: true });
  try {
    await write(unfinished);
    await syncTree(unfinished);
  } catch (error) {
    await remove(unfinished);
    throw error;
  }
  const replaced = `${final}.old.tmp`;
  await remove(replaced);
  await rename(final, replaced).catch(ignoreMissing);
  await rename(unfinished, final);
  await syncFolder(dirname(final));
  await remove(replaced);
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await sync(path, "r+");
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== "win32") await sync(folder, "r"); // folders cannot be opened there
}

async function sync(path: string, flags: "r" | "r+"): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
