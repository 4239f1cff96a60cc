import { expect, test } from "vitest";
import { rangeOf, sparkline } from "./sparkline.ts";

test("the largest value has the highest bar, the smallest the lowest", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
});

test("more values than columns: each column shows the last value it stands for", () => {
  expect(sparkline([9, 0, 9, 7], 2)).toBe("▁▇");
  expect(
    sparkline(
      Array.from({ length: 1_000 }, (_, i) => i),
      10,
    ),
  ).toHaveLength(10);
});

test("what is not finite is a gap, what lies outside the range is clipped to it", () => {
  expect(sparkline([0, Number.NaN, 10, Infinity], 4)).toBe("▁ █ ");
  expect(sparkline([-5, 5, 50], 3, { low: 0, high: 10 })).toBe("▁▅█");
});

test("equal values, no values", () => {
  expect(sparkline([3, 3], 5)).toBe("▁▁");
  expect(sparkline([], 5)).toBe("");
  expect(rangeOf([Number.NaN])).toBeNull();
});
