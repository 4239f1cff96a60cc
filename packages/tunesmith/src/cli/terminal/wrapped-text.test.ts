import { expect, test } from "vitest";
import { fittedLines } from "./fitted-lines.ts";
import { textWidth } from "./text-width.ts";
import { wrappedText } from "./wrapped-text.ts";

test.each([
  ["write a commented study file", 12, "write a\ncommented\nstudy file"],
  ["a wordlongerthanthis b", 6, "a\nwordlongerthanthis\nb"],
  ["kept   gaps   stay", 11, "kept   gaps\nstay"],
  ["first\nsecond", 80, "first\nsecond"],
  ["", 10, ""],
  ["存放研究的文件夹", 9, "存放研究\n的文件夹"],
  ["存放研究，文件夹", 8, "存放研\n究，文件\n夹"],
  ["用 --param 调优（可重复）", 12, "用 --param\n调优（可重\n复）"],
])("%j in %d columns is %j", (text, width, wrapped) => {
  expect(wrappedText(text, width)).toBe(wrapped);
  expect(wrapped.replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
});

test("Chinese fills its lines up to the last column or the one before", () => {
  const lines = wrappedText("研究".repeat(40), 31).split("\n");
  expect(lines.slice(0, -1).map(textWidth)).toEqual(new Array(lines.length - 1).fill(30));
});

test("only a terminal gets a sentence in several lines", () => {
  expect(fittedLines({ isTerminal: true, width: 20 }, "more: raise the budget", 5)).toEqual(["more: raise the", "budget"]);
  expect(fittedLines({ isTerminal: false, width: 20 }, "more: raise the budget", 5)).toEqual(["more: raise the budget"]);
});
