import { canonicalHash, extendHash, type HashPart } from "./canonical-hash.ts";
import { philox4x32 } from "./philox.ts";
import { normalQuantile } from "./special-functions.ts";

/**
 * A stream of random numbers. Every method says how many 32-bit words it takes from the stream, so that two programs
 * that make the same calls stay in step.
 */
export interface Rng {
  /** A whole number uniform in 0 … 2^32 − 1. Takes one word. */
  uint32(): number;
  /** A multiple of 2^-53 uniform in [0, 1). Takes two words. */
  uniform(): number;
  /**
   * A whole number uniform in 0 … n − 1, without modulo bias. Takes one word for n ≤ 2^32, else two; rarely more.
   * @throws {RangeError} If `n` is not a whole number from 1 to 2^53 − 1.
   */
  int(n: number): number;
  /** A standard normal number, by inverse cdf; within ±8.2 and symmetric about 0. Takes two words. */
  normal(): number;
  /** Shuffles the array in place, every order equally likely (Fisher–Yates from the end), and returns it. */
  shuffle<T>(items: T[]): T[];
  /**
   * The stream one step further down the path: `createRng(s, a).split(b)` equals `createRng(s, a, b)`, however many
   * numbers either has given.
   * @throws {RangeError} If a numeric label is not a safe integer.
   */
  split(label: string | number): Rng;
}

/**
 * The random stream that belongs to a seed and a path, such as `createRng(studySeed, trialNumber, "tpe")`.
 * Equal arguments give equal streams on every machine; different ones give unrelated streams. A stream holds only
 * its position and is cheap to make, so nothing needs to keep or store one.
 *
 * @param seed  Whole number, 0 … 2^53 − 1.
 * @param path  Safe integers and strings; `7` and `"7"` are different steps.
 * @throws {RangeError} If the seed or a number in the path is outside its range.
 *
 * Source: the generator is Philox4x32-10 (J. K. Salmon et al. 2011, https://doi.org/10.1145/2063384.2063405). The
 * 128-bit canonical hash of (seed, path) gives the key and the upper half of the counter, the lower half counts blocks.
 */
export function createRng(seed: number, ...path: (string | number)[]): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed is ${seed}, must be a whole number from 0 to 2^53 - 1`);
  }
  const parts: HashPart[] = [seed, ...path];
  return new PhiloxStream(canonicalHash(parts));
}

class PhiloxStream implements Rng {
  readonly #identity: Uint32Array;
  readonly #words = new Uint32Array(4);
  #usedWordCount = 4;
  #block = 0;

  constructor(identity: Uint32Array) {
    this.#identity = identity;
  }

  uint32(): number {
    if (this.#usedWordCount === 4) this.#nextBlock();
    return this.#words[this.#usedWordCount++];
  }

  uniform(): number {
    return this.#uint53() * 2 ** -53;
  }

  int(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`n is ${n}, must be a whole number from 1 to 2^53 - 1`);
    const wide = n > 2 ** 32;
    const range = wide ? 2 ** 53 : 2 ** 32;
    for (;;) {
      const drawn = wide ? this.#uint53() : this.uint32();
      const remainder = drawn % n;
      // Reject the incomplete last stretch of n values, which would favour small remainders.
      if (drawn - remainder <= range - n) return remainder;
    }
  }

  normal(): number {
    // 52 bits, so that the middle of every cell is a double: the uniform is never 0 or 1 and symmetric about 1/2.
    const cell = Math.floor(this.#uint53() / 2);
    return normalQuantile((cell + 0.5) * 2 ** -52);
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const moved = items[i];
      items[i] = items[j];
      items[j] = moved;
    }
    return items;
  }

  split(label: string | number): Rng {
    return new PhiloxStream(extendHash(this.#identity, label));
  }

  #uint53(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return high * 2 ** 26 + low;
  }

  #nextBlock(): void {
    const [key0, key1, counter2, counter3] = this.#identity;
    philox4x32(this.#block, this.#block / 2 ** 32, counter2, counter3, key0, key1, this.#words);
    this.#block++;
    this.#usedWordCount = 0;
  }
}
