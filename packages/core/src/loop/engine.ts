import type { Config } from "../parameters/parameter.ts";
import type { AttemptRef, Decision, Outcome, Report } from "../trial/trial.ts";

/** A saved state of training that a later attempt can continue from. */
export interface Checkpoint {
  readonly step: number;
  /** Where it lies, as the engine understands it. */
  readonly location: string;
}

/** One attempt to be run. */
export interface Job {
  readonly ref: AttemptRef;
  readonly config: Config;
  /** Values that earlier attempts and other replicates of the trial drew (define-by-run). */
  readonly suggested: Config;
  readonly seed: number;
  /** Fold number from 0, or null without folds. */
  readonly fold: number | null;
  /** Fidelity to train to, and the most any trial may train to; null without a declared fidelity. */
  readonly target: number | null;
  readonly maxFidelity: number | null;
  /** Newest checkpoint of this replicate, for a child without one that of its parent from which it begins; or null. */
  readonly checkpoint: Checkpoint | null;
  /** Fidelities at which a decision is due, ascending; null = maybe at any. */
  readonly decisionFidelities: readonly number[] | null;
  readonly confirm: boolean;
}

/** How an engine tells the loop what happens. Each resolves when it is on record. */
export interface JobListener {
  /** Rejects with `stale-attempt` when the attempt is no longer current: the engine ends the job. */
  onReport(reports: readonly Report[]): Promise<Decision>;
  /** Values that the training drew. Rejects as `onReport` does, and with `conflicting-report` if one was drawn otherwise before. */
  onValues(values: Config): Promise<void>;
  onCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Takes it off the record; only then the engine deletes it. False while a child may need it. */
  onCheckpointDropped(checkpoint: Checkpoint): Promise<boolean>;
  /** Exactly once, when nothing of the attempt is left alive. */
  onEnd(outcome: Outcome): Promise<void>;
}

/** Why a running job is to end. The loop already knows what to record; the engine only brings it about. */
export type StopReason = "stopped" | "paused" | "cancelled" | "released" | "stale";

/** Runs attempts somewhere: in this process, as local processes, on a cluster. */
export interface Engine {
  /** Never throws: a start that fails ends the job with an outcome. */
  start(job: Job, listener: JobListener): void;
  /** Asks the job to save and leave, ends it after the grace time. `onEnd` follows. Unknown jobs are ignored. */
  stop(ref: AttemptRef, reason: StopReason): void;
  /** Ends the grace of all stopping jobs now. */
  hurry(): void;
  /** Ends what is left and frees everything. */
  close(): Promise<void>;
}
