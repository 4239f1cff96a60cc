import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineSplitter, type OutputLine } from "./line-splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function splitAll(chunks: readonly Uint8Array[], maxLineLength?: number): OutputLine[] {
  const splitter = createLineSplitter({ maxLineLength });
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const textsOf = (text: string) => splitAll([bytes(text)]).map((line) => line.text);

test("\\n and \\r\\n end a line, and the last line needs no end", () => {
  expect(splitAll([bytes("a\nb\r\n\nc")])).toEqual([
    { text: "a", redrawn: false },
    { text: "b", redrawn: false },
    { text: "", redrawn: false },
    { text: "c", redrawn: false },
  ]);
});

test("a bare \\r ends a redrawn line, and at the start of a line it ends nothing", () => {
  expect(splitAll([bytes("\r 10%\r\r 20%\r\n")])).toEqual([
    { text: " 10%", redrawn: true },
    { text: " 20%", redrawn: false },
  ]);
});

test("\\r\\n cut between chunks gives the line at once and an empty line that makes it stay", () => {
  expect(splitAll([bytes("a\r"), bytes("\nb")])).toEqual([
    { text: "a", redrawn: true },
    { text: "", redrawn: false },
    { text: "b", redrawn: false },
  ]);
});

test("a character of several bytes survives being cut anywhere", () => {
  const text = "Größe 验证 🙂 ━━\n";
  for (let cut = 0; cut <= bytes(text).length; cut++) {
    expect(splitAll([bytes(text).subarray(0, cut), bytes(text).subarray(cut)])).toEqual([
      { text: text.trimEnd(), redrawn: false },
    ]);
  }
});

test("invalid bytes become U+FFFD and harm nothing around them", () => {
  expect(
    splitAll([Uint8Array.of(0x61, 0xff, 0x62, 0xe2), Uint8Array.of(0x28, 0x0a, 0xf0, 0x9f)]).map((line) => line.text),
  ).toEqual(["a\ufffdb\ufffd(", "\ufffd"]);
});

test("colours, cursor moves, titles, links and clipboard writes are removed", () => {
  expect(textsOf("\x1b[1;31mred\x1b[0m \x1b[2K\x1b[1Aup")).toEqual(["red up"]);
  expect(textsOf("\x1b]0;title\x07a\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\b")).toEqual(["alinkb"]);
  expect(textsOf("a\x1b]52;c;cm0gLXJm\x07b\x1bPdcs\x1b\\c\x1b(Bd\x1b7e")).toEqual(["abcde"]);
  expect(textsOf("\u009b31mred\u009d0;title\u009cend")).toEqual(["redend"]);
});

test("backspaces and other control characters are removed, tabs stay", () => {
  expect(textsOf("a\b\bb\u0000c\td\u007fe\u0085f")).toEqual(["abc\tdef"]);
});

test("an escape sequence that is never finished hides at most the rest of its line", () => {
  expect(textsOf("a\x1b]0;never ends\nb\x1b[12\nc\x1b\nd")).toEqual(["a", "b", "c", "d"]);
  expect(textsOf("\x1b[31\u00e9t\u00e9")).toEqual(["\u00e9t\u00e9"]);
});

test("a sequence cut between chunks is still removed", () => {
  expect(splitAll([bytes("a\x1b"), bytes("[3"), bytes("1mb\x1b]0;t"), bytes("itle\x1b"), bytes("\\c")])).toEqual([
    { text: "abc", redrawn: false },
  ]);
});

test("what exceeds the longest line is dropped and counted, and the next line is whole", () => {
  const splitter = createLineSplitter({ maxLineLength: 4 });
  expect(splitter.push(bytes("abcdefgh\nij\n")).map((line) => line.text)).toEqual(["abcd", "ij"]);
  expect(
    splitter
      .push(bytes("abc"))
      .concat(splitter.push(bytes("def\n")))
      .map((line) => line.text),
  ).toEqual(["abcd"]);
  expect(splitter.droppedCharCount).toBe(4 + 2);
});

test("a cut never leaves half a surrogate pair, nor text from behind the cut", () => {
  const splitter = createLineSplitter({ maxLineLength: 3 });
  expect(
    splitter
      .push(bytes("ab🙂"))
      .concat(splitter.push(bytes("c\n")))
      .map((line) => line.text),
  ).toEqual(["ab"]);
  expect(splitter.droppedCharCount).toBe(3);
});

test("10 MB without a line end keep 64 KiB and count the rest", () => {
  const splitter = createLineSplitter();
  const chunk = new Uint8Array(65_536).fill(0x78);
  for (let index = 0; index < 160; index++) expect(splitter.push(chunk)).toEqual([]);
  expect(splitter.end().map((line) => line.text.length)).toEqual([65_536]);
  expect(splitter.droppedCharCount).toBe(159 * 65_536);
});

const pieces = fc.constantFrom(
  "a",
  "é",
  "🙂",
  "\n",
  "\r",
  "\r\n",
  "\x1b[31m",
  "\x1b]0;t\x07",
  "\x1b",
  "[",
  "\b",
  "\u009b",
  "loss=1",
  "\x1b\\",
  " ",
);

test("any bytes, cut anywhere, give the same lines apart from empty ones, none with a control character but tab", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      (parts, cuts) => {
        const all = bytes(parts.join(""));
        const edges = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
        const chunks = edges.slice(1).map((edge, index) => all.subarray(edges[index], edge));
        const whole = splitAll([all])
          .map((line) => line.text)
          .filter((text) => text !== "");
        const cut = splitAll(chunks)
          .map((line) => line.text)
          .filter((text) => text !== "");
        expect(cut).toEqual(whole);
        expect(cut.every((text) => !/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(text))).toBe(true);
      },
    ),
  );
});

test("random bytes never throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
      expect(splitAll(chunks).every((line) => typeof line.text === "string")).toBe(true);
    }),
  );
});
