import type { Objective, Trial } from "@tunesmith/core";

/** Complete, stopped and failed trials in the order they finished. */
export function finishOrder(trials: readonly Trial[]): readonly Trial[] {
  return trials
    .filter(({ finishedSeq, state }) => finishedSeq !== null && state !== "cancelled")
    .sort((a, b) => (a.finishedSeq ?? 0) - (b.finishedSeq ?? 0));
}

/** Value of each trial that ran to its end; null for the others and those without a finite one. */
export function completeValues(trials: readonly Trial[]): readonly (number | null)[] {
  return trials.map(({ state, values }) =>
    state === "complete" && values !== null && Number.isFinite(values[0]) ? values[0] : null,
  );
}

/** The best value up to each place; null before the first. */
export function bestSoFar(values: readonly (number | null)[], goal: Objective["goal"]): readonly (number | null)[] {
  let best: number | null = null;
  return values.map((value) => {
    if (value !== null && (best === null || (goal === "minimize" ? value < best : value > best))) best = value;
    return best;
  });
}
