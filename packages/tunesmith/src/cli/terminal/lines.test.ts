import { expect, test } from "vitest";
import { flowingText } from "./flowing-text.ts";
import { jsonLine } from "./json-line.ts";
import { labelledLines } from "./labelled-lines.ts";
import { domainText, valueText } from "./parameter-text.ts";
import { shownText } from "./shown-text.ts";

test("labels share a column, further lines stand below, empty entries vanish; wide characters count double", () => {
  expect(labelledLines([["a", "x", "y"], ["gone"], ["空间", "z"]])).toEqual(["a     x", "      y", "空间  z"]);
});

test("pieces flow into lines of the width", () => {
  expect(flowingText(["one", "two", "three"], 9)).toEqual(["one   two", "three"]);
  expect(flowingText(["longer than the width"], 5)).toEqual(["longer than the width"]);
});

test("numbers that JSON has no word for become text", () => {
  expect(jsonLine({ a: Number.NaN, b: [Infinity, -Infinity, 1] })).toBe('{"a":"NaN","b":["Infinity","-Infinity",1]}');
});

test("text of others stays in its place: no escapes, no line ends, no more than the width", () => {
  expect(shownText("\u001b[31mred\r\nnext\u202e")).toBe("\\x1b[31mred next\\x202e");
  expect(shownText("x".repeat(200), 10)).toBe("xxxxxxxxx…");
});

test("values and domains are short", () => {
  expect([valueText(0.004118273), valueText(1797), valueText(true), valueText(null), valueText("a\nb")]).toEqual([
    "0.00412",
    "1797",
    "true",
    "null",
    "a b",
  ]);
  expect(domainText({ type: "float", min: 1e-5, max: 0.1, log: true })).toBe("float 1e-5 … 0.1 log");
  expect(domainText({ type: "int", min: 8, max: 256, log: false, step: 8 })).toBe("int 8 … 256 step 8");
  expect(domainText({ type: "ordinal", values: [16, 32] })).toBe("16 < 32");
  expect(domainText({ type: "categorical", values: Array.from({ length: 10 }, (_, i) => `v${i}`) })).toBe(
    "v0 | v1 | v2 | v3 | v4 | v5 | v6 | v7 | … (10)",
  );
  expect(domainText({ type: "constant", value: 3 })).toBe("= 3");
});
