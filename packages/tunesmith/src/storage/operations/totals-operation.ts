import type { StudyTotals } from "@tunesmith/core";
import { type Operation, type SqlValue, statement } from "../statement.ts";
import { loadTrials } from "./stored-trial.ts";
import { findStudy, type OperationContext } from "./study-change.ts";

type Goal = "minimize" | "maximize";

const selectFidelitySum = "SELECT total(fidelity) - total(parent_step) FROM trials WHERE study = ?";

/**
 * What all trials come to.
 *
 * Cost: one pass over the trials inside the database, for the sum; the best and the count come from indexes.
 */
export function* getTotals(context: OperationContext, studyId: string, goal: Goal): Operation<StudyTotals> {
  const { study, seq } = yield* findStudy(context, studyId);
  const [[fidelitySum]] = yield statement(selectFidelitySum, study);
  const best = yield* bestToFinishFirst(study, goal);
  const [[sinceBestCount]] = yield statement(selectFinishedAfter, study, best?.[1] ?? 0, study, best?.[1] ?? 0);
  const [trial] = best === null ? [null] : yield* loadTrials(context, study, [best[0]]);
  return { seq, fidelitySum: fidelitySum as number, best: trial, sinceBestCount: sinceBestCount as number };
}

/** As `packing.ts` writes them; the index `infinite_results` is of these two. */
const packedInfinities: Readonly<Record<Goal, readonly [best: string, worst: string]>> = {
  minimize: ["X'03000000000000F0FF'", "X'03000000000000F07F'"],
  maximize: ["X'03000000000000F07F'", "X'03000000000000F0FF'"],
};

const selectInfinite = (packed: string): string => `SELECT r.trial, r.finished_seq FROM results r
  JOIN trials t ON t.study = r.study AND t.number = r.trial
  WHERE r.study = ? AND substr(r.objective_values, 1, 9) = ${packed}
  AND substr(r.objective_values, 1, 9) IN (X'03000000000000F07F', X'03000000000000F0FF') AND t.state = 'complete'
  ORDER BY r.finished_seq LIMIT 1`;

const selectFinite = (direction: "" | " DESC"): string => `SELECT k.trial, r.finished_seq FROM rankings k
  JOIN results r ON r.study = k.study AND r.trial = k.trial
  WHERE k.study = ? AND k.objective = 0
  AND k.value = (SELECT value FROM rankings WHERE study = ? AND objective = 0 ORDER BY value${direction} LIMIT 1)
  ORDER BY r.finished_seq LIMIT 1`;

/** Of the complete trials by the first objective; null if none has a value that is not NaN. */
function* bestToFinishFirst(study: number, goal: Goal): Operation<readonly [trial: number, finishedSeq: number] | null> {
  const [best, worst] = packedInfinities[goal];
  const finite = selectFinite(goal === "minimize" ? "" : " DESC");
  const tries: readonly (readonly [sql: string, ...values: SqlValue[]])[] = [
    [selectInfinite(best), study],
    [finite, study, study],
    [selectInfinite(worst), study],
  ];
  for (const [sql, ...values] of tries) {
    const [row] = yield statement(sql, ...values);
    if (row !== undefined) return row as readonly [number, number];
  }
  return null;
}

// The cancelled ones apart: they are few, and looking up each trial's state would take far longer.
const selectFinishedAfter = `SELECT (SELECT count(*) FROM results WHERE study = ? AND finished_seq > ?) - (SELECT count(*)
  FROM trials t JOIN results r ON r.study = t.study AND r.trial = t.number
  WHERE t.study = ? AND t.state = 'cancelled' AND t.state <> 'complete' AND r.finished_seq > ?)`;
