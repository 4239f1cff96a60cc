import type { JsonObject } from "../json.ts";
import type { Rng } from "../numerics/rng.ts";
import type { Config } from "../parameters/parameter.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import type { Why } from "../trial/trial.ts";

/** What to try next, why, and what the sampler wants to find again in the history. */
export interface Suggestion {
  readonly config: Config;
  readonly why: Why;
  /** JSON-safe, at most 16 KiB + 32 bytes per parameter. */
  readonly note?: JsonObject;
}

export interface SuggestContext {
  /** Number the trial will get. */
  readonly trialNumber: number;
  /** A stream that depends on (study seed, trial number, purpose) only. */
  rng(purpose: string): Rng;
  /** Values a person fixed for this trial (an enqueued part of a config); the sampler may condition on them. Empty otherwise. */
  readonly fixed: Config;
}

/**
 * Chooses configurations. `suggest` is a pure function of (problem, history, context): an instance may cache, yet a fresh instance
 * answers to the same bit. It never reads a clock.
 */
export interface Sampler {
  /** Name as in a study file. */
  readonly type: string;
  /** Raised when the same history would give other suggestions than before. */
  readonly version: number;
  /** What `catalogue` needs to make an equal sampler. */
  readonly options: JsonObject;
  /** Why it cannot serve this problem, one sentence; null if it can. */
  refuse(problem: Problem): string | null;
  /** Null when nothing is left to suggest (a finished grid). A promise only from samplers outside the process. */
  suggest(problem: Problem, history: History, context: SuggestContext): Suggestion | null | Promise<Suggestion | null>;
}
