/** What a column can hold, on the way in and out. Integers beyond ±2^53 do not occur. */
export type SqlValue = null | number | string | Uint8Array;

/** One row, its values in the order of the statement. Not by name: making objects takes longer than the queries. */
export type Row = readonly SqlValue[];

/** One SQL statement with a `?` for every value. The text is constant per call site, so that it is compiled once. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * A transaction as a generator: yields statements, receives their rows, returns its result. It never awaits, so that an embedded
 * database runs it in one go; a database behind a connection awaits only between `next` calls.
 */
export type Operation<Result> = Generator<Statement, Result, readonly Row[]>;

export function statement(sql: string, ...values: SqlValue[]): Statement {
  return { sql, values };
}

/** Runs an operation to its end, answering each statement with `execute`. */
export function drive<Result>(operation: Operation<Result>, execute: (statement: Statement) => readonly Row[]): Result {
  let step = operation.next();
  while (!step.done) {
    let rows: readonly Row[];
    try {
      rows = execute(step.value);
    } catch (error) {
      step = operation.throw(error);
      continue;
    }
    step = operation.next(rows);
  }
  return step.value;
}
