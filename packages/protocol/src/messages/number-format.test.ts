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
    [420, "0.4 s", "0.4 秒"],
    [14_000, "14 s", "14 秒"],
    [59_600, "1 m 00 s", "1 分 00 秒"],
    [200_000, "3 m 20 s", "3 分 20 秒"],
    [7_500_000, "2 h 05 m", "2 小时 05 分"],
    [273_600_000, "3 d 4 h", "3 天 4 小时"],
  ])("%d ms is written %s, in Chinese %s", (durationMs, english, chinese) => {
    expect([formatDuration(durationMs, "en"), formatDuration(durationMs, "zh")]).toEqual([english, chinese]);
  });
});

test("counts separate thousands, shares become whole percents", () => {
  expect([formatCount(999), formatCount(12_480), formatCount(1_000_000)]).toEqual(["999", "12,480", "1,000,000"]);
  expect(formatPercent(0.614)).toBe("61 %");
});

test.each([
  [1_000, "now", "刚刚"],
  [12_000, "12 s ago", "12 秒前"],
  [300_000, "5 m ago", "5 分钟前"],
  [10_800_000, "3 h ago", "3 小时前"],
  [100_000_000, "yesterday", "昨天"],
  [400_000_000, "4 d ago", "4 天前"],
])("an instant %d ms ago is told as %s, in Chinese %s", (ms, english, chinese) => {
  const now = 1_000_000_000;
  expect([formatAgo(now - ms, now, "en"), formatAgo(now - ms, now, "zh")]).toEqual([english, chinese]);
});
