import { type FailureReason, type Metrics, outcomeKey, type Replicate, type TrialState } from "@tunesmith/core";
import { packValues, unpackNumbers } from "../packing.ts";
import { type Operation, type Row, type SqlValue, type Statement, statement } from "../statement.ts";
import type { NameSets } from "./name-sets.ts";
import type { OperationContext } from "./study-change.ts";

/** A record as two columns: the number of its list of names, and its packed values. */
export type PackedRecord = readonly [names: number | null, values: Uint8Array | null];

export function* packMetrics(context: OperationContext, metrics: Metrics | null): Operation<PackedRecord> {
  if (metrics === null) return [null, null];
  const number = yield* context.names.numberOf(Object.keys(metrics));
  return [number, packValues(Object.values(metrics))];
}

/** @param number  A list that was learnt. */
export function unpackMetrics(names: NameSets, number: SqlValue, values: SqlValue): Metrics | null {
  if (number === null) return null;
  const numbers = unpackNumbers(values as Uint8Array);
  return Object.fromEntries(names.names(number).map((name, i) => [name, numbers[i]]));
}

export const replicateColumns = `r.replicate, r.state, r.attempt, r.seed, r.confirm, r.target, r.infra_retry_count, r.error_retry_count,
  r.reason, r.message, r.metric_names, r.metrics`;
/** Place of the names in `replicateColumns`, and how many there are. */
export const replicateNamesColumn = 10;
export const replicateColumnCount = 12;

/** @param row  Begins with `replicateColumns`, its names learnt. */
export function replicateOf(names: NameSets, row: Row): Replicate {
  const [index, state, attempt, seed, confirm, target, infraRetryCount, errorRetryCount, reason, message, metricNames, metrics] =
    row;
  return {
    index: index as number,
    state: state as TrialState,
    attempt: attempt as number,
    seed: seed as number,
    confirm: confirm === 1,
    target: target as number | null,
    metrics: unpackMetrics(names, metricNames, metrics),
    infraRetryCount: infraRetryCount as number,
    errorRetryCount: errorRetryCount as number,
    reason: reason as FailureReason | null,
    message: message as string | null,
  };
}

const insertReplicate = `INSERT INTO replicates (study, trial, replicate, state, attempt, seed, confirm, target, infra_retry_count,
  error_retry_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`;

export function newReplicateRow(study: number, trial: number, replicate: Replicate): Statement {
  const { index, state, attempt, seed, confirm, target } = replicate;
  return statement(insertReplicate, study, trial, index, state, attempt, seed, confirm ? 1 : 0, target);
}

const updateReplicate = `UPDATE replicates SET state = ?, attempt = ?, target = ?, metric_names = ?, metrics = ?, infra_retry_count = ?,
  error_retry_count = ?, reason = ?, message = ?, ended_as = ? WHERE study = ? AND trial = ? AND replicate = ?`;

export function* writeReplicate(
  context: OperationContext,
  study: number,
  trial: number,
  replicate: Replicate,
  endedAs: string | null,
): Operation<void> {
  const { index, state, attempt, target, infraRetryCount, errorRetryCount, reason, message } = replicate;
  const metrics = yield* packMetrics(context, replicate.metrics);
  const values = [state, attempt, target, ...metrics, infraRetryCount, errorRetryCount, reason, message];
  yield statement(updateReplicate, ...values, endedAsColumn(replicate, endedAs), study, trial, index);
}

// How a complete one ended follows from its metrics; the column would be the longest of the row.
function endedAsColumn(replicate: Replicate, endedAs: string | null): string | null {
  return replicate.state === "complete" ? null : endedAs;
}

/** What `isRepeatedEnd` asks for. */
export function endedAsOf(replicate: Replicate, column: SqlValue): string | null {
  if (replicate.state !== "complete" || replicate.metrics === null) return column as string | null;
  return outcomeKey({ kind: "complete", metrics: replicate.metrics });
}
