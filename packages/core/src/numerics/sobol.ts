import { philox4x32 } from "./philox.ts";
import { checkSequenceArguments } from "./sequence-arguments.ts";
import { packedSobolDirections, sobolMaxDimension } from "./sobol-directions.ts";

const BIT_COUNT = 32;
const bounds = { indexBits: BIT_COUNT, dimensionLimit: sobolMaxDimension };
const DIRECTIONS = unpackDirections();

/**
 * One point of the Sobol sequence, computed from its index alone: 2^k consecutive points from 0 fill the unit cube
 * evenly, each one-dimensional projection having exactly one point in every interval [i/2^k, (i+1)/2^k).
 *
 * @param index         Whole number, 0 … 2^32 − 1, in Gray-code order. Keep index 0 and use every index: gaps spoil the
 *                      evenness.
 * @param dimension     1 … 1111.
 * @param scrambleSeed  Whole number, 0 … 2^53 − 1, for a nested uniform (Owen) scramble, under which every single point
 *                      is uniform in the open cube; null for the plain sequence, which begins at the origin.
 * @param out           (≥ dimension,) Receives the coordinates, in [0, 1).
 * @throws {RangeError} If an argument is outside its range.
 *
 * Source: the sequence is that of S. Joe and F. Y. Kuo (2008), https://doi.org/10.1137/070709359; the scramble hashes
 * each coordinate as in B. Burley (2020), "Practical hash-based Owen scrambling", JCGT 9(4),
 * https://jcgt.org/published/0009/04/01/, after S. Laine and T. Karras (2011), with the hash function of N. Vegdahl
 * (2021), "Building a better LK hash", https://psychopath.io/post/2021_01_30_building_a_better_lk_hash
 * Departs: a scrambled coordinate lies in the middle of its cell of 2^-32, so that it is never 0.
 */
export function sobolPoint(index: number, dimension: number, scrambleSeed: number | null, out: Float64Array): void {
  checkSequenceArguments(bounds, index, dimension, scrambleSeed, out);
  const gray = (index ^ (index >>> 1)) | 0;
  if (scrambleSeed === null) {
    for (let j = 0; j < dimension; j++) out[j] = (sobolBits(gray, j) >>> 0) * 2 ** -32;
    return;
  }
  const seeds = new Uint32Array(4);
  for (let j = 0; j < dimension; j++) {
    if (j % 4 === 0) philox4x32(j, 0, 0, 0, scrambleSeed, scrambleSeed / 2 ** 32, seeds);
    out[j] = ((owenScramble(sobolBits(gray, j), seeds[j % 4]) >>> 0) + 0.5) * 2 ** -32;
  }
}

/** Coordinate j as a 32-bit fraction: the sum, without carry, of the direction numbers that the Gray code selects. */
function sobolBits(gray: number, j: number): number {
  let bits = 0;
  for (let rest = gray; rest !== 0; rest &= rest - 1) {
    bits ^= DIRECTIONS[j * BIT_COUNT + 31 - Math.clz32(rest & -rest)];
  }
  return bits;
}

/**
 * Permutes the 2^32 fractions so that at every depth the two halves of each dyadic interval are swapped or not, by the
 * seed and the interval. On reversed bits an addition or a multiplication lets each bit depend on the coarser ones only.
 */
function owenScramble(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x ^= Math.imul(x, 0x3d20adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x05526c56);
  x ^= Math.imul(x, 0x53a22864);
  return reverseBits(x);
}

function reverseBits(word: number): number {
  let x = word;
  x = ((x & 0x55555555) << 1) | ((x >>> 1) & 0x55555555);
  x = ((x & 0x33333333) << 2) | ((x >>> 2) & 0x33333333);
  x = ((x & 0x0f0f0f0f) << 4) | ((x >>> 4) & 0x0f0f0f0f);
  x = ((x & 0x00ff00ff) << 8) | ((x >>> 8) & 0x00ff00ff);
  return (x << 16) | (x >>> 16);
}

/** (1111 × 32,) Direction numbers v_k = m_k / 2^k as 32-bit fractions, from the packed table. */
function unpackDirections(): Int32Array {
  const directions = new Int32Array(sobolMaxDimension * BIT_COUNT);
  for (let k = 0; k < BIT_COUNT; k++) directions[k] = 1 << (31 - k);
  const next = createBitReader(packedSobolDirections);
  for (let j = 1; j < sobolMaxDimension; j++) {
    const start = j * BIT_COUNT;
    const s = next(4);
    const a = next(s - 1);
    for (let k = 0; k < s; k++) directions[start + k] = (2 * next(k) + 1) << (31 - k);
    recur(directions, start + s, start + BIT_COUNT, s, a);
  }
  return directions;
}

/**
 * Continues the direction numbers of one dimension by the recurrence of its polynomial, of degree s and inner
 * coefficients a.
 *
 * Source: S. Joe and F. Y. Kuo (2008), recurrence of the m_k. https://doi.org/10.1137/070709359
 */
function recur(v: Int32Array, start: number, end: number, s: number, a: number): void {
  for (let k = start; k < end; k++) {
    let sum = v[k - s] ^ (v[k - s] >>> s);
    for (let rest = a; rest !== 0; rest &= rest - 1) sum ^= v[k - s + 32 - Math.clz32(rest & -rest)];
    v[k] = sum;
  }
}

/** Reads a base64 text as a stream of bits, most significant first, up to 26 at a time. */
function createBitReader(text: string): (bitCount: number) => number {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const sextets = new Uint8Array(128);
  for (let value = 0; value < 64; value++) sextets[alphabet.charCodeAt(value)] = value;
  let position = 0;
  let held = 0;
  let heldCount = 0;
  return (bitCount) => {
    while (heldCount < bitCount) {
      held = (held << 6) | sextets[text.charCodeAt(position++)];
      heldCount += 6;
    }
    heldCount -= bitCount;
    const value = held >>> heldCount;
    held &= (1 << heldCount) - 1;
    return value;
  };
}
