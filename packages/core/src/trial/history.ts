import type { JsonObject } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";

/** A trial's losses over the fidelities it reported, ascending; a scheduler's view (mean over live replicates). */
export interface Curve {
  readonly count: number;
  /** (≥ count,) in the fidelity's unit, strictly ascending. */
  readonly fidelities: Float64Array;
  /** (≥ count, m) row-major; losses, NaN where the report was NaN. */
  readonly losses: Float64Array;
}

/**
 * What samplers and schedulers see, H(S): a study up to event S. Read-only, columnar, deterministic.
 *
 * All finished trials up to 10,000; beyond that the best, the newest and all unfinished: see `windowSizes`.
 * Columns are indexed by row; rows are not trial numbers. A column may be longer than the rows in use.
 * Values do not change for a row once its trial is finished, except that it may leave the view.
 */
export interface History {
  /** S: the last event taken in. */
  readonly seq: number;
  /** Dimensions of a point (d) and objectives (m). */
  readonly dimensionCount: number;
  readonly objectiveCount: number;
  /** Trials ever made, finished trials, complete trials; of the whole study, not only of the view. */
  readonly trialCount: number;
  readonly finishedCount: number;
  readonly completeCount: number;
  /** Visible rows in ascending order of trial number. Do not keep it across events. */
  readonly rows: Int32Array;
  /** Trial number of a row. */
  readonly numbers: Int32Array;
  /** `trialStateCodes` of a row. */
  readonly states: Uint8Array;
  /** (rows, d) unit-cube points; NaN = inactive. */
  readonly points: Float64Array;
  /** (rows, m) losses: of the final result, else of the last report; NaN before the first. */
  readonly losses: Float64Array;
  /** (rows,) total violation of the outcome constraints, 0 = feasible, NaN = unknown. */
  readonly violations: Float64Array;
  /** (rows,) greatest fidelity reported; before the first report that of the checkpoint a child begins from, else NaN. */
  readonly fidelities: Float64Array;
  /** (rows,) fidelity that the trial was last started or resumed to train to; NaN without a declared fidelity, or if it was never begun. */
  readonly targets: Float64Array;
  /** (rows,) event at which the trial finished; NaN if unfinished. */
  readonly finishSeqs: Float64Array;
  /**
   * (rows,) wall milliseconds from the first claim to the end, in [0, ∞), see `trialDurationMs`; NaN while unfinished and where it is
   * unknown; NaN throughout where the seed was chosen (`Problem.seedDrawn`).
   */
  readonly durationsMs: Float64Array;
  /** Row of a trial, or −1 if it is not in the view. */
  rowOf(trialNumber: number): number;
  config(row: number): Config;
  note(row: number): JsonObject | null;
  bracket(row: number): number;
  curve(row: number): Curve;
  /** Number of the trial whose checkpoint it began from, perhaps no longer in view; −1 for none. */
  parent(row: number): number;
  /** Fidelity of the checkpoint that it began from; 0 without a parent. */
  startFidelity(row: number): number;
  /**
   * Whether every replicate has put a checkpoint on record, so that a child can begin from it. Always false without a fidelity, or where
   * trainings are not resumed.
   */
  hasCheckpoint(row: number): boolean;
  /** Whether it is paused because a person wanted it, and not resumed since: no policy may resume it, or end it. */
  pausedByPerson(row: number): boolean;
  /** Key (`Space.key`) → whether some visible or remembered trial has exactly this config. */
  hasConfig(key: string): boolean;
  /** Rows that changed (were added, reported, finished, left) since `cursor`; null when too old: start anew. */
  changesSince(cursor: number): { readonly cursor: number; readonly rows: Int32Array } | null;
}
