import type { Config } from "../parameters/parameter.ts";
import type { Storage } from "../storage/storage.ts";
import { trainedFidelity } from "../trial/trained-fidelity.ts";
import type { Trial } from "../trial/trial.ts";
import { trialParams } from "../trial/trial-params.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { replayWindow } from "../trial/window.ts";
import type { HistoryFeed, TrialEnd } from "./history-feed.ts";

/** What is kept of a finished trial to tell how the study went so far. */
export interface PastEnd {
  readonly number: number;
  /** Null if it does not fit the problem as it is now. */
  readonly config: Config | null;
  readonly end: TrialEnd;
  readonly finishedSeq: number;
  readonly trainedFidelity: number;
}

const pageSize = 10_000;

/** Those of some trials that have finished, in the order they did. */
export function pastEndsOf(trials: readonly Trial[], feed: HistoryFeed): PastEnd[] {
  const ends = trials.flatMap((trial): PastEnd[] => {
    const { number, finishedSeq } = trial;
    if (finishedSeq === null) return [];
    const config = feed.fits(trial) ? trialParams(trial) : null;
    return [{ number, config, end: feed.endOf(trial), finishedSeq, trainedFidelity: trainedFidelity(trial) }];
  });
  return ends.sort((a, b) => a.finishedSeq - b.finishedSeq);
}

/** All trials of a study that had finished at event `seq`, in the order they did. Cost: reads the whole study. */
export async function readPastEnds(storage: Storage, studyId: string, feed: HistoryFeed, seq: number): Promise<PastEnd[]> {
  const ends: PastEnd[] = [];
  for (let after = -1; ; ) {
    const page = await storage.getTrials(studyId, { after, limit: pageSize });
    if (page.length === 0) break;
    for (const end of pastEndsOf(page, feed)) if (end.finishedSeq <= seq) ends.push(end);
    after = page[page.length - 1].number;
  }
  return ends.sort((a, b) => a.finishedSeq - b.finishedSeq);
}

/** Numbers of the finished trials in view, given all that have finished, in the order they did. */
export function finishedInView(ends: readonly PastEnd[], objectiveCount: number): Set<number> {
  const losses = new Float64Array(ends.length * objectiveCount).fill(Number.NaN);
  ends.forEach(({ end }, row) => {
    if (end.losses !== null) losses.set(end.losses, row * objectiveCount);
  });
  const columns = {
    objectiveCount,
    numbers: Int32Array.from(ends, ({ number }) => number),
    states: Uint8Array.from(ends, ({ end }) => trialStateCodes[end.state]),
    losses,
    finishSeqs: Float64Array.from(ends, ({ finishedSeq }) => finishedSeq),
  };
  const rows = replayWindow(
    ends.map(({ config }, row) => (config === null ? null : row)),
    columns,
  );
  return new Set([...rows].map((row) => ends[row].number));
}
