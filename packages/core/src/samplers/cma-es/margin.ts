/**
 * The margin: whatever the distribution narrows to, stepped coordinates keep a chance to leave their cell.
 *
 * symbol   meaning                                                      shape
 * α        margin, the least chance of a coordinate to leave its cell
 * A        stretches a stepped coordinate's samples: x = m + σ A (B D z)  (stepped,)
 * p        chance of leaving at the last generation                     (stepped,)
 *
 * Source: R. Hamano et al. (2025), "CatCMA with margin", Sec. 4, https://arxiv.org/abs/2504.07884, after R. Hamano et al. (2022),
 * "CMA-ES with margin", https://arxiv.org/abs/2205.13482; the centering after T. Marty, N. Hansen et al. (2024), "LB+IC-CMA-ES".
 */
import { normalCdf, normalQuantile } from "../../numerics/special-functions.ts";

/** The cells of a stepped coordinate, ascending along [0, 1]; the first and the last reach to infinity. */
export interface Cells {
  /** At least 3. */
  readonly count: number;
  cellOf(x: number): number;
  centre(k: number): number;
  /** Border between cells k − 1 and k, 1 ≤ k < count. */
  edge(k: number): number;
}

/** α = 1 − 0.73^(1/n): at least 27 % of the samples differ somewhere, however many discrete coordinates n there are. */
export function marginOf(discreteCount: number): number {
  return discreteCount === 0 ? 0 : 1 - 0.73 ** (1 / discreteCount);
}

/** One stepped coordinate's part of the distribution. */
export interface Stretch {
  readonly m: number;
  readonly A: number;
  readonly p: number;
}

const TINY = 1e-8;

/**
 * Mean and stretch that give the coordinate its margin.
 *
 * @param deviation  σ √C_jj.
 * @param hasMoved   Whether one of the better samples lay in another cell than the mean; else the chance to leave may only shrink.
 */
export function keepStretch(cells: Cells, { m, A, p }: Stretch, deviation: number, hasMoved: boolean, alpha: number): Stretch {
  const cell = cells.cellOf(m);
  const isEnd = cell === 0 || cell === cells.count - 1;
  return isEnd
    ? keepInEndCell(cells, cell, { m, A, p }, deviation, hasMoved, alpha)
    : keepInInnerCell(cells.edge(cell), cells.edge(cell + 1), { m, A, p }, deviation, hasMoved, alpha);
}

function keepInEndCell(cells: Cells, cell: number, old: Stretch, deviation: number, hasMoved: boolean, alpha: number): Stretch {
  const edge = cells.edge(cell === 0 ? 1 : cell);
  const leaving = Math.max(alpha, normalCdf(-Math.abs(old.m - edge) / (deviation * old.A)));
  const p = clip(hasMoved ? leaving : Math.min(leaving, old.p));
  const A = Math.max(old.A, Math.abs(cells.centre(cell) - edge) / (deviation * -normalQuantile(alpha)));
  const distance = deviation * A * -normalQuantile(p);
  return { m: cell === 0 ? edge - distance : edge + distance, A, p };
}

function keepInInnerCell(low: number, high: number, old: Stretch, deviation: number, hasMoved: boolean, alpha: number): Stretch {
  const below = normalCdf((low - old.m) / (deviation * old.A));
  const above = normalCdf((old.m - high) / (deviation * old.A));
  const staying = 1 - below - above;
  const least = hasMoved ? alpha / 2 : 1 - old.p;
  const down = Math.max(below, alpha / 2);
  const up = Math.max(above, alpha / 2);
  const stay = hasMoved ? staying : Math.max(staying, least);
  const sum = down + up + stay;
  const free = sum - alpha - least;
  const excess = free > 0 ? (1 - sum) / free : 0;
  const pDown = clip(down + excess * (down - alpha / 2));
  const pUp = clip(up + excess * (up - alpha / 2));
  const [a, b] = [-normalQuantile(pDown), -normalQuantile(pUp)];
  return { m: (low * b + high * a) / (a + b), A: (high - low) / ((a + b) * deviation), p: pDown + pUp };
}

function clip(p: number): number {
  return Math.min(0.5 - TINY, Math.max(TINY, p));
}

/**
 * Centres the better samples of one stepped coordinate: what lies in another cell than the mean is taken as that cell's centre, and
 * the others move towards theirs as far as that takes back the shift of the sum.
 *
 * @param x  (μ,) of the best samples; overwritten.
 * @returns Whether one lay in another cell.
 */
export function centreSamples(cells: Cells, m: number, x: Float64Array): boolean {
  const home = cells.cellOf(m);
  const centre = cells.centre(home);
  let shift = 0;
  let up = 0;
  let down = 0;
  let hasMoved = false;
  for (let i = 0; i < x.length; i++) {
    const cell = cells.cellOf(x[i]);
    if (cell === home) {
      up += Math.max(0, centre - x[i]);
      down += Math.min(0, centre - x[i]);
      continue;
    }
    hasMoved = true;
    shift += cells.centre(cell) - x[i];
    x[i] = cells.centre(cell);
  }
  const room = shift > 0 ? down : up;
  if (shift === 0 || room === 0) return hasMoved;
  const share = Math.min(1, -shift / room);
  for (let i = 0; i < x.length; i++) {
    const towards = centre - x[i];
    if (cells.cellOf(x[i]) === home && towards * shift < 0) x[i] += share * towards;
  }
  return hasMoved;
}
