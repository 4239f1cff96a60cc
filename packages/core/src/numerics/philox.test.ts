import { describe, expect, it } from "vitest";
import { philox4x32 } from "./philox.ts";

function encipher(counter: readonly number[], key: readonly number[]): string[] {
  const out = new Uint32Array(4);
  philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out);
  return Array.from(out, (word) => word.toString(16).padStart(8, "0"));
}

describe("philox4x32", () => {
  // Recipe: the known-answer tests that Salmon et al. publish with their generators (kat_vectors, philox4x32 10).
  it("gives the published blocks for zeros, for ones and for the digits of pi", () => {
    expect(encipher([0, 0, 0, 0], [0, 0])).toEqual(["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
    const ones = 0xffffffff;
    expect(encipher([ones, ones, ones, ones], [ones, ones])).toEqual(["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"]);
    expect(encipher([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      "d16cfe09",
      "94fdcceb",
      "5001e420",
      "24126ea1",
    ]);
  });

  it("takes counter and key words modulo 2^32, whatever their sign or fraction", () => {
    expect(encipher([-1, 2 ** 32 + 5, 3.9, 0], [-2, 2 ** 40 + 7])).toEqual(encipher([2 ** 32 - 1, 5, 3, 0], [2 ** 32 - 2, 7]));
  });

  it("may write over the array its counter came from", () => {
    const block = Uint32Array.of(0, 0, 0, 0);
    philox4x32(block[0], block[1], block[2], block[3], 0, 0, block);
    expect(block[0]).toBe(0x6627e8d5);
  });
});
