import { philox4x32 } from "./philox.ts";
import { checkSequenceArguments } from "./sequence-arguments.ts";

/** Number of dimensions that have a base: the first 4,096 primes. */
export const haltonMaxDimension = 4096;

const bounds = { indexBits: 53, dimensionLimit: haltonMaxDimension };
const LARGEST_PRIME = 38873;
const LARGEST_BELOW_ONE = 1 - 2 ** -53;
const BASES = primesUpTo(LARGEST_PRIME);

/**
 * One point of the Halton sequence, computed from its index alone. Coordinate j mirrors the digits of the index in the
 * j-th prime base at the point. For dimensions beyond the Sobol table, or batches that are no power of two.
 *
 * @param index         Whole number, 0 … 2^53 − 1. Keep index 0 and use every index.
 * @param dimension     1 … 4096.
 * @param scrambleSeed  Whole number, 0 … 2^53 − 1, to permute every digit at random, under which every single point is
 *                      uniform in the cube; null for the plain sequence, which begins at the origin.
 * @param out           (≥ dimension,) Receives the coordinates, in [0, 1).
 * @throws {RangeError} If an argument is outside its range.
 *
 * Source: J. H. Halton (1960), https://doi.org/10.1007/BF01386213; digits are permuted independently per base and
 * place, leading zeros included, as in A. B. Owen (2017), "A randomized Halton algorithm in R".
 * https://arxiv.org/abs/1706.02808
 * Departs: a digit d of base p becomes (a d + c) mod p with random a ≠ 0 and c in place of a wholly random
 * permutation. Any two digits are carried to a uniformly random pair either way, so the mean and the variance of every
 * integral are the same (A. B. Owen 2003, "Variance with alternative scramblings of digital nets",
 * https://doi.org/10.1145/945511.945518), and no table of permutations is needed.
 */
export function haltonPoint(index: number, dimension: number, scrambleSeed: number | null, out: Float64Array): void {
  checkSequenceArguments(bounds, index, dimension, scrambleSeed, out);
  const words = new Uint32Array(4);
  for (let j = 0; j < dimension; j++) {
    out[j] = scrambleSeed === null ? radicalInverse(index, BASES[j]) : scrambledInverse(index, j, scrambleSeed, words);
  }
}

/** The digits of the index in reverse order, over the power of the base: one division, hence correctly rounded. */
function radicalInverse(index: number, base: number): number {
  let reversed = 0;
  let scale = 1;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    reversed = reversed * base + (rest % base);
    scale *= base;
  }
  return Math.min(reversed / scale, LARGEST_BELOW_ONE);
}

/** The digits of the index, then as many zeros as a double can show, each permuted by its own random numbers. */
function scrambledInverse(index: number, j: number, scrambleSeed: number, words: Uint32Array): number {
  const base = BASES[j];
  let value = 0;
  let unit = 1 / base;
  let rest = index;
  for (let place = 0; unit > 2 ** -54; place++) {
    const pair = place % 2;
    if (pair === 0) philox4x32(place, j, 0, 1, scrambleSeed, scrambleSeed / 2 ** 32, words);
    const factor = 1 + uniformBelow(base - 1, words[2 * pair]);
    const shift = uniformBelow(base, words[2 * pair + 1]);
    value += ((factor * (rest % base) + shift) % base) * unit;
    rest = Math.floor(rest / base);
    unit /= base;
  }
  return Math.min(value, LARGEST_BELOW_ONE);
}

/** A whole number in 0 … n − 1 from one random word; no value is likelier than another by more than n / 2^32. */
function uniformBelow(n: number, word: number): number {
  return Math.floor(n * word * 2 ** -32);
}

/** The primes up to a bound, by the sieve of Eratosthenes. */
function primesUpTo(bound: number): Int32Array {
  const composite = new Uint8Array(bound + 1);
  const primes: number[] = [];
  for (let n = 2; n <= bound; n++) {
    if (composite[n] === 1) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= bound; multiple += n) composite[multiple] = 1;
  }
  return Int32Array.from(primes);
}
