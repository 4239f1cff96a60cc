import type { Rng } from "../numerics/rng.ts";
import { cellDensity } from "./cell-density.ts";
import { around, type Estimate, limitSum, NORMAL_QUANTILE } from "./estimate.ts";
import type { Observations } from "./observations.ts";
import type { SpaceColumns } from "./space-columns.ts";

export interface PedAnovaOptions {
  /** γ: the share of trials that count as good. */
  readonly topShare: number;
  /** γ′ > γ: the share of the best trials among which the good ones are told apart; 1 is all of them (global importance). */
  readonly regionShare: number;
}

export const pedAnovaDefaults: PedAnovaOptions = Object.freeze({ topShare: 0.1, regionShare: 1 });

export interface PedAnovaResult {
  /** (d,) Shares that add up to 1; null when the good trials lie no differently from as many drawn by chance. */
  readonly mains: readonly Estimate[] | null;
  /** By how many standard deviations of chance the good trials lie differently, over all columns together. */
  readonly deviation: number;
  /** (d,) The share of the region's trials in which a column is active. */
  readonly activeShares: Float64Array;
}

const LEAST_TOP_COUNT = 5;
const SHUFFLE_COUNT = 40;
const BOOTSTRAP_COUNT = 60;

/**
 * PED-ANOVA: the variance of "is among the best γ of the trials" within the best γ′, from one-dimensional densities alone.
 *
 *     v_j = (γ/γ′)² ∫ q_j (p_j/q_j − 1)² dx_j      p_j, q_j: densities of column j among the best γ and the best γ′ of the trials
 *
 * which is the Pearson divergence of p_j from q_j. The trials need not be spread evenly: what matters is where the good ones lie
 * among the others. It answers what it takes to be good rather than what makes a difference, and knows no interactions.
 *
 * A conditional column is judged among the trials in which it is active, with γ/γ′ the share of good ones among these, times the
 * share of trials in which it is active.
 *
 * The interval is a 90 % bootstrap interval over trials, from the standard error of the share by linearisation.
 *
 * @throws {RangeError} Unless 0 < topShare < regionShare ≤ 1.
 * Cost: O(n d), 100 times.
 * Source: S. Watanabe, A. Bansal, F. Hutter (2023), "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
 * subspaces", theorem 1, https://arxiv.org/abs/2304.10255; conditional columns after K. Baba, Y. Ozaki, S. Watanabe (2026),
 * https://arxiv.org/abs/2601.20800.
 * Departs: a few good trials lie differently by chance alone, so from each v_j is taken what as many drawn from the region have on
 * average. At least five trials count as good.
 */
export function pedAnova(space: SpaceColumns, observations: Observations, options: PedAnovaOptions, rng: Rng): PedAnovaResult {
  const { topShare, regionShare } = options;
  if (!(0 < topShare && topShare < regionShare && regionShare <= 1))
    throw new RangeError(`topShare is ${topShare} and regionShare ${regionShare}; allowed: 0 < topShare < regionShare <= 1`);
  const region = regionOf(space, observations, options);
  const found = variancesOf(region, region.allRows, region.isTop);
  const { mean, sd } = chanceOf(region, rng.split("chance"));
  const excess = found.map((v, j) => Math.max(0, v - mean[j]));
  const total = sum(excess);
  const deviation = (sum(found) - sum(mean)) / sd;
  const { activeShares } = region;
  if (!(deviation > NORMAL_QUANTILE) || total === 0) return { mains: null, deviation: deviation || 0, activeShares };
  const errors = bootstrapErrors(region, excess, rng.split("bootstrap"));
  const mains = Array.from(excess, (v, j) => around(v / total, NORMAL_QUANTILE * errors[j]));
  return { mains: limitSum(mains, 1), deviation, activeShares };
}

/** The best γ′ of the trials as cells, and which of them are the best γ; trials as good as the last one are in. */
interface Region {
  /** (rows,) Ascending. */
  readonly losses: Float64Array;
  readonly allRows: Int32Array;
  readonly topCount: number;
  /** (rows,) 1 for the good ones. */
  readonly isTop: Uint8Array;
  readonly columns: readonly RegionColumn[];
  readonly activeShares: Float64Array;
}

interface RegionColumn {
  /** Whether neighbouring cells are alike. */
  readonly ordered: boolean;
  readonly cellCount: number;
  /** (rows,) −1 where inactive. */
  readonly cells: Int32Array;
}

const CELL_COUNT = 64;

