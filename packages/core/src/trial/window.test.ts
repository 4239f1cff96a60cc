import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trialStateCodes } from "./trial-state.ts";
import { isWindowRefresh, keptFinished, lastWindowRefresh, replayWindow, selectBest, windowSizes } from "./window.ts";

const sizes = { all: 10, best: 3, newest: 4, refresh: 5 };

function columnsOf(losses: readonly (readonly number[])[], finishSeqs: readonly number[] = losses.map((_, i) => i)) {
  return {
    objectiveCount: losses[0].length,
    numbers: Int32Array.from(losses.keys()),
    states: new Uint8Array(losses.length).fill(trialStateCodes.complete),
    losses: Float64Array.from(losses.flat()),
    finishSeqs: Float64Array.from(finishSeqs),
  };
}

describe("the window", () => {
  test("shrinks when the limit is passed and at every refresh after it", () => {
    const at = Array.from({ length: 30 }, (_, i) => i).filter((count) => isWindowRefresh(count, sizes));
    expect(at).toEqual([11, 16, 21, 26]);
    expect([10_000, 10_001, 10_002, 11_001].map((count) => isWindowRefresh(count))).toEqual([false, true, false, true]);
  });

  test("the last refresh is the greatest count at which it shrank", () => {
    for (const count of [0, 10_000, 10_001, 10_999, 11_000, 11_001, 25_500]) {
      let last = 0;
      for (let each = 1; each <= count; each++) if (isWindowRefresh(each)) last = each;
      expect(lastWindowRefresh(count)).toBe(last);
    }
  });

  test("best with several objectives goes by rank, then crowding, then number, whatever the order of the rows", () => {
    const columns = columnsOf([
      [1, 4],
      [4, 1],
      [2, 3],
      [3, 2],
      [2.1, 2.9],
      [9, 9],
    ]);
    const rows = [0, 1, 2, 3, 4, 5];
    expect(selectBest(rows, columns, 3)).toEqual([0, 1, 3]);
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 6 }), (shuffled) => {
        expect(selectBest(shuffled, columns, 4)).toEqual(selectBest(rows, columns, 4));
      }),
    );
  });

  test("a shrinking keeps the best and the newest by finish", () => {
    const columns = columnsOf([[9], [1], [8], [2], [7], [3], [6]], [6, 5, 4, 3, 2, 1, 0]);
    expect([...keptFinished([0, 1, 2, 3, 4, 5, 6], columns, { ...sizes, best: 2, newest: 2 })].sort()).toEqual([0, 1, 3]);
  });

  test("replaying equals shrinking step by step; with one objective also choosing at once among all", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 60 }), (losses) => {
        const columns = columnsOf(losses.map((loss) => [loss]));
        const rows = [...losses.keys()];
        const refresh = losses.length <= sizes.all ? 0 : losses.length - ((losses.length - sizes.all - 1) % sizes.refresh);
        const atOnce = refresh === 0 ? rows : [...keptFinished(rows.slice(0, refresh), columns, sizes), ...rows.slice(refresh)];
        expect([...replayWindow(rows, columns, sizes)].sort()).toEqual([...atOnce].sort());
      }),
    );
  });

  test("rows that are not in view count towards the next shrinking", () => {
    const columns = columnsOf(Array.from({ length: 11 }, (_, i) => [i]));
    const order = Array.from({ length: 11 }, (_, i) => (i === 2 ? null : i));
    expect([...replayWindow(order, columns, sizes)].sort((a, b) => a - b)).toEqual([0, 1, 3, 7, 8, 9, 10]);
    expect(windowSizes).toEqual({ all: 10_000, best: 2_000, newest: 5_000, refresh: 1_000 });
  });
});
