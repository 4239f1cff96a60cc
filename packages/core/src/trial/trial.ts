import type { JsonObject } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import type { TrialState } from "./trial-state.ts";

/** Numbers by metric name; NaN and the infinities are allowed. */
export type Metrics = { readonly [name: string]: number };

/** Why an attempt did not deliver (R14). */
export type FailureReason =
  | "exit"
  | "signal"
  | "oom"
  | "timeout"
  | "no_result"
  | "non_finite"
  | "lease_lost"
  | "preempted"
  | "infra"
  | "error";

/** Why something was suggested or decided: a code and its numbers, worded by the message catalogue. */
export type Why = { readonly code: string } & JsonObject;

/** One execution of one replicate; the fencing token of every write about it. */
export interface AttemptRef {
  readonly studyId: string;
  readonly trial: number;
  readonly replicate: number;
  readonly attempt: number;
}

/** What a training process said at one step. */
export interface Report {
  /** Integer in [0, 2^53 − 1]; orders the reports of an attempt. */
  readonly step: number;
  /** How far the trial has trained, in the fidelity's unit; equals `step` for `unit: steps`. */
  readonly fidelity: number;
  readonly metrics: Metrics;
}

/** A stored report: with the event that made it part of the history. */
export interface StoredReport extends Report {
  readonly seq: number;
  readonly replicate: number;
  readonly attempt: number;
}

/** One run of a trial that differs from its siblings only in fold or seed. */
export interface Replicate {
  readonly index: number;
  readonly state: TrialState;
  /** Number of claims so far; the newest attempt's number, 0 before the first. */
  readonly attempt: number;
  readonly seed: number;
  /** Whether it only confirms a finished trial: changes neither its state nor its value and no sampler sees it. */
  readonly confirm: boolean;
  /** Fidelity the next or current attempt trains to; null without a declared fidelity. */
  readonly target: number | null;
  readonly metrics: Metrics | null;
  readonly infraRetryCount: number;
  readonly errorRetryCount: number;
  readonly reason: FailureReason | null;
  readonly message: string | null;
}

/** The checkpoint that a child began from. */
export interface TrialParent {
  readonly trial: number;
  readonly step: number;
}

/** Everything that is stored about a trial besides its reports. */
export interface Trial {
  readonly number: number;
  readonly state: TrialState;
  readonly config: Config;
  /** Problem revision it was suggested under. */
  readonly revision: number;
  /** Event up to which the sampler saw the history. */
  readonly historySeq: number;
  readonly source: "sampler" | "enqueued" | "retry" | "child" | "ask";
  /** Not null exactly with source `child`: every replicate began from that of the parent with the same index. */
  readonly parent: TrialParent | null;
  /** Values a person fixed; the rest of `config` was filled by the sampler. Null if nothing was fixed. */
  readonly fixed: Config | null;
  /** Values that the training code drew at the call (define-by-run), by name; null if it drew none. */
  readonly suggested: Config | null;
  readonly why: Why | null;
  readonly note: JsonObject | null;
  readonly bracket: number;
  /** Objective values in the user's own sign, mean over replicates; null until finished with values. */
  readonly values: readonly number[] | null;
  /** Standard error of each value; null with fewer than two replicates. */
  readonly standardErrors: readonly number[] | null;
  /** All metrics of the final result, mean over replicates. */
  readonly metrics: Metrics | null;
  /** Greatest fidelity reported, for a child at least its parent's step; null before the first report of any other trial. */
  readonly fidelity: number | null;
  readonly reason: FailureReason | null;
  /** Failure message or the like, one line for people. */
  readonly message: string | null;
  /** Why it was stopped early: rule and numbers. */
  readonly stopWhy: Why | null;
  readonly tags: readonly string[];
  readonly createdSeq: number;
  readonly finishedSeq: number | null;
  /** Wall clock milliseconds, for display; samplers see only how long a trial took (`trialDurationMs`). */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly replicates: readonly Replicate[];
}

/** A decision about a running attempt. */
export type Decision =
  | { readonly kind: "continue" }
  | { readonly kind: "pause"; readonly why: Why }
  | { readonly kind: "stop"; readonly why: Why };

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: "complete"; readonly metrics: Metrics }
  | { readonly kind: "stopped"; readonly why: Why; readonly metrics: Metrics | null }
  | { readonly kind: "paused" }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly message: string }
  /** Back to the queue without using a retry: our own death, a drain, a preemption. */
  | { readonly kind: "released"; readonly reason: "preempted" | "lease_lost" }
  | { readonly kind: "cancelled" };
