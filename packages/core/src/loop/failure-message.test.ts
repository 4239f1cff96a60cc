import { expect, test } from "vitest";
import { storedText } from "../storage/check-stored.ts";
import { failureMessage, oneLine } from "./failure-message.ts";

test.each([
  [new Error("no luck"), "no luck"],
  [new RangeError(""), "RangeError"],
  ["text", "text"],
  [undefined, "undefined"],
  [Object.create(null), "a value of type object that has no text"],
  [new Error("first\n  second\r\nthird\n"), "first second third"],
])("%s is worded", (thrown, message) => {
  expect(failureMessage(thrown)).toBe(message);
});

test("every storage takes it, however long or malformed it was", () => {
  const message = oneLine(`\0\uD800 lone ${"x".repeat(10_000)}`);
  expect(storedText(message, "message")).toBe(message);
  expect(message).toHaveLength(2_001);
  expect(oneLine("pair \u{1F600} stays")).toBe("pair \u{1F600} stays");
});

test("a cut through a pair of surrogates leaves no lone one", () => {
  const message = oneLine(`${"x".repeat(1_999)}\u{1F600} and more`);
  expect(storedText(message, "message")).toBe(message);
});