function regionOf(
  { shapes }: SpaceColumns,
  { points, losses }: Observations,
  { topShare, regionShare }: PedAnovaOptions,
): Region {
  const [n, d] = [losses.length, shapes.length];
  const sorted = losses.slice().sort();
  const topCount = Math.min(n, Math.max(LEAST_TOP_COUNT, Math.ceil(topShare * n)));
  const regionCount = Math.min(n, Math.max(topCount + 1, Math.ceil(regionShare * n)));
  const region = [...losses.keys()].filter((row) => losses[row] <= sorted[regionCount - 1]).sort((a, b) => losses[a] - losses[b]);
  const regionLosses = Float64Array.from(region, (row) => losses[row]);
  const allRows = Int32Array.from(region.keys());
  const columns = shapes.map(({ choiceCount }, j) => {
    const cellCount = choiceCount ?? CELL_COUNT;
    const cellAt = (u: number): number => (Number.isNaN(u) ? -1 : Math.min(cellCount - 1, Math.floor(u * cellCount)));
    return { ordered: choiceCount === null, cellCount, cells: Int32Array.from(region, (row) => cellAt(points[row * d + j])) };
  });
  return {
    losses: regionLosses,
    allRows,
    topCount,
    isTop: topOf(regionLosses, allRows, topCount),
    columns,
    activeShares: Float64Array.from(columns, ({ cells }) => cells.filter((cell) => cell >= 0).length / region.length),
  };
}

/** Which rows are as good as number `topCount` of the given ones. */
function topOf(losses: Float64Array, ascendingRows: Int32Array, topCount: number): Uint8Array {
  const limit = losses[ascendingRows[topCount - 1]];
  return Uint8Array.from(losses, (loss) => (loss <= limit ? 1 : 0));
}

/** (d,) v_j over the given rows, which may repeat. */
function variancesOf({ columns }: Region, rows: Int32Array, isTop: Uint8Array): Float64Array {
  return Float64Array.from(columns, ({ ordered, cellCount, cells }) => {
    const good = new Float64Array(cellCount);
    const all = new Float64Array(cellCount);
    let goodCount = 0;
    let activeCount = 0;
    for (const row of rows) {
      const cell = cells[row];
      if (cell < 0) continue;
      all[cell]++;
      activeCount++;
      good[cell] += isTop[row];
      goodCount += isTop[row];
    }
    if (goodCount === 0) return 0;
    const p = cellDensity(good, ordered);
    const q = cellDensity(all, ordered);
    const divergence = p.reduce((sum, density, cell) => sum + (density - q[cell]) ** 2 / q[cell], 0);
    return (activeCount / rows.length) * (goodCount / activeCount) ** 2 * divergence;
  });
}

/** Mean of v_j when as many trials are called good by chance, and standard deviation of Σ v_j. */
function chanceOf(region: Region, rng: Rng): { readonly mean: Float64Array; readonly sd: number } {
  const mean = new Float64Array(region.columns.length);
  const totals = new Float64Array(SHUFFLE_COUNT);
  for (let s = 0; s < SHUFFLE_COUNT; s++) {
    const drawn = variancesOf(region, region.allRows, Uint8Array.from(rng.shuffle([...region.isTop])));
    drawn.forEach((v, j) => {
      mean[j] += v / SHUFFLE_COUNT;
    });
    totals[s] = sum(drawn);
  }
  const centre = sum(totals) / SHUFFLE_COUNT;
  return { mean, sd: Math.sqrt(totals.reduce((squares, total) => squares + (total - centre) ** 2, 0) / (SHUFFLE_COUNT - 1)) };
}

/** (d,) Standard errors of the shares. */
function bootstrapErrors(region: Region, excess: Float64Array, rng: Rng): Float64Array {
  const { losses, topCount } = region;
  const drawn = Array.from({ length: BOOTSTRAP_COUNT }, () => {
    const rows = Int32Array.from(losses, () => rng.int(losses.length)).sort();
    return variancesOf(region, rows, topOf(losses, rows, topCount));
  });
  const centres = excess.map((_, j) => drawn.reduce((total, v) => total + v[j] / BOOTSTRAP_COUNT, 0));
  const total = sum(excess);
  const centre = sum(centres);
  return excess.map((v, j) => {
    const share = v / total;
    const squares = drawn.reduce((squares, b) => squares + (b[j] - centres[j] - share * (sum(b) - centre)) ** 2, 0);
    return Math.sqrt(squares / (BOOTSTRAP_COUNT - 1)) / total;
  });
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
