/**
 * Selection of NSGA-III.
 *
 * symbol   meaning                                                            shape
 * N        how many survive
 * m        objectives
 * S        fronts of the candidates up to and with the one that fits only in part    s members
 * f′       losses of S, translated by the ideal point and scaled                     (s, m)
 * a        intercepts of the hyperplane through the extreme points                   (m,)
 * π, d     nearest reference line of a member, and how far it is                     (s,)
 * ρ        how many survivors each reference point has                               (count,)
 *
 * Source: K. Deb, H. Jain (2014), "An evolutionary many-objective optimization algorithm using reference-point-based nondominated
 * sorting approach, part I", Sec. IV, https://doi.org/10.1109/TEVC.2013.2281535; constraints: H. Jain, K. Deb (2014), part II,
 * https://doi.org/10.1109/TEVC.2013.2281534
 * Departs: the ideal point is that of the candidates, not of all generations (the population keeps the best of each objective);
 * losses are scaled by their range in S before extreme points are looked for, so that units do not matter; of two feasible parents the
 * one of the better rank wins, where the paper leaves it to chance (measured: more hypervolume after 200 and 500 trials on five of six
 * problems, 30 seeds, and no less after 1,000).
 */
import type { Rng } from "../../numerics/rng.ts";
import { type Candidates, constrainedRanks, frontsOf } from "./constrained-ranks.ts";
import type { Fitness } from "./nsga2-selection.ts";
import type { ReferencePoints } from "./reference-points.ts";
import { solveLinear } from "./solve-linear.ts";

// Weight of the other objectives in the achievement function, Sec. IV-C.
const OFF_AXIS = 1e-6;
// Intercepts below this share of the range are taken for a degenerate hyperplane.
const LEAST_INTERCEPT = 1e-6;

/** Fitness for mating: the rank alone. */
export function rankFitness(candidates: Candidates): Fitness {
  return { ranks: constrainedRanks(candidates), crowding: new Float64Array(candidates.violations.length) };
}

/**
 * N survivors (Algorithm 1): whole fronts as long as they fit, of the first that does not those whose reference points are least
 * served. Infeasible ones come by their violation alone.
 *
 * @returns  (≤ N,) indices, ascending.
 *
 * Cost: O(m s count) beyond the non-dominated sort.
 */
export function selectByNiches(candidates: Candidates, N: number, references: ReferencePoints, rng: Rng): Int32Array {
  const chosen: number[] = [];
  for (const front of frontsOf(constrainedRanks(candidates))) {
    const left = N - chosen.length;
    if (left === 0) break;
    if (front.length <= left) chosen.push(...front);
    else if (candidates.violations[front[0]] > 0) chosen.push(...front.slice(0, left));
    else chosen.push(...fillNiches(candidates, chosen, front, left, references, rng));
  }
  return Int32Array.from(chosen).sort();
}

/** `left` members of the last front (Algorithm 4). */
function fillNiches(
  candidates: Candidates,
  chosen: readonly number[],
  last: readonly number[],
  left: number,
  references: ReferencePoints,
  rng: Rng,
): number[] {
  const members = [...chosen, ...last];
  const { nearest, distances } = associate(normalize(candidates, members), candidates.m, references);
  const rho = new Int32Array(references.count);
  for (let at = 0; at < chosen.length; at++) rho[nearest[at]]++;
  const waiting: number[][] = Array.from({ length: references.count }, () => []);
  for (let at = chosen.length; at < members.length; at++) waiting[nearest[at]].push(at);
  const filled: number[] = [];
  while (filled.length < left) {
    const j = leastServed(rho, waiting, rng);
    const pick = rho[j] === 0 ? closest(waiting[j], distances) : rng.int(waiting[j].length);
    filled.push(members[waiting[j].splice(pick, 1)[0]]);
    rho[j]++;
  }
  return filled;
}

/** One by chance of the reference points with fewest survivors among those that somebody still waits for. */
function leastServed(rho: Int32Array, waiting: readonly number[][], rng: Rng): number {
  let fewest = Infinity;
  let tied: number[] = [];
  for (let j = 0; j < rho.length; j++) {
    if (waiting[j].length === 0 || rho[j] > fewest) continue;
    if (rho[j] < fewest) tied = [];
    fewest = rho[j];
    tied.push(j);
  }
  return tied[tied.length === 1 ? 0 : rng.int(tied.length)];
}

