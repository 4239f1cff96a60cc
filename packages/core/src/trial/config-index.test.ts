import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigIndex } from "./config-index.ts";

/** Few different texts, so that rows share them. */
const key = fc.constantFrom("", "a", "b", "ab", '"x":0.1', '"x":0.2', "\u{1F600}");
const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), key }),
  fc.record({ kind: fc.constant("change" as const), row: fc.nat(), key }),
  fc.record({ kind: fc.constant("ask" as const), key }),
  fc.record({ kind: fc.constant("keep" as const), mask: fc.nat() }),
);

test("has a text exactly while some row has it, whatever was added, changed, kept and asked in between", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), key, (steps, last) => {
      let keys: string[] = [];
      const index = new ConfigIndex((row) => keys[row]);
      for (const each of steps) {
        if (each.kind === "add") keys.push(each.key);
        else if (each.kind === "ask") expect(index.has(each.key, keys.length)).toBe(keys.includes(each.key));
        else if (each.kind === "keep") {
          const rows = [...keys.keys()].filter((row) => (each.mask >> (row % 30)) % 2 === 1);
          keys = rows.map((row) => keys[row]);
          index.keep(rows);
        } else if (keys.length > 0) {
          const row = each.row % keys.length;
          keys[row] = each.key;
          index.change(row);
        }
      }
      expect(index.has(last, keys.length)).toBe(keys.includes(last));
    }),
  );
});

test("tells texts of one hash apart", () => {
  // The first pair among `"x":0.0`, `"x":0.1`, … whose hash, 0x12801ab0, is the same.
  const [one, other] = ['"x":0.47803', '"x":0.113037'];
  const keys = [one];
  const index = new ConfigIndex((row) => keys[row]);
  const known = (): boolean[] => [one, other, "new"].map((key) => index.has(key, keys.length));
  expect(known()).toEqual([true, false, false]);
  keys.push(other);
  expect(known()).toEqual([true, true, false]);
  keys[0] = "new";
  index.change(0);
  expect(known()).toEqual([false, true, true]);
});
