import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TunesmithError } from "../tunesmith-error.ts";
import { parseExpression, violation } from "./expression.ts";
import type { ParameterValue } from "./parameter.ts";

type Values = Readonly<Record<string, ParameterValue>>;

function evaluate(text: string, values: Values = {}): ParameterValue | undefined {
  return parseExpression(text).evaluate((name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

function violationOf(text: string, values: Values = {}): number {
  return violation(parseExpression(text), (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

function messageOf(text: unknown): string {
  try {
    parseExpression(text as string);
  } catch (error) {
    if (error instanceof TunesmithError && error.code === "invalid-input") return error.message;
    throw error;
  }
  return "";
}

describe("an expression", () => {
  it.each<[string, ParameterValue]>([
    ["1 + 2 * 3 - 4 / 2", 5],
    ["(1 + 2) * 3", 9],
    ["2 - 3 - 4", -5],
    ["-2 ** 2", -4],
    ["2 ** -1", 0.5],
    ["2 ** 3 ** 2", 512],
    ["7 % 3", 1],
    ["-7 % 3", 2],
    ["7 % -3", -2],
    [".5 + 1e-3 + 2.", 2.501],
    ["--1", 1],
    ["+3", 3],
    ["min(3, 1, 2) + max(4, 5) + abs(-1)", 7],
    ["log(exp(2)) + log2(8) + log10(100)", 7],
    ["sqrt(16) + floor(1.9) + ceil(1.1) + round(2.5) + pow(2, 3)", 18],
    ["1 < 2", true],
    ["'a' < 'b'", true],
    ["2 >= 3 or 1 != 1", false],
    ["not 1 > 2 and true", true],
    ["1 > 2 && 3 > 4 || 5 > 4", true],
    ["!(1 > 2)", true],
    ["not 1 == 2", true],
    ["2 in [1, 1 + 1]", true],
    ["2 not in [1, 3]", true],
    ["'it\\'s' == \"it's\"", true],
    ["null == null", true],
    ["'x'", "x"],
  ])("%s is %j", (text, value) => {
    expect(evaluate(text)).toBe(value);
  });

  it("takes names from outside, those that are no plain words in backticks", () => {
    expect(evaluate("layers * width <= 512", { layers: 4, width: 128 })).toBe(true);
    expect(evaluate("`model.lr` + `a/b` + `in` + `tick``ed`", { "model.lr": 1, "a/b": 2, in: 3, "tick`ed": 4 })).toBe(10);
    expect(evaluate("min + max(min, 2)", { min: 1 })).toBe(3);
    expect(evaluate("学习率 < 1", { 学习率: 0.5 })).toBe(true);
    expect(parseExpression("b + a + b").names).toEqual(["b", "a"]);
    expect(evaluate("toString == 1", { toString: 1 as never })).toBe(true);
  });

  it("is undefined as soon as one name has no value, even where it would not matter", () => {
    expect(evaluate("a > 1", {})).toBeUndefined();
    expect(evaluate("true or a > 1", {})).toBeUndefined();
    expect(evaluate("toString == 1", {})).toBeUndefined();
  });

  it("compares by type and value, and orders nothing of different types", () => {
    expect(evaluate("a == '1'", { a: 1 })).toBe(false);
    expect(evaluate("a == 1", { a: 1 })).toBe(true);
    expect(evaluate("a < 'b'", { a: 1 })).toBe(false);
    expect(evaluate("a < 1", { a: null })).toBe(false);
    expect(evaluate("a >= 1", { a: true })).toBe(false);
    expect(evaluate("a + 1", { a: "1" })).toBeNaN();
    expect(evaluate("a or false", { a: 1 })).toBe(false);
    expect(evaluate("a in [null, 'x']", { a: null })).toBe(true);
  });

  it.each([
    ["", "column 1: expected a value, found the end"],
    ["lr * )", "column 6: expected a value, found )"],
    ["lr <= 1 layers", "column 9: expected an operator or the end, found layers"],
    ["1 < x < 5", "column 7: comparisons do not chain; join two of them by and"],
    ["lr = 1", "column 4: unexpected =; to compare write =="],
    ["model.lr > 1", "column 6: unexpected .; a name with . / or - stands in backticks: `model.lr`"],
    ["a @ b", 'column 3: unexpected "@"'],
    ["1e400 > a", "column 1: 1e400 is larger than any number held here"],
    ["0x10 > a", "column 1: a name cannot start with 0; put it in backticks"],
    ["'abc", "column 1: the text has no closing '"],
    ["'a\\n'", "column 4: a backslash in text stands before \\, ' or \" only"],
    ["`a", "column 1: the name has no closing `"],
    ["`` > 1", "column 1: the name is empty"],
    ["sine(1)", "column 1: unknown function sine"],
    ["sqr(1)", "column 1: unknown function sqr; did you mean sqrt?"],
    ["pow(1)", "column 1: pow takes 2 values, not 1"],
    ["min()", "column 1: min takes at least 1 value, not 0"],
    ["a in 3", "column 6: expected [, found 3"],
    ["a in []", "column 7: expected a value, found ]"],
    ["a not 3", "column 3: not stands before a condition, or before in"],
    ["(a > 1", "column 7: expected ), found the end"],
    ["a and", "column 6: expected a value, found the end"],
    ["a > and", "column 5: expected a value, found and; a parameter of that name stands in backticks"],
    ["'a' + 1", "column 5: + takes numbers, not a text"],
    ["(a > 1) + 1", "column 9: + takes numbers, not a condition"],
    ["1 and a", "column 3: and takes conditions, not a number"],
    ["not 1", "column 1: not takes conditions, not a number"],
    ["-null", "column 1: - takes numbers, not null"],
    ["1 == '1'", "column 3: == compares a number with a text"],
    ["true < a", "column 6: < compares numbers or texts, not a condition"],
    [`${"(".repeat(65)}1${")".repeat(65)}`, "column 66: nested deeper than 64"],
    ["-".repeat(66), "column 66: nested deeper than 64"],
    [`${"1**".repeat(66)}1`, "column 196: nested deeper than 64"],
    ["a".repeat(2_001), "column 2001: 2001 characters; allowed: at most 2000"],
    [5, "is 5; allowed: text"],
    [null, "is null; allowed: text"],
  ])("%j is refused: %s", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it("takes long sums and chains of conditions, which do not nest", () => {
    expect(evaluate(`${"1+".repeat(999)}1`)).toBe(1000);
    expect(evaluate(Array(333).fill("a").join(" and "), { a: true })).toBe(true);
    expect(evaluate(`${"(".repeat(64)}1${")".repeat(64)}`)).toBe(1);
  });

  it("computes sums and products as JavaScript does", () => {
    const leaf = fc.integer({ min: -99, max: 99 }).map((value) => (value < 0 ? `(${value})` : String(value)));
    const { text } = fc.letrec<{ text: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie("text"), fc.constantFrom("+", "-", "*", "/"), tie("text"))
          .map(([a, operator, b]) => `${a} ${operator} ${b}`),
        tie("text").map((inner) => `(${inner})`),
      ),
    }));
    fc.assert(
      fc.property(
        text.filter((candidate) => candidate.length < 2_000),
        (candidate) => {
          expect(evaluate(candidate)).toBe(new Function(`return ${candidate}`)());
        },
      ),
    );
  });

  it("throws nothing but its own error on any text", () => {
    const piece = fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      "and ",
      "or ",
      "not ",
      "in ",
      "a",
      "`b`",
      "1",
      ".5",
      "'t'",
      "<",
      "==",
      "**",
      "-",
      "%",
      "min(",
      ",",
      " ",
      "!",
      "&&",
      "null",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const message = messageOf(text);
          if (message === "") expect(() => evaluate(text, { a: 1, b: "t" })).not.toThrow();
          else expect(message).toMatch(/^column \d+: /);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});

describe("violation", () => {
  it.each<[string, number]>([
    ["latency <= 5", 2],
    ["latency >= 5", 0],
    ["latency == 5", 2],
    ["latency != 7", 1],
    ["latency < 7", Number.MIN_VALUE],
    ["latency <= 5 and size <= 1", 5],
    ["latency <= 5 or size <= 1", 2],
    ["latency <= 8 or size <= 1", 0],
    ["not latency > 5", 2],
    ["not (latency > 5 or size > 1)", 5],
    ["not (latency > 5 and size > 1)", 2],
    ["latency in [1, 4, 9]", 2],
    ["latency not in [1, 7]", 1],
    ["kind == 'b'", 1],
    ["kind in ['a', 'b']", 0],
    ["not kind < 3", 0],
    ["flag", 1],
    ["!flag", 0],
    ["broken <= 1", Number.NaN],
    ["missing <= 1", Number.NaN],
    ["latency <= 8 or missing <= 1", Number.NaN],
  ])("%s is violated by %d", (text, amount) => {
    expect(violationOf(text, { latency: 7, size: 4, kind: "a", flag: false, broken: Number.NaN })).toBe(amount);
  });

  it("is 0 exactly where the condition holds", () => {
    const comparison = fc
      .tuple(
        fc.constantFrom("a", "b", "1", "2"),
        fc.constantFrom("<", "<=", ">", ">=", "==", "!="),
        fc.constantFrom("a", "b", "1"),
      )
      .map((parts) => parts.join(" "));
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 4 },
        comparison,
        fc.tuple(tie("condition"), fc.constantFrom("and", "or"), tie("condition")).map(([a, word, b]) => `(${a} ${word} ${b})`),
        tie("condition").map((inner) => `not (${inner})`),
      ),
    }));
    const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom<ParameterValue>("x", true, null, Infinity, -Infinity));
    fc.assert(
      fc.property(
        condition.filter((text) => text.length < 2_000),
        value,
        value,
        (text, a, b) => {
          const amount = violationOf(text, { a, b });
          expect(amount).toBeGreaterThanOrEqual(0);
          expect(amount === 0).toBe(evaluate(text, { a, b }));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
