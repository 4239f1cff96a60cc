import { type Operation, statement } from "../statement.ts";
import type { OperationContext } from "./study-change.ts";

/** A deleted study that takes up space. */
export interface PurgeableStudy {
  readonly study: number;
  readonly id: string;
}

// Bounds how long one transaction keeps others waiting.
const maxRowCount = 2_000;

// A purged study keeps its row in `studies`, so that its short key is never given to another one; `seq` 0 tells that nothing else is left.
const selectPurgeable = "SELECT study, id FROM studies WHERE deleted_at < ? AND seq > 0";

/** Studies deleted before an instant, whether or not a purge of them has begun. */
export function* purgeableStudies(deletedBefore: number): Operation<readonly PurgeableStudy[]> {
  return (yield statement(selectPurgeable, deletedBefore)).map(([study, id]) => ({ study: study as number, id: id as string }));
}

const purgedPrefix = "purged ";

/** Whether a purge of it has begun, so that nobody finds it any more. */
export function isBeingPurged({ id }: PurgeableStudy): boolean {
  return id.startsWith(purgedPrefix);
}

/** Hides it even from those who know its id: from here on it is gone, whatever becomes of the rest. */
export function* beginPurge(context: OperationContext, { study, id }: PurgeableStudy): Operation<void> {
  context.known.forget();
  yield statement("UPDATE studies SET id = ?, name = '' WHERE study = ?", `${purgedPrefix}${id}`, study);
}

/** Everything that belongs to a study, what refers to others first, by its key after `study`. */
const purgedTables: readonly (readonly [table: string, ...keys: string[]])[] = [
  ["events", "seq"],
  ["reports", "trial", "seq"],
  ["decisions", "trial", "replicate", "attempt", "step"],
  ["checkpoints", "trial", "replicate", "step"],
  ["rankings", "objective", "value", "trial"],
  ["replicates", "trial", "replicate"],
  ["results", "trial"],
  ["trials", "number"],
  ["revisions", "revision"],
];

/** Deletes some of its rows. @returns Whether there are more. */
export function* purgeSome({ study }: PurgeableStudy): Operation<boolean> {
  for (const [table, ...keys] of purgedTables) {
    const names = keys.join(", ");
    const [next] = yield statement(
      `SELECT ${names} FROM ${table} WHERE study = ? ORDER BY ${names} LIMIT 1 OFFSET ${maxRowCount}`,
      study,
    );
    if (next !== undefined) {
      const marks = keys.map(() => "?").join(", ");
      yield statement(`DELETE FROM ${table} WHERE study = ? AND (${names}) < (${marks})`, study, ...next);
      return true;
    }
    yield statement(`DELETE FROM ${table} WHERE study = ?`, study);
  }
  yield statement("UPDATE studies SET seq = 0, trial_count = 0 WHERE study = ?", study);
  return false;
}
