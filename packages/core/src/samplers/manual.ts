import type { Sampler } from "./sampler.ts";

export const manualType = "manual";

/** Suggests nothing: every trial is enqueued by a person or another program, and the study waits for them. */
export function manual(): Sampler {
  return { type: manualType, version: 1, options: {}, refuse: () => null, suggest: () => null };
}
