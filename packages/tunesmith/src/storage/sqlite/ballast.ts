import { rmSync, statSync } from "node:fs";
import { open, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the file kept beside the database (R30). */
export const ballastBytes = 64 * 2 ** 20;

const chunkBytes = 2 ** 20;

/**
 * A file that only takes up space, so that there is some to give back when the disk is full: then even deleting a row fails, and what
 * is running could not be recorded.
 */
export class Ballast {
  readonly #folder: string;
  readonly #path: string;
  readonly #bytes: number;
  #making: Promise<boolean> | null = null;
  #closed = false;

  constructor(folder: string, bytes: number) {
    this.#folder = folder;
    this.#path = join(folder, "tunesmith.ballast");
    this.#bytes = bytes;
  }

  get isThere(): boolean {
    return this.#bytes > 0 && statSync(this.#path, { throwIfNoEntry: false })?.size === this.#bytes;
  }

  /** Space that must be free before it is made: so much that its own size does not matter. */
  get neededBytes(): number {
    return 4 * this.#bytes;
  }

  /** Makes it unless it is there already or room is short. @returns Whether it is there. */
  make(): Promise<boolean> {
    this.#making ??= this.#tryMake().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** Gives the space back. @returns Whether there was any to give. */
  release(): boolean {
    const wasThere = this.isThere;
    rmSync(this.#path, { force: true });
    return wasThere;
  }

  /** Leaves nothing half made. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#making;
  }

  async #tryMake(): Promise<boolean> {
    if (this.#bytes === 0 || this.isThere) return true;
    const unfinished = `${this.#path}.tmp`;
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      if (bavail * bsize < this.neededBytes) return false;
      await this.#write(unfinished);
      await rename(unfinished, this.#path);
      return true;
    } catch {
      // As good as no room; nothing depends on it until the disk is full.
      await rm(unfinished, { force: true });
      return false;
    }
  }

  /** @throws If it was closed meanwhile, or the disk does not take it. */
  async #write(path: string): Promise<void> {
    const file = await open(path, "w", 0o600);
    try {
      // Written out, because a file with holes takes no space. Not zeros, which some file systems do not store either.
      const chunk = scrambled(Math.min(chunkBytes, this.#bytes));
      for (let at = 0; at < this.#bytes; at += chunk.length) {
        if (this.#closed) throw new Error("closed");
        await file.write(chunk, 0, Math.min(chunk.length, this.#bytes - at));
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Bytes that do not compress. Source: G. Marsaglia (2003), "Xorshift RNGs", https://doi.org/10.18637/jss.v008.i14 */
function scrambled(byteCount: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(byteCount / 4));
  let state = 2_463_534_242;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, byteCount);
}
