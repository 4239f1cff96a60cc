import type { Importance } from "@tunesmith/core";
import { expect, test } from "vitest";
import { importancePieces } from "./importance-pieces.ts";

const known: Importance = {
  method: "fanova",
  trialCount: 60,
  withheld: null,
  fit: 0.8,
  parameters: [
    { name: "lr", share: 0.584, low: 0.491, high: 0.66, activeShare: 1 },
    { name: "width", share: 0.17, low: 0.09, high: 0.25, activeShare: 1 },
    { name: "batch", share: 0.02, low: 0, high: 0.06, activeShare: 1 },
  ],
  interactions: [],
};

test("parameters that matter are named with their interval, the rest together", () => {
  expect(importancePieces(known, "en")).toEqual(["lr 58 % (49–66)", "width 17 % (9–25)", "the rest below 5 %"]);
  expect(importancePieces({ ...known, parameters: known.parameters.slice(0, 2) }, "zh")).toEqual([
    "lr 58 % (49–66)",
    "width 17 % (9–25)",
  ]);
});

test("what is not told says why", () => {
  const withheld = { code: "importance-few-trials", trialCount: 8, required: 30 } as const;
  const few: Importance = { ...known, withheld, parameters: [] };
  expect(importancePieces(few, "en")).toEqual(["not told: 8 complete trials, at least 30 are needed"]);
  expect(importancePieces(few, "zh")).toEqual(["不显示：只有 8 个完成的试验，至少需要 30 个"]);
});
