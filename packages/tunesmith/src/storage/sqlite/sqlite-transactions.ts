import { drive, type Operation } from "../statement.ts";
import type { TransactionRunner } from "../writer-queue.ts";
import type { Connection } from "./driver.ts";
import { isBusy, isFull, toStorageError } from "./sqlite-error.ts";

/** Transactions of one SQLite connection, as the writer queue drives them. */
export function sqliteTransactions(connection: Connection): TransactionRunner {
  return {
    get inTransaction() {
      return connection.inTransaction;
    },
    // IMMEDIATE takes the write lock at once, so that no transaction fails half way because another process wrote first.
    beginWrite: () => void connection.rows("BEGIN IMMEDIATE"),
    beginRead: () => void connection.rows("BEGIN"),
    commit: () => void connection.rows("COMMIT"),
    rollback: () => void connection.rows("ROLLBACK"),
    savepoint: () => void connection.rows("SAVEPOINT operation"),
    releaseSavepoint: () => void connection.rows("RELEASE operation"),
    rollbackToSavepoint() {
      connection.rows("ROLLBACK TO operation");
      connection.rows("RELEASE operation");
    },
    run: <Result>(operation: Operation<Result>) => drive(operation, connection.execute),
    toError: (error) => toStorageError(error, connection.path),
    isBusy,
    isFull,
  };
}
