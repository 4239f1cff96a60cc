import { lastWindowRefresh, selectWindow, type TrialState, type Window, type WindowTrial, windowSizes } from "@tunesmith/core";
import { unpackNumbers } from "../packing.ts";
import { type Operation, statement } from "../statement.ts";
import { numbersBetween, numbersInStates } from "./reading-operations.ts";
import { loadTrials } from "./stored-trial.ts";
import { type OperationContext, studyNotFound } from "./study-change.ts";

const selectCounts = `SELECT study, seq, trial_count, complete_count + stopped_count + failed_count + cancelled_count
  FROM studies WHERE id = ?`;

/**
 * The trials that `selectWindow` chooses.
 *
 * Cost: the size of the window; with several objectives and more finished trials than the window shows, that of `selectWindow` over all.
 */
export function* readWindow(context: OperationContext, studyId: string, lossSigns: readonly number[]): Operation<Window> {
  const [counts] = yield statement(selectCounts, studyId);
  if (counts === undefined) throw studyNotFound(studyId);
  const [study, seq, trialCount, finishedCount] = counts as readonly number[];
  const numbers = yield* windowNumbers(study, trialCount, finishedCount, lossSigns);
  return { trials: yield* loadTrials(context, study, numbers), seq };
}

function* windowNumbers(
  study: number,
  trialCount: number,
  finishedCount: number,
  lossSigns: readonly number[],
): Operation<readonly number[]> {
  if (finishedCount <= windowSizes.all) return numbersBetween(0, trialCount);
  if (lossSigns.length === 1) return yield* shrunkWindow(study, finishedCount, lossSigns[0]);
  return selectWindow(yield* allTrials(study), lossSigns);
}

/** With one objective the indexes give the best and the newest. */
function* shrunkWindow(study: number, finishedCount: number, lossSign: number): Operation<readonly number[]> {
  const newerCount = finishedCount - lastWindowRefresh(finishedCount);
  const newest = yield statement(
    "SELECT trial, finished_seq FROM results WHERE study = ? ORDER BY finished_seq DESC LIMIT ?",
    study,
    windowSizes.newest + newerCount,
  );
  const refreshSeq = newest[newerCount][1] as number;
  const best = yield* bestNumbers(study, refreshSeq, lossSign);
  const unfinished = yield* numbersInStates(study, ["queued", "running", "paused"], -1, Number.MAX_SAFE_INTEGER);
  const kept = new Set([...best, ...newest.map((row) => row[0] as number), ...unfinished]);
  return [...kept].sort((a, b) => a - b);
}

const selectRanked = (direction: "" | " DESC"): string => `SELECT k.trial FROM rankings k
  JOIN results r ON r.study = k.study AND r.trial = k.trial
  WHERE k.study = ? AND k.objective = 0 AND r.finished_seq <= ? ORDER BY k.value${direction}, k.trial LIMIT ?`;

/** The best of those that had finished at `refreshSeq`. */
function* bestNumbers(study: number, refreshSeq: number, lossSign: number): Operation<readonly number[]> {
  const select = selectRanked(lossSign > 0 ? "" : " DESC");
  return (yield statement(select, study, refreshSeq, windowSizes.best)).map((row) => row[0] as number);
}

function* allTrials(study: number): Operation<readonly WindowTrial[]> {
  const select = `SELECT t.number, t.state, r.finished_seq, r.objective_values FROM trials t
    LEFT JOIN results r ON r.study = t.study AND r.trial = t.number WHERE t.study = ? ORDER BY t.number`;
  return (yield statement(select, study)).map(([number, state, finishedSeq, values]) => ({
    number: number as number,
    state: state as TrialState,
    values: values === null ? null : unpackNumbers(values as Uint8Array),
    finishedSeq: finishedSeq as number | null,
  }));
}
