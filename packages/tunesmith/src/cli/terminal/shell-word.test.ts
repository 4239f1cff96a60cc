import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test.each([
  ["--lr=0.004118273", "--lr=0.004118273"],
  ["a b", "'a b'"],
  ["it's", "'it'\\''s'"],
  ["$(touch x)", "'$(touch x)'"],
  ["", "''"],
  ["研究", "'研究'"],
  ["\u001b[31m", "$'\\x1b[31m'"],
  ["a\u202eb", "$'a\\u202eb'"],
])("%j becomes %s", (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test("bash reads every word back as the text it came from", () => {
  const words = fc.array(
    fc.string({ unit: "grapheme", minLength: 0, maxLength: 12 }).filter((text) => !text.includes("\0")),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(words, (texts) => {
      const script = `printf '%s\\0' ${texts.map(shellWord).join(" ")}`;
      const { stdout } = spawnSync("bash", ["-c", script], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
      expect(stdout.toString("utf8").split("\0").slice(0, -1)).toEqual(texts);
    }),
    { numRuns: 50, examples: [[["\u001b[0m", "\u{e0001}x", "a\nb", "\\'", "x\u202e'"]]] },
  );
});

test("no word holds a character that a terminal would act on", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(shellWord(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
