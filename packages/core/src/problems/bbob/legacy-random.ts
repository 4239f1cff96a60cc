const modulus = 2147483647;

/** One step of Park and Miller's "minimal standard" generator by Schrage's method; every intermediate value fits in 32 bits. */
function nextState(state: number): number {
  const high = Math.floor(state / 127773);
  const next = 16807 * (state - high * 127773) - 2836 * high;
  return next < 0 ? next + modulus : next;
}

/**
 * The numbers from which BBOB-2009 makes its shifts and rotations. Only for that: `createRng` is the generator of everything else.
 *
 * @param seed  Whole number within ±(2^31 − 2); its sign is ignored, 0 counts as 1.
 * @returns     (n,) in (0, 1); 0 is given as 1e-99.
 * @throws {RangeError} For a larger seed: the generator has no such state.
 *
 * Source: minimal standard generator with a shuffle table of 32, S. K. Park, K. W. Miller (1988), https://doi.org/10.1145/63039.63042,
 * as specified for the BBOB-2009 instances (N. Hansen et al. 2009, INRIA RR-6829).
 */
export function legacyUniforms(n: number, seed: number): Float64Array {
  let state = Math.max(1, Math.abs(seed));
  if (!(state < modulus)) throw new RangeError(`seed is ${seed}, must lie within ±${modulus - 1}`);
  const table = new Float64Array(32);
  for (let i = 39; i >= 0; i--) {
    state = nextState(state);
    if (i < 32) table[i] = state;
  }
  let drawn = table[0];
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    state = nextState(state);
    const slot = Math.floor(drawn / 67108865);
    drawn = table[slot];
    table[slot] = state;
    out[i] = drawn / modulus || 1e-99;
  }
  return out;
}

/** @returns (n,) Standard normal numbers by Box and Müller's transform of 2 n uniform ones; 0 is given as 1e-99. */
export function legacyNormals(n: number, seed: number): Float64Array {
  const uniforms = legacyUniforms(2 * n, seed);
  return Float64Array.from(
    { length: n },
    (_, i) => Math.sqrt(-2 * Math.log(uniforms[i])) * Math.cos(2 * Math.PI * uniforms[n + i]) || 1e-99,
  );
}

/** @returns (n,) Position of each place in ascending order of the values, as `argsort`. */
export function ascendingOrder(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
}
