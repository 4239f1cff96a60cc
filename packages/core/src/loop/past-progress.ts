import type { Storage, StudyTotals } from "../storage/storage.ts";
import type { Objective } from "../trial/problem.ts";
import type { StoredReport, Trial } from "../trial/trial.ts";
import { trialParams } from "../trial/trial-params.ts";
import { eventsBetween } from "./events-between.ts";
import type { HistoryFeed } from "./history-feed.ts";
import type { PastEnd } from "./past-ends.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { readTrial } from "./read-trial.ts";

/** How a study had gone at an event. */
export interface PastProgress {
  readonly progressTracker: ProgressTracker;
  /** Sum over all trials of what each had trained, see `trainedFidelity`. */
  readonly stepSum: number;
}

/**
 * @param ends     All trials that had finished, in the order they did.
 * @param trained  What each unfinished trial had trained.
 */
export function progressFromEnds(
  objectives: readonly Objective[],
  ends: readonly PastEnd[],
  trained: Iterable<number>,
): PastProgress {
  const progressTracker = new ProgressTracker(objectives);
  let stepSum = 0;
  for (const { number, config, end, trainedFidelity } of ends) {
    progressTracker.finish(number, end, config);
    stepSum += trainedFidelity;
  }
  for (const fidelity of trained) stepSum += fidelity;
  return { progressTracker, stepSum };
}

/**
 * The progress at event `seq`, from totals that were read at the same event or an earlier one.
 *
 * For one objective without outcome constraints, where every trial fits the problem: only then `totals.best` is the best trial. What
 * happened after the totals is taken in event by event; what a trial was at an event follows from the seqs of its reports and its end.
 */
export async function progressFromTotals(
  storage: Storage,
  studyId: string,
  objective: Objective,
  feed: HistoryFeed,
  { best, sinceBestCount, fidelitySum, seq: totalsSeq }: StudyTotals,
  seq: number,
): Promise<PastProgress> {
  const progressTracker = new ProgressTracker([objective]);
  if (best !== null) progressTracker.finish(best.number, feed.endOf(best), trialParams(best));
  progressTracker.sinceBestCount = sinceBestCount;
  const reporters = new Set<number>();
  for await (const { kind, trial: number } of eventsBetween(storage, studyId, totalsSeq, seq)) {
    if (number === null) continue;
    if (kind === "reported") reporters.add(number);
    if (kind !== "trial-finished") continue;
    const trial = await readTrial(storage, studyId, number);
    progressTracker.finish(number, feed.endOf(trial), trialParams(trial));
  }
  let stepSum = fidelitySum;
  for (const number of reporters) {
    const trial = await readTrial(storage, studyId, number);
    const reports = await storage.getReports(studyId, number);
    stepSum += fidelityAt(trial, reports, seq) - fidelityAt(trial, reports, totalsSeq);
  }
  return { progressTracker, stepSum };
}

/** `Trial.fidelity` as it was at event `seq`; 0 for null. What comes after the end, of confirmations too, does not count. */
function fidelityAt({ finishedSeq, parent }: Trial, reports: readonly StoredReport[], seq: number): number {
  const counted = reports.filter((report) => report.seq <= seq && report.seq < (finishedSeq ?? Number.POSITIVE_INFINITY));
  if (counted.length === 0) return parent?.step ?? 0;
  return counted.reduce((greatest, { fidelity }) => Math.max(greatest, fidelity), parent?.step ?? -Infinity);
}
