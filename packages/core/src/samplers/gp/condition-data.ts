import type { History } from "../../trial/history.ts";

/** Something a trial has to keep, as data for a model: y above the threshold means broken. */
export interface ConditionModel {
  readonly name: "violation" | "failure";
  readonly rows: Int32Array;
  /** (rows,) of mean 0 and standard deviation 1. */
  readonly y: Float64Array;
  readonly threshold: number;
  /** False: too few data to learn θ from. */
  readonly fits: boolean;
  /** Whether the same config may keep it once and break it once. */
  readonly isNoisy: boolean;
}

const FAILURES_TO_FIT = 5;

/**
 * The total violation v of the outcome constraints, as log(1 + v / its median where broken); empty if none was ever broken.
 *
 * Source: the compression of D. Eriksson, M. Poloczek (2021), "Scalable constrained Bayesian optimization", Sec. 3.2,
 * https://arxiv.org/abs/2002.08526
 * Departs: by how much a trial keeps the constraints is not in the history; every one that does lies as far below the border, log 2, as the
 * median violation lies above it.
 */
export function violationData({ violations }: History, results: Int32Array): readonly ConditionModel[] {
  const rows = results.filter((row) => !Number.isNaN(violations[row]));
  const broken = Float64Array.from(rows, (row) => Math.min(violations[row], Number.MAX_VALUE))
    .filter((violation) => violation > 0)
    .sort();
  if (broken.length === 0) return [];
  const median = broken[broken.length >> 1];
  const raw = Float64Array.from(rows, (row) => {
    const violation = Math.min(violations[row], Number.MAX_VALUE);
    return violation > 0 ? Math.log1p(Math.min(violation / median, Number.MAX_VALUE)) : -Math.LN2;
  });
  return [{ name: "violation", rows, ...standardised(raw), fits: true, isNoisy: false }];
}

/**
 * Failed trials against those with results, as ±1; empty without failures.
 *
 * Departs: others give failed trials a bad loss and model their probability from five failures on. Here they never touch
 * the losses, which a crash that has nothing to do with the parameters would spoil; below five failures the model's θ is its belief.
 */
export function failureData({ numbers }: History, results: Int32Array, failed: Int32Array): readonly ConditionModel[] {
  if (failed.length === 0) return [];
  const isFailed = new Set(failed);
  const rows = Int32Array.from([...results, ...failed]).sort((a, b) => numbers[a] - numbers[b]);
  const raw = Float64Array.from(rows, (row) => (isFailed.has(row) ? 1 : -1));
  return [{ name: "failure", rows, ...standardised(raw), fits: failed.length >= FAILURES_TO_FIT, isNoisy: true }];
}

/** The border lies at 0. */
function standardised(raw: Float64Array): { readonly y: Float64Array; readonly threshold: number } {
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  const sd = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / raw.length) || 1;
  return { y: raw.map((value) => (value - mean) / sd), threshold: -mean / sd };
}
