/**
 * Whether point i dominates point j: no worse in every objective and better in at least one.
 *
 * @param losses  (n, m) row-major, every objective minimised. A comparison with NaN is false.
 * @param m       Number of objectives, at least 1.
 */
export function dominates(losses: Float64Array, m: number, i: number, j: number): boolean {
  let better = false;
  for (let k = 0; k < m; k++) {
    const a = losses[i * m + k];
    const b = losses[j * m + k];
    if (!(a <= b)) return false;
    if (a < b) better = true;
  }
  return better;
}

/**
 * Non-domination rank of every point: 0 for those nobody dominates, 1 for those only rank 0 dominates, and so on.
 * Equal points have equal ranks; with one objective the rank counts the smaller distinct values.
 *
 * @param losses  (n, m) row-major. Objective values, every one minimised, each in its own unit; may be infinite.
 * @param m       Number of objectives, at least 1.
 * @returns       (n,)
 * @throws {RangeError} If `losses` does not hold n × m values, or one is NaN.
 *
 * Cost: O(n log n) time for m ≤ 2; O(m n²) at worst for m ≥ 3, O(m n log n) when there are few ranks.
 * Source: X. Zhang, Y. Tian, R. Cheng, Y. Jin (2015), "An efficient approach to nondominated sorting for evolutionary
 * multiobjective optimization" (ENS-BS). https://doi.org/10.1109/TEVC.2014.2308305
 */
export function nonDominatedRanks(losses: Float64Array, n: number, m: number): Int32Array {
  checkLosses(losses, n, m);
  const order = lexicographicOrder(losses, n, m);
  return m <= 2 ? ranksByStaircase(losses, order, m) : ranksByFronts(losses, order, m);
}

/**
 * Crowding distance of every point in one non-dominated front: how lonely it is among its neighbours.
 *
 * @param losses  (n, m) row-major. Objective values, every one minimised, each in its own unit.
 * @param m       Number of objectives, at least 1.
 * @returns       (n,) Dimensionless, in [0, ∞]; larger is lonelier, `Infinity` at the extremes. Ties are ordered by index.
 * @throws {RangeError} If `losses` does not hold n × m values, or one is NaN.
 *
 * Cost: O(m n log n) time.
 * Source: K. Deb et al. (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", Sec. III-B.
 * https://doi.org/10.1109/4235.996017
 * Departs: an objective that is constant over the front, or has an infinite range, adds 0 (the paper's formula gives 0/0
 * or ∞/∞); the extremes of an infinite range are still `Infinity`.
 */
export function crowdingDistances(losses: Float64Array, n: number, m: number): Float64Array {
  checkLosses(losses, n, m);
  const distances = new Float64Array(n);
  for (let k = 0; k < m; k++) {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    order.sort((i, j) => compare(losses[i * m + k], losses[j * m + k]) || i - j);
    addGaps(distances, losses, order, m, k);
  }
  return distances;
}

/** Adds, along objective k, the distance between the two neighbours of every point. */
function addGaps(distances: Float64Array, losses: Float64Array, order: Int32Array, m: number, k: number): void {
  const n = order.length;
  if (n === 0) return;
  const lowest = losses[order[0] * m + k];
  const highest = losses[order[n - 1] * m + k];
  if (lowest === highest) return;
  distances[order[0]] = Infinity;
  distances[order[n - 1]] = Infinity;
  const range = highest - lowest;
  if (range === Infinity) return;
  for (let i = 1; i < n - 1; i++) {
    distances[order[i]] += (losses[order[i + 1] * m + k] - losses[order[i - 1] * m + k]) / range;
  }
}

function checkLosses(losses: Float64Array, n: number, m: number): void {
  if (!Number.isInteger(m) || m < 1) throw new RangeError(`m is ${m}, must be a whole number of at least 1`);
  if (losses.length !== n * m) throw new RangeError(`losses has ${losses.length} values, must have n × m = ${n} × ${m}`);
  const at = losses.findIndex(Number.isNaN);
  if (at >= 0) throw new RangeError(`objective ${at % m} of point ${Math.floor(at / m)} is NaN, must be a number`);
}

/** Like a − b, but also right for infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Indices by first objective, ties by second, and so on, equal points by index: nobody precedes a point that dominates it. */
function lexicographicOrder(losses: Float64Array, n: number, m: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  return order.sort((i, j) => {
    for (let k = 0; k < m; k++) {
      const difference = compare(losses[i * m + k], losses[j * m + k]);
      if (difference !== 0) return difference;
    }
    return i - j;
  });
}

function isEqualPoint(losses: Float64Array, m: number, i: number, j: number): boolean {
  for (let k = 0; k < m; k++) if (losses[i * m + k] !== losses[j * m + k]) return false;
  return true;
}

/**
 * One or two objectives: in lexicographic order a point is dominated by a rank if and only if the smallest last
 * objective of that rank so far is no larger than its own. These smallest values grow with the rank.
 */
function ranksByStaircase(losses: Float64Array, order: Int32Array, m: number): Int32Array {
  const ranks = new Int32Array(order.length);
  const smallest: number[] = [];
  for (let at = 0; at < order.length; at++) {
    const i = order[at];
    if (at > 0 && isEqualPoint(losses, m, i, order[at - 1])) {
      ranks[i] = ranks[order[at - 1]];
      continue;
    }
    const last = losses[i * m + m - 1];
    ranks[i] = firstRank(smallest.length, (rank) => smallest[rank] > last);
    smallest[ranks[i]] = last;
  }
  return ranks;
}

/** Three or more objectives: compare with the members of a rank, the newest (hence closest) first. */
function ranksByFronts(losses: Float64Array, order: Int32Array, m: number): Int32Array {
  const ranks = new Int32Array(order.length);
  const fronts: number[][] = [];
  for (let at = 0; at < order.length; at++) {
    const i = order[at];
    const rank = firstRank(fronts.length, (r) => fronts[r].findLast((j) => dominates(losses, m, j, i)) === undefined);
    if (rank === fronts.length) fronts.push([]);
    fronts[rank].push(i);
    ranks[i] = rank;
  }
  return ranks;
}

/** The first rank that accepts, or `rankCount`; a rank that accepts is followed only by ranks that do. */
function firstRank(rankCount: number, accepts: (rank: number) => boolean): number {
  let low = 0;
  let high = rankCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (accepts(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
