/** Weights on the unit simplex, each ≥ 0 and of sum 1. */
export interface ReferencePoints {
  readonly count: number;
  /** (count, m) row-major. */
  readonly weights: Float64Array;
}

// From here on points inside the simplex need so many divisions that there would be too many on its faces.
const TWO_LAYERS_FROM = 6;

/**
 * Evenly spaced directions for m objectives: all weights that are multiples of 1/divisions (Das–Dennis); for m ≥ 6 those, mostly on the
 * faces of the simplex, and an inner layer with one division less, shrunk halfway to the centre.
 *
 * @param m          Number of objectives, at least 1.
 * @param divisions  At least 1.
 *
 * Cost: C(m + divisions − 1, divisions) points.
 * Source: I. Das, J. E. Dennis (1998), "Normal-boundary intersection", https://doi.org/10.1137/S1052623496307510; two layers: K. Deb,
 * H. Jain (2014), Sec. V, https://doi.org/10.1109/TEVC.2013.2281535
 */
export function referencePoints(m: number, divisions: number): ReferencePoints {
  const points = simplexLattice(m, divisions);
  if (m >= TWO_LAYERS_FROM) {
    for (const point of simplexLattice(m, divisions - 1)) points.push(point.map((w) => 0.5 * w + 0.5 / m));
  }
  return { count: points.length, weights: Float64Array.from(points.flat()) };
}

/** The most divisions that give at most `limit` points; at least 1. */
export function divisionsWithin(m: number, limit: number): number {
  if (m === 1) return 1;
  let divisions = 1;
  while (referencePointCount(m, divisions + 1) <= limit) divisions++;
  return divisions;
}

/** Number of points that {@link referencePoints} makes; for hundreds of objectives maybe Infinity. */
export function referencePointCount(m: number, divisions: number): number {
  const inner = m >= TWO_LAYERS_FROM ? latticeSize(m, divisions - 1) : 0;
  return latticeSize(m, divisions) + inner;
}

/** C(m + p − 1, p). */
function latticeSize(m: number, p: number): number {
  let size = 1;
  // Divides evenly at every step: each product is a binomial coefficient.
  for (let i = 1; i <= p; i++) size = (size * (m - 1 + i)) / i;
  return size;
}

/** All of m whole numbers ≥ 0 of sum p, over p, in lexicographic order; for p = 0 the centre. */
function simplexLattice(m: number, p: number): number[][] {
  if (p === 0) return [Array<number>(m).fill(1 / m)];
  const points: number[][] = [];
  const parts = Array<number>(m).fill(0);
  const place = (k: number, left: number): void => {
    if (k === m - 1) {
      parts[k] = left;
      points.push(parts.map((part) => part / p));
      return;
    }
    for (let part = 0; part <= left; part++) {
      parts[k] = part;
      place(k + 1, left - part);
    }
  };
  place(0, p);
  return points;
}
