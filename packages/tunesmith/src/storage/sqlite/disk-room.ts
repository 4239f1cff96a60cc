import { statfs } from "node:fs/promises";
import { TunesmithError } from "@tunesmith/core";
import type { Ballast } from "./ballast.ts";

// Short runs are over by then, and most of them on disks with room.
const ballastDelayMs = 2_000;
const mebibyte = 2 ** 20;

/** Whether hardly anything more can be written where a folder lies. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < mebibyte;
}

/**
 * What a store does about a disk that fills up: first it gives back the ballast, so that trials that run can be recorded; from then on
 * it takes no new ones until there is room for the ballast again.
 */
export class DiskRoom {
  readonly #folder: string;
  readonly #ballast: Ballast;
  readonly #onNotice: (line: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #isShort = false;

  constructor(folder: string, ballast: Ballast, onNotice: (line: string) => void) {
    this.#folder = folder;
    this.#ballast = ballast;
    this.#onNotice = onNotice;
  }

  /** Whether new trials must ask for room first. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Makes the ballast soon, unless the store is closed before; for those who will write for long. */
  keepBallast(): void {
    this.#timer ??= setTimeout(() => void this.#ballast.make(), ballastDelayMs).unref();
  }

  /** To be called when a write found no room. @returns Whether there may be some now. */
  giveBack(): boolean {
    if (!this.#ballast.release()) return false;
    this.#isShort = true;
    this.#onNotice(`the disk of ${this.#folder} is full: space kept for this was given back, so that what runs can be recorded`);
    return true;
  }

  /** @throws {TunesmithError} `storage-unusable` while there is no room for new trials. */
  async requireForTrials(): Promise<void> {
    this.#isShort = !(await this.#ballast.make());
    if (!this.#isShort) return;
    const needed = `${Math.ceil(this.#ballast.neededBytes / mebibyte)} MiB must be free`;
    throw new TunesmithError("storage-unusable", `${this.#folder} takes no new trials: the disk is full; ${needed}`);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#ballast.close();
  }
}