function closest(waiting: readonly number[], distances: Float64Array): number {
  let best = 0;
  for (let k = 1; k < waiting.length; k++) if (distances[waiting[k]] < distances[waiting[best]]) best = k;
  return best;
}

/**
 * f′ over the intercepts (Algorithm 2): 0 at the ideal point, 1 where the hyperplane through the extreme points meets the axis; where
 * there is no such hyperplane, 1 at the worst of S.
 *
 * @returns  (s, m) An objective that is constant over S is 0; infinite losses count as the nearest finite ones.
 */
export function normalize({ losses, m }: Candidates, members: readonly number[]): Float64Array {
  const scaled = new Float64Array(members.length * m);
  for (let k = 0; k < m; k++) scaleColumn(losses, members, m, k, scaled);
  const a = intercepts(scaled, members.length, m);
  for (let i = 0; i < scaled.length; i++) scaled[i] /= a[i % m];
  return scaled;
}

/** Objective k of the members, from 0 at its least to 1 at its greatest finite value. */
function scaleColumn(losses: Float64Array, members: readonly number[], m: number, k: number, scaled: Float64Array): void {
  let low = Infinity;
  let high = -Infinity;
  for (const i of members) {
    const loss = losses[i * m + k];
    if (!Number.isFinite(loss)) continue;
    low = Math.min(low, loss);
    high = Math.max(high, loss);
  }
  // Halved, so that the range of the largest numbers is finite.
  const range = high / 2 - low / 2;
  members.forEach((i, at) => {
    const loss = Math.min(high, Math.max(low, losses[i * m + k]));
    scaled[at * m + k] = range > 0 ? (loss / 2 - low / 2) / range : 0;
  });
}

function intercepts(scaled: Float64Array, count: number, m: number): Float64Array {
  const extremes = new Float64Array(m * m);
  for (let k = 0; k < m; k++) {
    const at = extremePoint(scaled, count, m, k);
    for (let c = 0; c < m; c++) extremes[k * m + c] = scaled[at * m + c];
  }
  const inverses = new Float64Array(m).fill(1);
  const isPlane = solveLinear(extremes, inverses);
  const a = inverses.map((inverse) => 1 / inverse);
  return isPlane && a.every((intercept) => intercept >= LEAST_INTERCEPT && intercept < Infinity) ? a : a.fill(1);
}

/** The member with the least achievement function along axis k (eq. 4); ties by index. */
function extremePoint(scaled: Float64Array, count: number, m: number, k: number): number {
  let best = 0;
  let least = Infinity;
  for (let at = 0; at < count; at++) {
    let achievement = 0;
    for (let c = 0; c < m; c++) achievement = Math.max(achievement, scaled[at * m + c] / (c === k ? 1 : OFF_AXIS));
    if (achievement < least) [best, least] = [at, achievement];
  }
  return best;
}

/** π and d (Algorithm 3); ties go to the lower reference point. */
export function associate(
  normalized: Float64Array,
  m: number,
  { count, weights }: ReferencePoints,
): { readonly nearest: Int32Array; readonly distances: Float64Array } {
  const s = normalized.length / m;
  const nearest = new Int32Array(s);
  const distances = new Float64Array(s).fill(Infinity);
  for (let at = 0; at < s; at++) {
    for (let j = 0; j < count; j++) {
      const distance = distanceToLine(normalized, at * m, weights, j * m, m);
      if (!(distance < distances[at])) continue;
      distances[at] = distance;
      nearest[at] = j;
    }
  }
  return { nearest, distances };
}

/** Squared distance of a point from the line through the origin along w. */
function distanceToLine(points: Float64Array, at: number, weights: Float64Array, w: number, m: number): number {
  let along = 0;
  let square = 0;
  for (let k = 0; k < m; k++) {
    along += points[at + k] * weights[w + k];
    square += weights[w + k] * weights[w + k];
  }
  const t = along / square;
  let distance = 0;
  for (let k = 0; k < m; k++) distance += (points[at + k] - t * weights[w + k]) ** 2;
  return distance;
}
