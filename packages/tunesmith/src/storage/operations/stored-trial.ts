import type { Config, FailureReason, JsonObject, ParameterValue, Replicate, Trial, TrialState, Why } from "@tunesmith/core";
import { packValues, unpackNumbers, unpackValues } from "../packing.ts";
import { type Operation, type Row, type SqlValue, statement } from "../statement.ts";
import type { NameSets } from "./name-sets.ts";
import {
  type PackedRecord,
  replicateColumnCount,
  replicateColumns,
  replicateNamesColumn,
  replicateOf,
  unpackMetrics,
} from "./stored-replicate.ts";
import type { OperationContext } from "./study-change.ts";

export function* packConfig(context: OperationContext, config: Config | null): Operation<PackedRecord> {
  if (config === null) return [null, null];
  const number = yield* context.names.numberOf(Object.keys(config));
  return [number, packValues(Object.values(config))];
}

/** @param number  A list that was learnt. */
export function unpackConfig(names: NameSets, number: SqlValue, values: SqlValue): Config | null {
  if (number === null) return null;
  const unpacked: readonly ParameterValue[] = unpackValues(values as Uint8Array);
  return Object.fromEntries(names.names(number).map((name, i) => [name, unpacked[i]]));
}

export function jsonColumn(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

export function packNumbers(values: readonly number[] | null): Uint8Array | null {
  return values === null ? null : packValues(values);
}

function json<Value>(column: SqlValue): Value | null {
  return column === null ? null : (JSON.parse(column as string) as Value);
}

const trialColumns = `t.number, t.state, t.source, t.revision, t.history_seq, t.bracket, t.why, t.note, t.tags, t.fidelity,
  t.created_seq, t.created_at, t.started_at, f.finished_seq, f.finished_at, f.reason, f.message, f.stop_why, f.objective_values,
  f.standard_errors, t.config_names, t.config, t.fixed_names, t.fixed, f.metric_names, f.metrics,
  t.suggested_names, t.suggested, t.parent, t.parent_step`;
const trialColumnCount = 30;
const trialNamesColumns = [20, 22, 24, 26] as const;

const selectTrial = `SELECT ${trialColumns}, ${replicateColumns}
  FROM trials t JOIN replicates r ON r.study = t.study AND r.trial = t.number
  LEFT JOIN results f ON f.study = t.study AND f.trial = t.number
  WHERE t.study = ? AND t.number = ? ORDER BY r.replicate`;

/** One trial in one statement; null if there is none. */
export function* loadTrial(context: OperationContext, study: number, number: number): Operation<Trial | null> {
  const { names } = context;
  const rows = yield statement(selectTrial, study, number);
  if (rows.length === 0) return null;
  yield* names.learn(rows.slice(0, 1), ...trialNamesColumns);
  yield* names.learn(rows, trialColumnCount + replicateNamesColumn);
  const replicates = rows.map((row) => replicateOf(names, row.slice(trialColumnCount)));
  return trialOf(names, rows[0], replicates);
}

const selectTrials = `SELECT ${trialColumns}
  FROM trials t LEFT JOIN results f ON f.study = t.study AND f.trial = t.number
  WHERE t.study = ? AND t.number IN (SELECT value FROM json_each(?))`;
const selectReplicates = `SELECT ${replicateColumns}, r.trial FROM replicates r
  WHERE r.study = ? AND r.trial IN (SELECT value FROM json_each(?)) ORDER BY r.trial, r.replicate`;
const chunkSize = 1_000;

/** The trials with these numbers, in this order; all must exist. */
export function* loadTrials(context: OperationContext, study: number, numbers: readonly number[]): Operation<readonly Trial[]> {
  const loaded: Trial[] = [];
  for (let first = 0; first < numbers.length; first += chunkSize) {
    const chunk = numbers.slice(first, first + chunkSize);
    const byNumber = yield* loadChunk(context.names, study, JSON.stringify(chunk));
    for (const number of chunk) loaded.push(byNumber.get(number) as Trial);
  }
  return loaded;
}

function* loadChunk(names: NameSets, study: number, numbers: string): Operation<ReadonlyMap<number, Trial>> {
  const replicateRows = yield statement(selectReplicates, study, numbers);
  yield* names.learn(replicateRows, replicateNamesColumn);
  const replicates = new Map<SqlValue, Replicate[]>();
  for (const row of replicateRows) {
    const trial = row[replicateColumnCount];
    const siblings = replicates.get(trial);
    if (siblings) siblings.push(replicateOf(names, row));
    else replicates.set(trial, [replicateOf(names, row)]);
  }
  const rows = yield statement(selectTrials, study, numbers);
  yield* names.learn(rows, ...trialNamesColumns);
  return new Map(rows.map((row) => [row[0] as number, trialOf(names, row, replicates.get(row[0]) ?? [])]));
}

/** @param row  Begins with `trialColumns`. */
function trialOf(names: NameSets, row: Row, replicates: readonly Replicate[]): Trial {
  const [number, state, source, revision, historySeq, bracket, why, note, tags, fidelity, createdSeq, createdAt, startedAt] = row;
  const [finishedSeq, finishedAt, reason, message, stopWhy, values, standardErrors] = row.slice(13);
  const [configNames, config, fixedNames, fixed, metricNames, metrics, suggestedNames, suggested, parent, parentStep] = row.slice(
    20,
    trialColumnCount,
  );
  return {
    number: number as number,
    state: state as TrialState,
    config: unpackConfig(names, configNames, config) as Config,
    revision: revision as number,
    historySeq: historySeq as number,
    source: source as Trial["source"],
    parent: parent === null ? null : { trial: parent as number, step: parentStep as number },
    fixed: unpackConfig(names, fixedNames, fixed),
    suggested: unpackConfig(names, suggestedNames, suggested),
    why: json<Why>(why),
    note: json<JsonObject>(note),
    bracket: bracket as number,
    values: values === null ? null : unpackNumbers(values as Uint8Array),
    standardErrors: standardErrors === null ? null : unpackNumbers(standardErrors as Uint8Array),
    metrics: unpackMetrics(names, metricNames, metrics),
    fidelity: fidelity as number | null,
    reason: reason as FailureReason | null,
    message: message as string | null,
    stopWhy: json<Why>(stopWhy),
    tags: json<readonly string[]>(tags) ?? [],
    createdSeq: createdSeq as number,
    finishedSeq: finishedSeq as number | null,
    createdAt: createdAt as number,
    startedAt: startedAt as number | null,
    finishedAt: finishedAt as number | null,
    replicates,
  };
}
