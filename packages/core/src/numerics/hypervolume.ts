/**
 * Hypervolume: the volume of the region that the points dominate, up to a reference point. Larger is better.
 *
 * @param losses     (n, m) row-major. Objective values, every one minimised. A point that is not better than the
 *                   reference in every objective adds nothing.
 * @param n          Number of points.
 * @param m          Number of objectives, at least 1.
 * @param reference  (m,) The worst corner, finite.
 * @returns          In the product of the objectives' units, at least 0; 0 for no points, ∞ if a point that adds is −∞.
 * @throws {RangeError} If an array has the wrong length, a loss is NaN or the reference is not finite.
 *
 * Cost: O(n log n) for m = 2, O(n² log n) for m = 3, exponential in m at worst beyond.
 * Source: L. While, L. Bradstreet, L. Barone (2012), "A fast way of calculating exact hypervolumes" (WFG, the
 * points sorted and cut into slices of one objective less). https://doi.org/10.1109/TEVC.2010.2077298
 */
export function hypervolume(losses: Float64Array, n: number, m: number, reference: ArrayLike<number>): number {
  checkHypervolumeArguments(losses, n, m, reference);
  const levels = createLevels(n, m);
  const inside = levels[m];
  let count = 0;
  for (let i = 0; i < n; i++) {
    const point = losses.subarray(i * m, (i + 1) * m);
    if (!point.every((loss, k) => loss < reference[k])) continue;
    if (point.includes(-Infinity)) return Infinity;
    inside.set(point, count * m);
    count++;
  }
  return dominatedVolume(levels, count, m, m, reference);
}

/**
 * The volume that only point `i` dominates, compared with a set of others; 0 if it is not better than the reference.
 *
 * @param losses      (·, m) row-major, minimised, no −∞.
 * @param reference   (m,) The worst corner, finite.
 * @param others      The set: the first `otherCount` entries are indices of points, `i` not among them.
 *
 * Cost: that of the hypervolume of `otherCount` points.
 * Source: While et al. (2012), as {@link hypervolume}.
 */
export function exclusiveHypervolume(
  losses: Float64Array,
  m: number,
  reference: ArrayLike<number>,
  i: number,
  others: Int32Array,
  otherCount: number,
): number {
  const levels = createLevels(otherCount, m);
  const shared = levels[m];
  let count = 0;
  for (let o = 0; o < otherCount; o++) {
    writeWorse(losses, i * m, losses, others[o] * m, m, shared, count * m);
    if (boxVolume(shared, count * m, m, reference) > 0) count++;
  }
  const own = boxVolume(losses, i * m, m, reference);
  return Math.max(0, own - dominatedVolume(levels, count, m, m, reference));
}

/** @throws {RangeError} As {@link hypervolume} says. */
export function checkHypervolumeArguments(losses: Float64Array, n: number, m: number, reference: ArrayLike<number>): void {
  if (!Number.isInteger(m) || m < 1) throw new RangeError(`m is ${m}, must be a whole number of at least 1`);
  if (losses.length !== n * m) throw new RangeError(`losses has ${losses.length} values, must have n × m = ${n} × ${m}`);
  if (reference.length !== m) throw new RangeError(`reference has ${reference.length} values, must have m = ${m}`);
  const at = losses.findIndex(Number.isNaN);
  if (at >= 0) throw new RangeError(`objective ${at % m} of point ${Math.floor(at / m)} is NaN, must be a number`);
  for (let k = 0; k < m; k++) {
    if (!Number.isFinite(reference[k])) throw new RangeError(`reference[${k}] is ${reference[k]}, must be finite`);
  }
}

/** Room for the points at each depth of the recursion: `levels[k]` holds the rows of which k objectives still count. */
function createLevels(n: number, m: number): readonly Float64Array[] {
  return Array.from({ length: m + 1 }, (_, k) => new Float64Array(k >= 2 || k === m ? n * m : 0));
}

/** Volume between the point at `offset` and the reference over the first `k` objectives; 0 if it is not inside. */
function boxVolume(points: Float64Array, offset: number, k: number, reference: ArrayLike<number>): number {
  let volume = 1;
  for (let c = 0; c < k; c++) {
    const side = reference[c] - points[offset + c];
    if (!(side > 0)) return 0;
    volume *= side;
  }
  return volume;
}

