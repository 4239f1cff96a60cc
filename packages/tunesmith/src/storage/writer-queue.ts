import type { Failpoint } from "./failpoint.ts";
import type { Operation } from "./statement.ts";

/** A connection as the queue drives it: one transaction at a time, all of it synchronous. */
export interface TransactionRunner {
  readonly inTransaction: boolean;
  beginWrite(): void;
  beginRead(): void;
  commit(): void;
  rollback(): void;
  savepoint(): void;
  releaseSavepoint(): void;
  rollbackToSavepoint(): void;
  run<Result>(operation: Operation<Result>): Result;
  /** The error as callers know it. */
  toError(error: unknown): unknown;
  /** Whether `beginWrite` failed because another process was writing. */
  isBusy(error: unknown): boolean;
  /** Whether a write failed because there is no room for it. */
  isFull(error: unknown): boolean;
}

interface Waiting {
  /** Begins it anew each time. */
  readonly begin: () => Operation<unknown>;
  /** Whether its statements must see the same state; for reads. */
  readonly inTransaction: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Writes that were handed in before it. */
  readonly precedingCount: number;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

function settle(waiting: Waiting, outcome: Outcome): void {
  if (outcome.ok) waiting.resolve(outcome.value);
  else waiting.reject(outcome.error);
}

export interface WriterQueueOptions {
  readonly failpoint: Failpoint;
  /** Called when a transaction has begun, and before a read without one: others may have written since. */
  readonly onBegin: () => void;
  /** Called after anything was rolled back: what was cached from within the transaction may never have been. */
  readonly onRollback: () => void;
  /** Called when there is no room for a transaction; true if there may be now, so that it is worth another try. */
  readonly makeRoom: () => boolean;
}

// Bounds how long one transaction holds up the event loop and other processes.
const maxBatchCount = 256;
// Each try already waits for the connection's busy timeout.
const maxBusyRetryCount = 3;
// Reads that are answered at once, one after the other, before everything else gets a turn.
const maxLookCount = 64;

/**
 * The one way into a store: operations run in the order they came, many of them in one transaction.
 *
 * Group commit without a timer: when idle a batch begins in the same turn of the event loop, under load right after the previous
 * commit with all that came meanwhile. A failing operation is rolled back alone and rejects; the others of its batch commit. A
 * promise resolves after the commit, in order; when the commit fails, all writes of the batch reject.
 * A read runs after the writes that came before it, whether they succeeded or not; `look` is a read that needs no transaction, because
 * one statement alone gives its answer, and runs at once when nothing waits.
 */
export class WriterQueue {
  readonly #runner: TransactionRunner;
  readonly #options: WriterQueueOptions;
  readonly #writes: Waiting[] = [];
  readonly #reads: Waiting[] = [];
  readonly #idleListeners: (() => void)[] = [];
  #scheduled = false;
  #writeCount = 0;
  #doneCount = 0;
  #busyRetryCount = 0;
  #lookCount = 0;

