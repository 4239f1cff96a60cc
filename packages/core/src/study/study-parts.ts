import type { Abort, Host } from "../host.ts";
import type { Job } from "../loop/engine.ts";
import type { StudySession } from "../loop/study-session.ts";
import type { RunnerLock, Storage } from "../storage/storage.ts";
import { TunesmithError } from "../tunesmith-error.ts";

/** Everything that a study's verbs share. */
export interface StudyParts {
  readonly session: StudySession;
  readonly storage: Storage;
  readonly host: Host;
  readonly lock: RunnerLock;
  /** Attempts asked for and not yet told, each with the writes of the values it drew. */
  readonly asked: Map<Job, Promise<void>[]>;
  /** The `optimize` that is going on. */
  run: { readonly abort: Abort; readonly end: Promise<unknown> } | null;
  isClosed: boolean;
}

/** @throws {TunesmithError} `wrong-state` after `close`. */
export function requireOpen({ isClosed, session }: StudyParts): void {
  if (isClosed) throw new TunesmithError("wrong-state", `${session.record.name} is closed; open it again`);
}
