import type { SuggestContext, Suggestion } from "../samplers/sampler.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";

/** What a study should do next with a free slot. */
export type Intent =
  | { readonly kind: "start"; readonly suggestion: Suggestion; readonly target: number | null; readonly bracket: number }
  | { readonly kind: "resume"; readonly trial: number; readonly target: number }
  /**
   * A child begins from the newest checkpoint of `parent` with the suggestion's config; the paused member `trial`, whose place it takes,
   * ends as stopped(exploited). A null `trial` ends nobody: the child stands in for a member that has ended by itself. The parent must
   * have a checkpoint (`History.hasCheckpoint`). Children do not count against the budget of trials.
   */
  | {
      readonly kind: "exploit";
      readonly trial: number | null;
      readonly parent: number;
      readonly suggestion: Suggestion;
      readonly target: number | null;
      readonly bracket: number;
    }
  | { readonly kind: "wait" }
  | { readonly kind: "finish" };

/**
 * Drives a study: one pure function for a free slot, one for a report. `compose(sampler, scheduler)` is one policy; population-based
 * training and freeze-thaw are others. The history is fixed before the call.
 */
export interface Policy {
  /** Why it cannot drive this problem, one sentence; null if it can. */
  refuse(problem: Problem): string | null;
  next(problem: Problem, history: History, context: SuggestContext): Intent | Promise<Intent>;
  /** Fills the open part of an enqueued config. */
  fill(problem: Problem, history: History, context: SuggestContext): Intent | Promise<Intent>;
  onReport(problem: Problem, history: History, row: number): Decision;
  /** See `Scheduler.decisionFidelities`. */
  decisionFidelities(problem: Problem, bracket: number): readonly number[] | null;
}

/** @returns The policy. @throws {TunesmithError} `refused` if it cannot drive the problem. */
export function requireServing(policy: Policy, problem: Problem): Policy {
  const refusal = policy.refuse(problem);
  if (refusal !== null) throw new TunesmithError("refused", refusal);
  return policy;
}
