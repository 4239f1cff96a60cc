import { TunesmithError } from "../tunesmith-error.ts";

/** Whether a write was refused because its attempt is no longer the current one (R6): whoever made it has to leave. */
export function isStaleAttempt(error: unknown): error is TunesmithError {
  return error instanceof TunesmithError && error.code === "stale-attempt";
}
