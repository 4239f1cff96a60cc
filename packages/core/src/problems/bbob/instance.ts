import { legacyNormals, legacyUniforms } from "./legacy-random.ts";
import { type Matrix, rotation } from "./transformations.ts";

/** What distinguishes one instance of a BBOB function from another. */
export interface BbobInstance {
  readonly d: number;
  /** From which everything random of the instance follows. */
  readonly seed: number;
  readonly r: Matrix;
  readonly q: Matrix;
}

/** Functions that share the random numbers of another: 4 those of 3, 18 those of 17. */
const sharedSeed: Readonly<Record<number, number>> = Object.freeze({ 4: 3, 18: 17 });

/** Seed of a function's instance. Source: the instance rule of BBOB-2009. */
export function instanceSeed(f: number, instance: number): number {
  return (sharedSeed[f] ?? f) + 10_000 * instance;
}

export function bbobInstance(f: number, d: number, instance: number): BbobInstance {
  const seed = instanceSeed(f, instance);
  return { d, seed, r: rotation(d, seed + 1_000_000), q: rotation(d, seed) };
}

/** f_opt, Cauchy distributed, rounded to 2 decimals, within ±1000. Source: RR-6829, Sec. 0.2. */
export function optimumValue(f: number, instance: number): number {
  const seed = instanceSeed(f, instance);
  const ratio = legacyNormals(1, seed)[0] / legacyNormals(1, seed + 1)[0];
  return Math.min(1000, Math.max(-1000, Math.round(10_000 * ratio) / 100));
}

/** x_opt uniform in [−4, 4]^d in steps of 0.0008, never exactly 0. Source: RR-6829, Sec. 0.2. */
export function uniformOptimum(d: number, seed: number): Float64Array {
  return legacyUniforms(d, seed).map((u) => (8 * Math.floor(1e4 * u)) / 1e4 - 4 || -1e-5);
}
