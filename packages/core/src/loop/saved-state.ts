import type { Json } from "../json.ts";
import { storedJson } from "../storage/check-stored.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import type { Checkpoint, JobListener } from "./engine.ts";

/** What an objective saved after a step, to go on from there. */
export interface SavedState {
  readonly step: number;
  readonly state: Json;
}

/** @throws {TunesmithError} `invalid-input` if it is of a training that was no objective function. */
export function savedStateOf(checkpoint: Checkpoint | null): SavedState | null {
  if (checkpoint === null) return null;
  const { step, location } = checkpoint;
  try {
    return { step, state: JSON.parse(location) as Json };
  } catch {
    throw new TunesmithError("invalid-input", `the checkpoint of step ${step} is none that saveCheckpoint made: ${location}`);
  }
}

/**
 * Gives what puts states on record as checkpoints of one attempt; of those it makes, the newest is kept, and what a child may need.
 *
 * Where a checkpoint of a command is a folder, this one is the state itself.
 * @returns  Rejects with `invalid-input` if JSON cannot carry the state, and as the listener does.
 */
export function createStateSaver(
  listener: Pick<JobListener, "onCheckpoint" | "onCheckpointDropped">,
): (saved: SavedState) => Promise<void> {
  let newest: Checkpoint | null = null;
  return async ({ step, state }) => {
    const checkpoint = { step, location: JSON.stringify(storedJson(state, "state")) };
    await listener.onCheckpoint(checkpoint);
    const before = newest;
    newest = checkpoint;
    if (before !== null && before.step !== step) await listener.onCheckpointDropped(before);
  };
}
