import type { AttemptRef } from "../trial/trial.ts";

/** Names an attempt within one study. */
export function jobKey({ trial, replicate, attempt }: AttemptRef): string {
  return `${trial}.${replicate}.${attempt}`;
}
