/**
 * Whether two points agree in what is active and in every choice, and in every number to less than `radius` of its range.
 *
 * @param a  Points in model order, the one at offset `at` is meant; `b` likewise.
 */
export function isWithin(
  a: Float64Array,
  at: number,
  b: Float64Array,
  bt: number,
  d: number,
  radius: number,
  isChoice: (j: number) => boolean,
): boolean {
  for (let j = 0; j < d; j++) {
    const [u, v] = [a[at + j], b[bt + j]];
    if (u === v || (Number.isNaN(u) && Number.isNaN(v))) continue;
    // Also where one is inactive.
    if (isChoice(j) || !(Math.abs(u - v) < radius)) return false;
  }
  return true;
}

const STUCK_COUNT = 3;
const STUCK_RADIUS = 1e-3;

/**
 * Whether the last three results lie within a thousandth of earlier ones: the model has settled on a place, maybe not the best.
 *
 * @param points  (n, d) in the order in which they finished.
 */
export function isStuck(points: Float64Array, n: number, d: number, isChoice: (j: number) => boolean): boolean {
  if (n <= STUCK_COUNT) return false;
  for (let i = n - STUCK_COUNT; i < n; i++) {
    let hasNeighbour = false;
    for (let k = 0; k < i && !hasNeighbour; k++) hasNeighbour = isWithin(points, i * d, points, k * d, d, STUCK_RADIUS, isChoice);
    if (!hasNeighbour) return false;
  }
  return true;
}
