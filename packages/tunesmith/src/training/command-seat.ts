import { closeSync, mkdirSync, openSync, write } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { pidsOfGroup, removeGroup } from "./control-group.ts";

/**
 * Where the spawner sits: always in a fresh group, so that the next command is born there and no child of it can slip away before it
 * is moved. Right after a command is started the spawner goes on to the next group, while nobody waits for it: a move takes the
 * kernel some 10 ms when there was none just before.
 *
 * ```
 *          moving ──made it──► fresh ──handOver──► moving
 *            └────could not─────► used ───handOver──► moving     what is started here has no group of its own
 * ```
 */
export interface CommandSeat {
  /** Whether a command can be started now; otherwise `onReady` will be called. */
  readonly isReady: boolean;
  /** The group is now that of the command just started, and we go on to the next. Null if it has none of its own. */
  handOver(): CommandGroup | null;
}

/** The group of one command. */
export interface CommandGroup {
  readonly folder: string;
  /** Whether we have left it, so that all in it may be ended; false if we could not. Never rejects. */
  readonly left: Promise<boolean>;
  /** Whether the command and all it started are gone; only asked at its end. */
  isEmpty(): boolean;
  /** Takes the group away once we have left it. */
  remove(): void;
}

/** A seat in a run's group; null = there is none, and commands have no groups. */
export function createCommandSeat(runGroup: string | null, onReady: () => void): CommandSeat {
  return runGroup === null ? { isReady: true, handOver: () => null } : new MovingSeat(runGroup, onReady);
}

class MovingSeat implements CommandSeat {
  readonly #runGroup: string;
  readonly #onReady: () => void;
  #folder: string | null = null;
  #state: "moving" | "fresh" | "used" = "moving";
  #count = 0;

  constructor(runGroup: string, onReady: () => void) {
    this.#runGroup = runGroup;
    this.#onReady = onReady;
    void this.#move();
  }

  get isReady(): boolean {
    return this.#state !== "moving";
  }

  handOver(): CommandGroup | null {
    const folder = this.#state === "fresh" ? this.#folder : null;
    this.#state = "moving";
    const left = this.#move();
    return folder === null ? null : groupOf(folder, left);
  }

  /** @returns Whether we sit in another group now. */
  async #move(): Promise<boolean> {
    const folder = join(this.#runGroup, `${process.pid}-${this.#count}`);
    this.#count += 1;
    const isThere = await enter(folder);
    if (isThere) this.#folder = folder;
    this.#state = isThere ? "fresh" : "used";
    this.#onReady();
    return isThere;
  }
}

/** Makes a group and moves this process there. @returns Whether that went well. */
async function enter(folder: string): Promise<boolean> {
  try {
    mkdirSync(folder);
    const list = openSync(join(folder, "cgroup.procs"), "r+");
    try {
      // Only this takes the kernel its time, so only this is left to another thread. 0 is who writes it.
      await promisify(write)(list, "0");
    } finally {
      closeSync(list);
    }
    return true;
  } catch {
    await removeGroup(folder);
    return false;
  }
}

function groupOf(folder: string, left: Promise<boolean>): CommandGroup {
  return {
    folder,
    left,
    isEmpty: () => {
      try {
        return pidsOfGroup(folder).every((pid) => pid === process.pid);
      } catch {
        return false; // file descriptors are short
      }
    },
    remove: () => void left.then((hasLeft) => (hasLeft ? removeGroup(folder) : false)),
  };
}