/** The corner of the region that two points both dominate: the worse of them in each of the first `k` objectives. */
function writeWorse(
  a: Float64Array,
  aOffset: number,
  b: Float64Array,
  bOffset: number,
  k: number,
  out: Float64Array,
  outOffset: number,
): void {
  for (let c = 0; c < k; c++) out[outOffset + c] = Math.max(a[aOffset + c], b[bOffset + c]);
}

/**
 * Hypervolume over the first `k` objectives of the first `count` rows of `levels[k]`, each `stride` wide, finite and
 * inside the reference. Reorders the rows and overwrites the lower levels.
 */
function dominatedVolume(
  levels: readonly Float64Array[],
  count: number,
  stride: number,
  k: number,
  reference: ArrayLike<number>,
): number {
  const points = levels[k];
  if (count === 0) return 0;
  if (count === 1) return boxVolume(points, 0, k, reference);
  const last = k - 1;
  sortRowsDescending(points, count, stride, last);
  if (k === 1) return reference[0] - points[(count - 1) * stride];
  if (k === 2) return staircaseArea(points, count, stride, reference);
  // From the worst to the best in the last objective: each point alone dominates a slab between itself and the
  // reference, standing on what no later point dominates in the other objectives.
  const limited = levels[last];
  let volume = 0;
  for (let i = 0; i < count; i++) {
    let limitedCount = 0;
    for (let j = i + 1; j < count; j++) {
      writeWorse(points, i * stride, points, j * stride, last, limited, limitedCount * stride);
      limitedCount = last === 2 ? limitedCount + 1 : keepNonDominated(limited, limitedCount, stride, last);
    }
    const base = boxVolume(points, i * stride, last, reference);
    const covered = dominatedVolume(levels, limitedCount, stride, last, reference);
    volume += (base - covered) * (reference[last] - points[i * stride + last]);
  }
  return volume;
}

/** Area dominated by rows sorted by the second objective, worst first; dominated rows may be among them. */
function staircaseArea(points: Float64Array, count: number, stride: number, reference: ArrayLike<number>): number {
  let area = 0;
  let left = reference[0];
  for (let i = count - 1; i >= 0; i--) {
    const first = points[i * stride];
    if (first >= left) continue;
    area += (left - first) * (reference[1] - points[i * stride + 1]);
    left = first;
  }
  return area;
}

/**
 * Takes row `count` in among the mutually non-dominated rows before it, over the first `k` objectives: drops it if one
 * of them is nowhere worse, else drops those that are nowhere better. Returns the new number of rows.
 */
function keepNonDominated(rows: Float64Array, count: number, stride: number, k: number): number {
  const added = count * stride;
  for (let i = 0; i < count; i++) {
    if (isNowhereWorse(rows, i * stride, added, k)) return count;
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (isNowhereWorse(rows, added, i * stride, k)) continue;
    rows.copyWithin(kept * stride, i * stride, (i + 1) * stride);
    kept++;
  }
  rows.copyWithin(kept * stride, added, added + stride);
  return kept + 1;
}

function isNowhereWorse(rows: Float64Array, aOffset: number, bOffset: number, k: number): boolean {
  for (let c = 0; c < k; c++) if (rows[aOffset + c] > rows[bOffset + c]) return false;
  return true;
}

/** Heapsort of the first `count` rows by one column, largest first: in place, since it runs inside the recursion. */
function sortRowsDescending(rows: Float64Array, count: number, stride: number, column: number): void {
  for (let root = (count >> 1) - 1; root >= 0; root--) siftDown(rows, root, count, stride, column);
  for (let end = count - 1; end > 0; end--) {
    swapRows(rows, 0, end, stride);
    siftDown(rows, 0, end, stride, column);
  }
}

/** Restores the heap, smallest row on top, below `root` among the first `end` rows. */
function siftDown(rows: Float64Array, root: number, end: number, stride: number, column: number): void {
  let parent = root;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= end) return;
    const sibling = child + 1;
    if (sibling < end && rows[sibling * stride + column] < rows[child * stride + column]) child = sibling;
    if (rows[parent * stride + column] <= rows[child * stride + column]) return;
    swapRows(rows, parent, child, stride);
    parent = child;
  }
}

function swapRows(rows: Float64Array, a: number, b: number, stride: number): void {
  for (let c = 0; c < stride; c++) {
    const moved = rows[a * stride + c];
    rows[a * stride + c] = rows[b * stride + c];
    rows[b * stride + c] = moved;
  }
}
