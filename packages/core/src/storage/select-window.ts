import type { Trial } from "../trial/trial.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { selectBest, type WindowSizes, windowSizes } from "../trial/window.ts";

/** What the choice of the window asks about a trial. */
export type WindowTrial = Pick<Trial, "number" | "state" | "values" | "finishedSeq">;

/**
 * Which trials H(S) shows: all while at most `sizes.all` have finished; later those that were best or newest among the finished at
 * the last refresh, all that finished after it, and all unfinished.
 *
 * @param trials     All trials of the study, ascending by number.
 * @param lossSigns  (m,) +1 minimise, −1 maximise.
 * @returns Their numbers, ascending.
 *
 * Cost: O(n log n); with several objectives that of `nonDominatedRanks`.
 */
export function selectWindow(
  trials: readonly WindowTrial[],
  lossSigns: readonly number[],
  sizes: WindowSizes = windowSizes,
): number[] {
  const finished = trials.filter((trial) => trial.finishedSeq !== null);
  if (finished.length <= sizes.all) return trials.map((trial) => trial.number);
  finished.sort((a, b) => (a.finishedSeq as number) - (b.finishedSeq as number));
  const refreshCount = finished.length - ((finished.length - sizes.all - 1) % sizes.refresh);
  const old = finished.slice(0, refreshCount);
  const kept = new Set(bestNumbers(old, lossSigns, sizes.best));
  for (const trial of finished.slice(Math.max(0, refreshCount - sizes.newest))) kept.add(trial.number);
  return trials.filter((trial) => trial.finishedSeq === null || kept.has(trial.number)).map((trial) => trial.number);
}

function bestNumbers(trials: readonly WindowTrial[], lossSigns: readonly number[], count: number): number[] {
  const m = lossSigns.length;
  const losses = new Float64Array(trials.length * m).fill(Number.NaN);
  trials.forEach((trial, row) => {
    if (trial.values !== null) for (let k = 0; k < m; k++) losses[row * m + k] = lossSigns[k] * trial.values[k];
  });
  const columns = {
    objectiveCount: m,
    numbers: Int32Array.from(trials, (trial) => trial.number),
    states: Uint8Array.from(trials, (trial) => trialStateCodes[trial.state]),
    losses,
  };
  return selectBest([...trials.keys()], columns, count).map((row) => trials[row].number);
}
