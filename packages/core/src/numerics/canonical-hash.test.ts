import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalHash, extendHash, type HashPart } from "./canonical-hash.ts";

const part: fc.Arbitrary<HashPart> = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: "binary" }));
const text = (parts: readonly HashPart[]) => Array.from(canonicalHash(parts)).join();

describe("canonicalHash", () => {
  it("tells different lists of parts apart", () => {
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(text(a)).not.toBe(text(b));
      }),
    );
  });

  it("tells apart what looks alike", () => {
    const alike: HashPart[][] = [
      [],
      [""],
      ["", ""],
      [0],
      [0, 0],
      ["0"],
      ["\0"],
      ["\0\0"],
      [7],
      ["7"],
      [-7],
      [1, 2],
      [12],
      ["1", "2"],
      ["12"],
      ["ab", "c"],
      ["a", "bc"],
      ["abc"],
      [2 ** 32],
      [1],
      [2 ** 32 + 1],
      [-(2 ** 32)],
      [-1],
      [2 ** 53 - 1],
      [1 - 2 ** 53],
      ["abcd"],
      ["abcde"],
      ["abcd", 0],
      ["é"],
      ["e\u0301"],
    ];
    expect(new Set(alike.map(text)).size).toBe(alike.length);
  });

  it("takes 0 and −0 for the same number", () => {
    expect(canonicalHash([-0])).toEqual(canonicalHash([0]));
  });

  it("changes half of its bits when one bit of a number or a string changes", () => {
    let changed = 0;
    let compared = 0;
    for (let bit = 0; bit < 53; bit++) {
      for (let start = 0; start < 50; start++) {
        changed += differingBits(canonicalHash([start]), canonicalHash([(bit < 52 ? 2 ** bit : -(2 ** 52)) + start]));
        compared += 128;
      }
    }
    for (let code = 0; code < 1000; code++) {
      changed += differingBits(canonicalHash([String.fromCharCode(code)]), canonicalHash([String.fromCharCode(code ^ 1)]));
      compared += 128;
    }
    // 467,200 fair coins: the standard deviation of the share is 0.0007.
    expect(Math.abs(changed / compared - 0.5)).toBeLessThan(0.0035);
  });

  it("has no collision in 32 bits beyond those chance predicts, over 200,000 pairs of trial number and label", () => {
    const seen = new Set<number>();
    const count = 200_000;
    for (let trial = 0; trial < count / 2; trial++) {
      seen.add(canonicalHash([1, trial, "tpe"])[0]);
      seen.add(canonicalHash([1, trial, "gp"])[0]);
    }
    // Expected collisions of 200,000 values among 2^32: 4.66, Poisson.
    expect(count - seen.size).toBeLessThan(20);
  });

  it("refuses numbers that are no safe integers", () => {
    for (const value of [0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => canonicalHash([value])).toThrow(`${value} cannot be hashed, only safe integers can`);
    }
  });
});

describe("extendHash", () => {
  it("gives the hash of the longer list and leaves the shorter one's as it is", () => {
    fc.assert(
      fc.property(fc.array(part), part, (parts, last) => {
        const hash = canonicalHash(parts);
        expect(extendHash(hash, last)).toEqual(canonicalHash([...parts, last]));
        expect(hash).toEqual(canonicalHash(parts));
      }),
    );
  });
});

function differingBits(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) for (let rest = a[i] ^ b[i]; rest !== 0; rest &= rest - 1) count++;
  return count;
}
