import { philox4x32 } from "./philox.ts";

/** What can be hashed: a safe integer of any sign, or a string (compared by UTF-16 code units). `7` and `"7"` differ. */
export type HashPart = number | string;

// The first 128 bits of the fraction of pi: a start value nobody could have chosen for its effect.
const EMPTY_HASH = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;

// The top byte of the first block of a part. A string's header also carries its length, so no two lists of parts
// give the same sequence of blocks.
const NUMBER_TAG = 1 << 24;
const STRING_TAG = 2 << 24;

/**
 * A stable 128-bit hash of a list of integers and strings: the same on every machine and in every release.
 *
 * Each part is written as 64-bit blocks, and each block is the key under which the hash so far is enciphered:
 * hash' = Philox4x32-10(counter = hash, key = block). Under one block this is a bijection, so appending the same
 * part to two different hashes never makes them equal. Not for secrets: collisions can be constructed.
 *
 * @returns (4,) 32-bit words.
 * @throws {RangeError} If a number is not a safe integer.
 *
 * Source: the cipher is that of J. K. Salmon et al. (2011), https://doi.org/10.1145/2063384.2063405; chaining its
 * blocks into a hash is our own construction, tested for avalanche and collisions.
 */
export function canonicalHash(parts: readonly HashPart[]): Uint32Array {
  const hash = Uint32Array.from(EMPTY_HASH);
  for (const part of parts) absorb(hash, part);
  return hash;
}

/** The hash of a longer list: `extendHash(canonicalHash([a]), b)` equals `canonicalHash([a, b])`. Leaves `hash` as it is. */
export function extendHash(hash: Uint32Array, part: HashPart): Uint32Array {
  const extended = hash.slice();
  absorb(extended, part);
  return extended;
}

function absorb(hash: Uint32Array, part: HashPart): void {
  if (typeof part === "number") absorbInteger(hash, part);
  else absorbString(hash, part);
}

function absorbInteger(hash: Uint32Array, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be hashed, only safe integers can`);
  // The high word of a safe integer is in [-2^21, 2^21): 22 bits tell them all apart, below the tag.
  const high = Math.floor(value / 2 ** 32) & 0x3fffff;
  absorbBlock(hash, value % 2 ** 32, high | NUMBER_TAG);
}

function absorbString(hash: Uint32Array, text: string): void {
  absorbBlock(hash, text.length, STRING_TAG);
  for (let i = 0; i < text.length; i += 4) {
    absorbBlock(hash, codeUnitPair(text, i), codeUnitPair(text, i + 2));
  }
}

/** Two UTF-16 code units as one word; past the end of the text NaN becomes 0, which the length makes unambiguous. */
function codeUnitPair(text: string, at: number): number {
  return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
}

function absorbBlock(hash: Uint32Array, low: number, high: number): void {
  philox4x32(hash[0], hash[1], hash[2], hash[3], low, high, hash);
}
