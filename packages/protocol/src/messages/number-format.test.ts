import { describe, expect, test } from "vitest";
import { formatAgo, formatCount, formatDuration, formatNumber, formatPercent } from "./number-format.ts";

describe("formatNumber", () => {
  test.each([
    [0.004118273, "0.004118"],
    [0.0611, "0.0611"],
    [12, "12"],
    [97.8, "97.8"],
    [1.2e-5, "1.2e-5"],
    [123456.7, "123457"],
    [1_797, "1797"],
    [2.5e9, "2.5e9"],
    [-0.5, "-0.5"],
    [0, "0"],
    [-0, "0"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ])("%d is written %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("formatDuration", () => {
  test.each([
    [420, "0.4 s"],
    [14_000, "14 s"],
    [59_600, "1 m 00 s"],
    [200_000, "3 m 20 s"],
    [7_500_000, "2 h 05 m"],
    [273_600_000, "3 d 4 h"],
  ])("%d ms is written %s", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

test("counts separate thousands, shares become whole percents", () => {
  expect([formatCount(999), formatCount(12_480), formatCount(1_000_000)]).toEqual(["999", "12,480", "1,000,000"]);
  expect(formatPercent(0.614)).toBe("61 %");
});

test("instants are told as how long ago", () => {
  const now = 1_000_000_000;
  expect([1_000, 12_000, 300_000, 10_800_000, 100_000_000, 400_000_000].map((ms) => formatAgo(now - ms, now))).toEqual([
    "now",
    "12 s ago",
    "5 m ago",
    "3 h ago",
    "yesterday",
    "4 d ago",
  ]);
});
