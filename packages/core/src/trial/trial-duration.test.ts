import { expect, test } from "vitest";
import { trialDurationMs } from "./trial-duration.ts";

test.each([
  ["the difference of the two instants", { startedAt: 1_700_000_000_000.25, finishedAt: 1_700_000_000_012.75 }, 12.5],
  ["zero within one tick of the clock", { startedAt: 5, finishedAt: 5 }, 0],
  ["unknown while it is unfinished", { startedAt: 5, finishedAt: null }, Number.NaN],
  ["unknown if it was never claimed", { startedAt: null, finishedAt: 5 }, Number.NaN],
  ["unknown if the clock was set back", { startedAt: 5, finishedAt: 4 }, Number.NaN],
  ["unknown if it was copied from another study", { startedAt: 5, finishedAt: 6, historySeq: 0 }, Number.NaN],
  ["unknown if an instant is no number", { startedAt: 5, finishedAt: Number.POSITIVE_INFINITY }, Number.NaN],
])("a trial's duration is %s", (_, instants, durationMs) => {
  expect(trialDurationMs({ historySeq: 1, ...instants })).toBe(durationMs);
});
