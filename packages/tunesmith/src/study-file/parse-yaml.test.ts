import { describe, expect, test } from "vitest";
import { parseYaml } from "./parse-yaml.ts";
import { plainValue } from "./source-node.ts";

function faultsOf(text: string): string[] {
  const { faults, placeOf } = parseYaml(text);
  return faults.map(({ at, path, message }) => `${placeOf(at).line}:${placeOf(at).column} ${path} ${message}`);
}

function parsedValue(text: string): unknown {
  const { root, faults } = parseYaml(text);
  expect(faults).toEqual([]);
  return root === null ? null : plainValue(root);
}

describe("reading YAML", () => {
  test("scalars mean what the core schema says", () => {
    expect(parsedValue("[1, -2, 0x10, 0o17, 1e3, .5, 1., ~, null, true, FALSE, yes, 1_000, '1', \"a\\tb\", -0]")).toEqual([
      1,
      -2,
      16,
      15,
      1000,
      0.5,
      1,
      null,
      null,
      true,
      false,
      "yes",
      "1_000",
      "1",
      "a\tb",
      0,
    ]);
  });

  test("JSON is read as it stands, tabs included", () => {
    expect(parsedValue('{\n\t"a": [1, {"b": "\\u00e9"}],\n\t"c": null\n}\n')).toEqual({ a: [1, { b: "é" }], c: null });
  });

  test("names that objects inherit are plain members", () => {
    const value = parsedValue("{ __proto__: 1, constructor: 2, toString: 3 }") as object;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "toString"]);
  });

  test("aliases repeat what their anchor holds", () => {
    expect(parsedValue("a: &x [1, 2]\nb: *x\nc: { d: *x }")).toEqual({ a: [1, 2], b: [1, 2], c: { d: [1, 2] } });
  });

  test("Windows line ends count as one", () => {
    expect(faultsOf("a: 1\r\nb: 1\r\na: 2\r\n")).toEqual(["3:1 a stands twice; keep one"]);
  });
});

const laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"];
for (let i = 1; i < 12; i++)
  laughs.push(
    `a${i}: &a${i} [${Array(10)
      .fill(`*a${i - 1}`)
      .join(", ")}]`,
  );

describe("hostile YAML gives a fault with its place, quickly", () => {
  test.each<[string, string, string]>([
    ["a duplicate key", "a: 1\nb:\n  c: 1\n  c: 2\n", "4:3 b.c stands twice; keep one"],
    ["a tab that indents", "a:\n\tb: 1\n", "2:1  a tab indents this line; YAML allows only spaces there"],
    ["a second document", "a: 1\n---\nb: 2\n", "2:1  a second document begins here; allowed: one study in a file"],
    [
      "a tag that builds an object",
      "a: !!js/function 'x'\n",
      "1:18 a the tag tag:yaml.org,2002:js/function is not read; write the plain value",
    ],
    [
      "a local tag",
      "a: !python/object:os.system [x]\n",
      "1:29 a the tag !python/object:os.system is not read; write the plain value",
    ],
    ["an infinite number", "a: [1, .inf]\n", "1:8 a.1 .inf is no finite number; quote it if it is meant as text"],
    ["no number", "a: .nan\n", "1:4 a .nan is no finite number; quote it if it is meant as text"],
    ["a number beyond the doubles", "a: -1e400\n", "1:4 a -1e400 is too large for a number; the largest is 1.79e308"],
    ["a number below the doubles", "a: 1e-400\n", "1:4 a 1e-400 is too small for a number; the smallest above 0 is 5e-324"],
    [
      "an inexact whole number",
      "a: 9007199254740993\n",
      "1:4 a 9007199254740993 is beyond 2^53 - 1, where whole numbers are no longer exact",
    ],
    ["a leading zero", "a: 010\n", "1:4 a 010 starts with 0, which some read as octal: write 10, or quote it if it is text"],
    ["a merge key", "b: &b {x: 1}\na:\n  <<: *b\n", "3:3 a merge keys (<<) are not read; repeat the keys"],
    ["a list as key", "? [a, b]\n: 1\n", "1:3  this key is no plain word; write it out"],
    ["an alias without anchor", "a: *b\n", "1:4 a the alias *b has no anchor before it"],
    ["an alias inside its own anchor", "a: &a [*a]\n", "1:8 a.0 the alias *a has no anchor before it"],
    ["a NUL by escape", 'a: "x\\0y"\n', "1:4 a a NUL character or half a surrogate pair; nothing could store it"],
    [
      "half a surrogate pair by escape",
      '{"a": "\\ud800"}',
      "1:7 a a NUL character or half a surrogate pair; nothing could store it",
    ],
    ["nothing", "", "1:1  the file is empty"],
    ["only comments", "# study\n\n", "1:1  the file is empty"],
    ["an empty key", ": 1\n", "1:1  a key is missing before the colon"],
  ])("%s", (_, text, fault) => {
    expect(faultsOf(text)).toContain(fault);
  });

  test("aliases that multiply (billion laughs)", () => {
    expect(faultsOf(laughs.join("\n"))[0]).toMatch(/^\d+:\d+ a\d+\.\d aliases repeat more than 10000 values$/);
  });

  test("10,000 digits", () => {
    expect(faultsOf(`a: ${"9".repeat(10_000)}`)).toEqual([
      `1:4 a ${"9".repeat(40)}… is too large for a number; the largest is 1.79e308`,
    ]);
  });

  test.each([
    ["[", 1 << 20],
    ["- ", 1 << 19],
    ["? ", 1 << 19],
    ["{a: ", 1 << 18],
    [": ", 1 << 19],
    ["[a: ", 1 << 18],
  ])("%j repeated for a whole MiB", (piece, count) => {
    expect(faultsOf(piece.repeat(count))[0]).toMatch(/^1:\d+ {2}nested more than 32 levels deep$/);
  });

  test("deep indentation", () => {
    const text = Array.from({ length: 1_400 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
    expect(faultsOf(text)).toEqual(["33:33  nested more than 32 levels deep"]);
  });

  test.each([["]"], ["- 1\n"], ["&a "], ["---\n"], ["%a\n"], ["- [1,1]\n"]])("%j repeated for a whole MiB", (piece) => {
    expect(faultsOf(piece.repeat((1 << 20) / piece.length)).join()).toContain("more values than a study can hold");
  });

  test("ordinary nesting of a study file is far from the limit", () => {
    expect(parsedValue("a:\n  b:\n    c:\n      - d:\n          - { e: [[[[1]]]] }\n")).toEqual({
      a: { b: { c: [{ d: [{ e: [[[[1]]]] }] }] } },
    });
  });
});
