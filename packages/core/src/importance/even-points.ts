import { createRng } from "../numerics/rng.ts";
import { sobolPoint } from "../numerics/sobol.ts";
import { sobolMaxDimension } from "../numerics/sobol-directions.ts";

/**
 * Points that fill the unit cube evenly: scrambled Sobol points in the first 1,111 coordinates, uniform draws in those beyond.
 *
 * @param seed  Whole number, 0 … 2^53 − 1.
 * @returns     (count, d) row-major.
 */
export function evenPoints(count: number, d: number, seed: number): Float64Array {
  const points = new Float64Array(count * d);
  const rng = createRng(seed, "even-points");
  const quasiCount = Math.min(d, sobolMaxDimension);
  for (let i = 0; i < count && d > 0; i++) {
    sobolPoint(i, quasiCount, seed, points.subarray(i * d, (i + 1) * d));
    for (let j = quasiCount; j < d; j++) points[i * d + j] = rng.uniform();
  }
  return points;
}
