import fc from "fast-check";
import { expect, test } from "vitest";
import { parseNumber, scanNumber, standsAlone } from "./scan-number.ts";

test.each([
  ["12", 12],
  ["-0.5", -0.5],
  ["+3", 3],
  [".5", 0.5],
  ["5.", 5],
  ["1e-3", 0.001],
  ["6.9893E+00", 6.9893],
  ["007", 7],
  ["nan", Number.NaN],
  ["NaN", Number.NaN],
  ["-nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["INF", Number.POSITIVE_INFINITY],
  ["1e400", Number.POSITIVE_INFINITY],
  ["-1e400", Number.NEGATIVE_INFINITY],
  ["1e-400", 0],
  ["5e-324", 5e-324],
  ["9007199254740993", 9007199254740992],
  ["97.5%", 97.5],
  [" 3 ", 3],
])("%s is a number", (text, value) => expect(parseNumber(text)).toBe(value));

test("-0 is read as 0", () => {
  expect(Object.is(parseNumber("-0.0"), 0)).toBe(true);
});

test.each([
  ["1,234", 1234],
  ["12,345,678", 12_345_678],
  ["1,234.5", 1234.5],
  ["-1,000", -1000],
])("%s is a number grouped by commas", (text, value) => expect(parseNumber(text)).toBe(value));

test.each(["0,31", "1,5", "1,23", "1,2345", "1234,567", "0,123", "1,234,5"])(
  "%s is no grouped number and not half of one either",
  (text) => {
    expect(parseNumber(text)).toBeUndefined();
    expect(standsAlone(text, scanNumber(text, 0)?.end ?? 0)).toBe(false);
  },
);

test.each(["", "-", ".", "+.", "e5", "0x10", "1_000", "1e", "1e+", "infinite", "nano", "--1", "true", "1 2"])(
  "%s is no number",
  (text) => {
    expect(parseNumber(text)).toBeUndefined();
  },
);

test.each(["3s", "12ms", "3/4", "1.2.3", "12:30", "3-4", "0x10", "1_000", "2e", "5GB", "3=4"])(
  "the number at the start of %s does not stand alone",
  (text) => {
    expect(standsAlone(text, scanNumber(text, 0)?.end ?? 0)).toBe(false);
  },
);

test.each([
  "0.31.",
  "0.31, next",
  "0.31]",
  "0.31;",
  "0.31)",
  "0.31 ",
  "0.31 - x",
  "0.31±0.02",
  "0.31+0.02",
  "0.31|",
  "0.31，",
  "0.31'",
])("the number at the start of %s stands alone", (text) => {
  expect(scanNumber(text, 0)?.value).toBe(0.31);
  expect(standsAlone(text, scanNumber(text, 0)?.end ?? 0)).toBe(true);
});

test("every float64 is read back exactly as JavaScript prints it", () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parseNumber(String(value))).toBe(value + 0);
    }),
  );
});

test("every integer is read back from its grouped form", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(parseNumber(value.toLocaleString("en-US"))).toBe(value);
    }),
  );
});

test("whatever the text, the end lies behind the start and inside the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.,eE+-naifty %") }), fc.nat(20), (text, start) => {
      const number = scanNumber(text, start);
      if (number !== undefined) expect(number.end > start && number.end <= text.length).toBe(true);
    }),
  );
});
