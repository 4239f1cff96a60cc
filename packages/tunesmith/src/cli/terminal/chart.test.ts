import { expect, test } from "vitest";
import { chart } from "./chart.ts";

const ends = ["1", "5"] as const;

test("a single curve is a line with corners, its best side at the bottom when smaller is better", () => {
  const curves = [{ values: [4, 4, 2, 2, 1] }];
  expect(chart({ curves, width: 14, height: 4, goal: "minimize", ends })).toEqual([
    "4 ┤─────╮",
    "  │     │",
    "  │     ╰───╮",
    "1 ┤         ╰─",
    "   1         5",
  ]);
});

test("curves with marks are drawn place by place, the first one on top; places without a value stay empty", () => {
  const curves = [
    { values: [null, 1, 1], mark: "●" },
    { values: [3, 3, 1], mark: "○" },
  ];
  expect(chart({ curves, width: 6, height: 3, goal: "maximize", ends })).toEqual(["3 ┤○○", "  │", "1 ┤ ●●", "   1 5"]);
});

test("values over several orders of magnitude get a logarithmic scale, and it is said", () => {
  const [first, second] = chart({ curves: [{ values: [1000, 10, 10, 1, 1] }], width: 20, height: 4, goal: "maximize", ends });
  expect(first).toBe("1000 ┤───╮");
  expect(second).toBe(" log │   │");
});

test("dots stand behind the line; those beyond the bad end are left out", () => {
  const dots = [1, 2, 3, 100, 1, 1, 2, 2, 1, 1, 2];
  const lines = chart({ curves: [{ values: dots.map(() => 1) }], dots, width: 40, height: 3, goal: "minimize", ends });
  expect(lines[0].startsWith("3 ┤")).toBe(true);
  expect(lines.join("").match(/·/g)).toHaveLength(5);
});

test("nothing finite, or no room: no drawing", () => {
  expect(chart({ curves: [{ values: [null, Number.NaN, Infinity] }], width: 40, height: 4, goal: "minimize", ends })).toEqual([]);
  expect(chart({ curves: [{ values: [1, 2] }], width: 3, height: 4, goal: "minimize", ends })).toEqual([]);
});

test("one value alone, and values all alike, lie in the middle", () => {
  const lines = chart({ curves: [{ values: [5, 5] }], width: 8, height: 3, goal: "minimize", ends });
  expect(lines[1]).toBe("  │─────");
});
