import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Checkpoint, TunesmithError } from "@tunesmith/core";
import { checkpointsToDelete, type KeepRule } from "./checkpoint-retention.ts";
import { type CheckpointManifest, inspectCheckpoint, isIntact, listCheckpoints } from "./checkpoints.ts";

export interface CheckpointKeeperOptions {
  readonly saveDir: string;
  readonly rule: KeepRule;
  /** Puts a checkpoint on record. */
  readonly register: (checkpoint: Checkpoint) => Promise<void>;
  /** Takes one off the record, before it is deleted. False if it has to stay for now. */
  readonly forget: (checkpoint: Checkpoint) => Promise<boolean>;
  /** A checkpoint is no good, and no longer in the making; called once for each. */
  readonly onRefused: (checkpoint: Checkpoint, message: string) => void;
  /** Seconds the trial has trained, earlier attempts that this one continues included. */
  readonly trainedSeconds: () => number;
  /** Step of the best report so far, or null. */
  readonly bestStep: () => number | null;
  /** Whether something beyond this attempt needs a checkpoint. */
  readonly isPinned: (location: string) => boolean;
}

/** Registers the checkpoints of one attempt as they appear, and deletes those that need not be kept. */
export interface CheckpointKeeper {
  /** Looks now. Calls may overlap: they run one after the other. Rejects only if `register` does. */
  look(): Promise<void>;
  /** Looks for the last time: nobody writes any more. */
  lookFinally(): Promise<void>;
  /** The newest registered checkpoint of this attempt, or null. */
  newest(): Checkpoint | null;
}

export function createCheckpointKeeper(options: CheckpointKeeperOptions): CheckpointKeeper {
  return new SaveFolderKeeper(options);
}

class SaveFolderKeeper implements CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions;
  readonly #registered = new Map<number, Checkpoint>();
  /** Told already. */
  readonly #refused = new Set<number>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options;
  }

  look(): Promise<void> {
    return this.#enqueue(false);
  }

  lookFinally(): Promise<void> {
    return this.#enqueue(true);
  }

  newest(): Checkpoint | null {
    const steps = [...this.#registered.keys()];
    return steps.length === 0 ? null : (this.#registered.get(Math.max(...steps)) ?? null);
  }

  #enqueue(isLast: boolean): Promise<void> {
    const run = () => this.#lookOnce(isLast);
    this.#queue = this.#queue.then(run, run);
    return this.#queue;
  }

  async #lookOnce(isLast: boolean): Promise<void> {
    const found = await listCheckpoints(this.#options.saveDir);
    for (const checkpoint of found) {
      if (this.#registered.has(checkpoint.step)) continue;
      // Some write into the final folder instead of renaming it; that one may be in the making until a newer one appears.
      const isSettled = isLast || checkpoint !== found[found.length - 1];
      if (await this.#accept(checkpoint, isSettled)) await this.#prune();
    }
  }

  async #accept(checkpoint: Checkpoint, isSettled: boolean): Promise<boolean> {
    try {
      const trainedSeconds = this.#options.trainedSeconds();
      const registration: Registration = { trainedSeconds, files: await inspectCheckpoint(checkpoint.location) };
      await writeFile(registrationPath(checkpoint.location), JSON.stringify(registration));
    } catch (error) {
      if (isSettled) this.#refuse(checkpoint, error);
      return false;
    }
    await this.#options.register(checkpoint);
    this.#registered.set(checkpoint.step, checkpoint);
    return true;
  }

  #refuse(checkpoint: Checkpoint, error: unknown): void {
    if (this.#refused.has(checkpoint.step)) return;
    this.#refused.add(checkpoint.step);
    const message =
      error instanceof TunesmithError
        ? error.message
        : `the checkpoint ${checkpoint.location} cannot be registered: ${String(error)}`;
    this.#options.onRefused(checkpoint, message);
  }

  /** The newest always stays: the next attempt continues from it. */
  async #prune(): Promise<void> {
    const { rule, bestStep, isPinned } = this.#options;
    const newest = this.newest();
    const pinned = new Set<number>();
    for (const { step, location } of this.#registered.values()) if (step === newest?.step || isPinned(location)) pinned.add(step);
    for (const step of checkpointsToDelete([...this.#registered.keys()], rule, { bestStep: bestStep(), pinned })) {
      const checkpoint = this.#registered.get(step);
      if (checkpoint === undefined) continue;
      if (!(await this.#options.forget(checkpoint))) continue;
      this.#registered.delete(step);
      await deleteCheckpoint(checkpoint.location);
    }
  }
}

/** Deletes a checkpoint with its manifest; what cannot be deleted is left. */
export async function deleteCheckpoint(location: string): Promise<void> {
  await rm(location, { recursive: true, force: true }).catch(() => undefined);
  await rm(registrationPath(location), { force: true }).catch(() => undefined);
}

/** A checkpoint to continue from, and how many seconds of training it holds. */
export interface UsableCheckpoint extends Checkpoint {
  readonly trainedSeconds: number;
}

/**
 * The checkpoint to continue from: the wanted one if it still is what was registered, else the newest older one in the same folder
 * that is, else null.
 */
export async function usableCheckpoint(wanted: Checkpoint): Promise<UsableCheckpoint | null> {
  const older = (await listCheckpoints(dirname(wanted.location))).reverse().filter(({ step }) => step < wanted.step);
  for (const checkpoint of [wanted, ...older]) {
    const registration = await readRegistration(checkpoint.location);
    if (registration === null || !(await isIntact(checkpoint.location, registration.files))) continue;
    return { ...checkpoint, trainedSeconds: registration.trainedSeconds };
  }
  return null;
}

/** What is kept beside a checkpoint, in `step-N.json`. */
interface Registration {
  readonly trainedSeconds: number;
  readonly files: CheckpointManifest;
}

async function readRegistration(location: string): Promise<Registration | null> {
  try {
    const found = JSON.parse(await readFile(registrationPath(location), "utf8")) as Partial<Registration> | null;
    const whole = typeof found?.trainedSeconds === "number" && Array.isArray(found.files);
    return whole ? (found as Registration) : null;
  } catch {
    return null; // never registered, or damaged since
  }
}

function registrationPath(location: string): string {
  return `${location}.json`;
}
