import type { JsonObject } from "../json.ts";

/** What a study may spend; the first limit reached ends it. Absent = no limit. */
export interface Budget {
  /** Trials ever made, the failed and cancelled ones included. */
  readonly trials?: number;
  /** Milliseconds that runners were active, summed over all runs. */
  readonly timeMs?: number;
  /** Finished trials in a row without a better best. */
  readonly noImprovement?: number;
  /** Sum over all trials of the fidelity they reached. */
  readonly steps?: number;
}

/** How a study is searched; may change while it runs, unlike the problem. */
export interface StudySettings {
  /** `{ type, …options }` for the catalogue. */
  readonly sampler: JsonObject;
  readonly scheduler: JsonObject;
  readonly budget: Budget;
  /** How many attempts run at a time. */
  readonly parallel: number;
  /** How often a replicate is tried again after a failure of infrastructure or of the user's code. */
  readonly retries: { readonly infra: number; readonly error: number };
  /** At the end, run the best `top` trials again on `seeds` fresh seeds each. */
  readonly confirm: { readonly top: number; readonly seeds: number } | null;
}

export const studySettingsDefaults = Object.freeze({
  budget: Object.freeze({}),
  parallel: 1,
  retries: Object.freeze({ infra: 3, error: 0 }),
  confirm: null,
});
