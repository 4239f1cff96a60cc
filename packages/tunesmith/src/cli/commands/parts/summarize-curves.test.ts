import { expect, test } from "vitest";
import { summarizeCurves } from "./summarize-curves.ts";

test("the middle run and the outer ones, place by place; shorter runs keep their last value", () => {
  const summary = summarizeCurves(
    [
      [3, 2, 1],
      [5, 4, 4],
      [9, 9],
    ],
    "minimize",
  );
  expect(summary).toEqual({ median: [5, 4, 4], low: [3, 2, 1], high: [9, 9, 9], final: { median: 4, low: 1, high: 9 } });
});

test("an even number of runs: the mean of the middle two", () => {
  expect(summarizeCurves([[1], [2], [4], [8]], "minimize").median).toEqual([3]);
});

test("a run without a value counts as the worst; without a majority there is no median", () => {
  expect(
    summarizeCurves(
      [
        [null, 2],
        [null, 4],
        [6, 6],
      ],
      "minimize",
    ).median,
  ).toEqual([null, 4]);
  expect(summarizeCurves([[0.9], [null], [0.5]], "maximize")).toEqual({
    median: [0.5],
    low: [0.5],
    high: [0.9],
    final: { median: 0.5, low: 0.5, high: 0.9 },
  });
  expect(summarizeCurves([[], []], "minimize")).toEqual({ median: [], low: [], high: [], final: null });
});
