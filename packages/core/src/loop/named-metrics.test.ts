import { expect, test } from "vitest";
import { namedMetrics } from "./named-metrics.ts";

test("a number is the only objective, a record stays what it is", () => {
  expect(namedMetrics(Number.NaN, ["loss"])).toEqual({ loss: Number.NaN });
  expect(namedMetrics({ a: 1, b: Number.POSITIVE_INFINITY }, ["loss"])).toEqual({ a: 1, b: Number.POSITIVE_INFINITY });
});

test.each([
  [1, "one number found; with several objectives name them: a, b"],
  ["0.5", '"0.5" found; allowed: a number, or numbers by name'],
  [null, "null found; allowed: a number, or numbers by name"],
  [[1], "a list found; allowed: a number, or numbers by name"],
  [true, "a value of type boolean found; allowed: a number, or numbers by name"],
  [{ a: 1, b: "2" }, 'b is "2"; allowed: a number'],
  [{ a: { b: 1 } }, "a is a value of type object; allowed: a number"],
])("%j is refused", (said, message) => {
  expect(() => namedMetrics(said, ["a", "b"])).toThrow(new TypeError(message));
});
