// Up to here (k + 0.5) / K is apart from its neighbours by several last places.
const roomyCount = 2 ** 50;

/** Number of the cell, of `count` equal ones, that holds u; both ends of [0, 1] included. NaN stays NaN. */
export function cellIndex(u: number, count: number): number {
  const index = Math.floor((u < 0 ? 0 : u) * count);
  return index >= count ? count - 1 : index;
}

/** The middle of cell k of `count` equal ones, or for counts near 2^53 the nearest double that still lies in cell k. */
export function cellCentre(k: number, count: number): number {
  let u = (k + 0.5) / count;
  if (count <= roomyCount) return u;
  while (cellIndex(u, count) > k) u -= Number.EPSILON / 2;
  while (cellIndex(u, count) < k) u += Number.EPSILON / 2;
  return u;
}