  constructor(runner: TransactionRunner, options: WriterQueueOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  write<Result>(begin: () => Operation<Result>): Promise<Result> {
    const promise = this.#enqueue(this.#writes, begin, true);
    this.#writeCount += 1;
    return promise;
  }

  read<Result>(begin: () => Operation<Result>): Promise<Result> {
    return this.#enqueue(this.#reads, begin, true);
  }

  async look<Result>(begin: () => Operation<Result>): Promise<Result> {
    if (this.#scheduled || this.#lookCount >= maxLookCount) return this.#enqueue(this.#reads, begin, false);
    this.#lookCount += 1;
    try {
      return this.#runLook(begin);
    } catch (error) {
      throw this.#runner.toError(error);
    }
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  #enqueue<Result>(waiting: Waiting[], begin: () => Operation<Result>, inTransaction: boolean): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const settlers = { resolve: resolve as (value: unknown) => void, reject };
      waiting.push({ begin, inTransaction, ...settlers, precedingCount: this.#writeCount });
      this.#schedule();
    });
  }

  // Not a microtask: those that wait for the previous commit shall all have their say before the next batch is closed.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#lookCount = 0;
    if (this.#writes.length > 0) this.#flushWrites();
    while (this.#reads.length > 0 && this.#reads[0].precedingCount <= this.#doneCount)
      this.#runRead(this.#reads.shift() as Waiting);
    this.#scheduled = false;
    if (this.#writes.length > 0 || this.#reads.length > 0) this.#schedule();
    else for (const listener of this.#idleListeners.splice(0)) listener();
  }

  #flushWrites(): void {
    if (!this.#beginWrite()) return;
    const batch = this.#takeBatch();
    try {
      this.#commitBatch(batch);
    } catch (error) {
      if (this.#runner.isFull(error) && this.#options.makeRoom()) this.#tryAgain(batch);
      else this.#giveUp(batch, error);
    }
  }

  #commitBatch(batch: readonly Waiting[]): void {
    const outcomes = this.#runBatch(batch);
    this.#options.failpoint("before-commit");
    this.#runner.commit();
    this.#options.failpoint("after-commit");
    for (const [i, outcome] of outcomes.entries()) settle(batch[i], outcome);
    this.#options.failpoint("after-acknowledge");
  }

  /** Once more from the beginning, after room was made. */
  #tryAgain(batch: readonly Waiting[]): void {
    try {
      this.#undo();
      this.#runner.beginWrite();
      this.#options.onBegin();
      this.#commitBatch(batch);
    } catch (error) {
      this.#giveUp(batch, error);
    }
  }

  #giveUp(batch: readonly Waiting[], error: unknown): void {
    // First, so that nobody waits for ever should even the rollback fail.
    this.#rejectAll(batch, error);
    this.#undo();
  }

  #beginWrite(): boolean {
    try {
      this.#runner.beginWrite();
      this.#options.onBegin();
      this.#busyRetryCount = 0;
      return true;
    } catch (error) {
      if (this.#runner.isBusy(error) && this.#busyRetryCount < maxBusyRetryCount) this.#busyRetryCount += 1;
      else this.#rejectAll(this.#takeBatch(), error);
      return false;
    }
  }

  #takeBatch(): readonly Waiting[] {
    const batch = this.#writes.splice(0, maxBatchCount);
    this.#doneCount += batch.length;
    return batch;
  }

  #rejectAll(batch: readonly Waiting[], error: unknown): void {
    this.#busyRetryCount = 0;
    const shown = this.#runner.toError(error);
    for (const waiting of batch) waiting.reject(shown);
  }

  // SQLite rolls back by itself on some errors, a full disk among them; a second ROLLBACK would throw.
  #undo(): void {
    if (this.#runner.inTransaction) this.#runner.rollback();
    this.#options.onRollback();
  }

  /** @throws Whatever ends the transaction as a whole. */
  #runBatch(batch: readonly Waiting[]): readonly Outcome[] {
    if (batch.length === 1) return [{ ok: true, value: this.#runAlone(batch[0]) }];
    return batch.map((waiting) => this.#runInSavepoint(waiting));
  }

  #runAlone(waiting: Waiting): unknown {
    const value = this.#runner.run(waiting.begin());
    this.#options.failpoint("after-operation");
    return value;
  }

  #runInSavepoint(waiting: Waiting): Outcome {
    this.#runner.savepoint();
    try {
      const value = this.#runAlone(waiting);
      this.#runner.releaseSavepoint();
      return { ok: true, value };
    } catch (error) {
      // Without room the others have none either.
      if (!this.#runner.inTransaction || this.#runner.isFull(error)) throw error;
      this.#runner.rollbackToSavepoint();
      this.#options.onRollback();
      return { ok: false, error: this.#runner.toError(error) };
    }
  }

  #runRead({ begin, inTransaction, resolve, reject }: Waiting): void {
    try {
      resolve(inTransaction ? this.#runInSnapshot(begin) : this.#runLook(begin));
    } catch (error) {
      if (this.#runner.inTransaction) this.#runner.rollback();
      reject(this.#runner.toError(error));
    }
  }

  #runInSnapshot(begin: () => Operation<unknown>): unknown {
    this.#runner.beginRead();
    this.#options.onBegin();
    const value = this.#runner.run(begin());
    this.#runner.commit();
    return value;
  }

  #runLook<Result>(begin: () => Operation<Result>): Result {
    this.#options.onBegin();
    return this.#runner.run(begin());
  }
}
