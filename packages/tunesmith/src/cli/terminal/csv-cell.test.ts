import { expect, test } from "vitest";
import { csvLine } from "./csv-cell.ts";

test("text that a spreadsheet would run is made harmless, numbers are not touched", () => {
  expect(csvLine(["=HYPERLINK(1)", "+cmd", "-x", "@SUM", "\tx", -0.5, 1e-7])).toBe(
    "'=HYPERLINK(1),'+cmd,'-x,'@SUM,'\tx,-0.5,1e-7",
  );
  expect(csvLine(["\rx"])).toBe('"\'\rx"');
});

test("commas, quotes and line ends are quoted; nothing stays empty", () => {
  expect(csvLine(["a,b", 'say "hi"', "two\nlines", null, undefined, true, ""])).toBe('"a,b","say ""hi""","two\nlines",,,true,');
});

test("not finite numbers are words", () => {
  expect(csvLine([Number.NaN, Infinity, -Infinity])).toBe("NaN,Infinity,-Infinity");
});
