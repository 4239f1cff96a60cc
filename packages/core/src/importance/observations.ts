import type { Config } from "../parameters/parameter.ts";
import type { Space } from "../parameters/space.ts";
import { TunesmithError } from "../tunesmith-error.ts";

/** A finished trial, as far as importance cares. */
export interface ConfigLoss {
  readonly config: Config;
  /** Minimised; NaN for a trial without a result. */
  readonly loss: number;
}

/** Trials in an order that depends on nothing but themselves. */
export interface Observations {
  /** (n, d) row-major, in the unit cube, NaN = inactive. */
  readonly points: Float64Array;
  /** (n,) Finite. */
  readonly losses: Float64Array;
}

/** The trials that have a loss and whose config is one of the space; constraints of the space may be violated. */
export function observe(trials: Iterable<ConfigLoss>, space: Space): Observations {
  const d = space.dimensions.length;
  const rows: { readonly point: Float64Array; readonly loss: number }[] = [];
  for (const { config, loss } of trials) {
    if (Number.isNaN(loss) || space.check(config).some(({ path }) => path !== "")) continue;
    rows.push({ point: space.encode(config), loss });
  }
  rows.sort((a, b) => comparePoints(a.point, b.point) || comparePoints([a.loss], [b.loss]));
  const points = new Float64Array(rows.length * d);
  rows.forEach(({ point }, i) => {
    points.set(point, i * d);
  });
  return { points, losses: withoutInfinities(Float64Array.from(rows, ({ loss }) => loss)) };
}

/** By the first coordinate that differs, inactive ones first. */
function comparePoints(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let j = 0; j < a.length; j++) {
    if (Object.is(a[j], b[j]) || a[j] === b[j]) continue;
    if (Number.isNaN(a[j])) return -1;
    return Number.isNaN(b[j]) || a[j] > b[j] ? 1 : -1;
  }
  return 0;
}

/** ±Infinity counts as the worst and the best finite loss; as 0 when there is none. */
function withoutInfinities(losses: Float64Array): Float64Array {
  const finite = losses.filter(Number.isFinite);
  const worst = finite.reduce((most, loss) => Math.max(most, loss), finite[0] ?? 0);
  const best = finite.reduce((least, loss) => Math.min(least, loss), finite[0] ?? 0);
  return losses.map((loss) => Math.min(worst, Math.max(best, loss)));
}

/** What variance is taken of. */
export interface LossScale {
  /** `log` needs losses above 0; `rank` is the share of trials that are better. */
  readonly scale: "linear" | "log" | "rank";
  /**
   * Losses beyond this quantile count as that, so that importance is about what distinguishes good trials, not about how bad the bad
   * ones are. Null: only far-out losses are cut, those more than three interquartile ranges above the upper quartile.
   */
  readonly cutoff: number | null;
}

/**
 * Losses as the analysis sees them: scaled, cut off, then brought to mean 0 and variance 1.
 *
 * @returns (n,) Or null when all are equal.
 * @throws {TunesmithError} `invalid-input` for `log` with a loss that is not above 0.
 * Source: the logarithm and the cutoff at a default's performance are those of F. Hutter, H. Hoos, K. Leyton-Brown (2014), sec. 3 and
 * 5, http://proceedings.mlr.press/v32/hutter14.html; the fence is J. W. Tukey's (1977), "Exploratory data analysis", ch. 2.
 */
export function scaleLosses(losses: Float64Array, { scale, cutoff }: LossScale): Float64Array | null {
  const scaled = scaleOf(losses, scale);
  const sorted = scaled.slice().sort();
  const limit = cutoff === null ? farOut(sorted) : quantile(sorted, cutoff);
  const cut = scaled.map((loss) => Math.min(loss, limit));
  if (cut.every((loss) => loss === cut[0])) return null;
  const mean = cut.reduce((sum, loss) => sum + loss / cut.length, 0);
  const variance = cut.reduce((sum, loss) => sum + (loss - mean) ** 2 / cut.length, 0);
  return variance > 0 ? cut.map((loss) => (loss - mean) / Math.sqrt(variance)) : null;
}

function scaleOf(losses: Float64Array, scale: LossScale["scale"]): Float64Array {
  if (scale === "linear") return losses;
  if (scale === "rank") return ranks(losses);
  const least = losses.reduce((least, loss) => Math.min(least, loss), Infinity);
  if (least > 0) return losses.map(Math.log);
  const message = `is log, but a loss is ${least}; allowed: losses above 0, or linear or rank`;
  throw new TunesmithError("invalid-input", `scale: ${message}`, [{ path: "scale", message }]);
}

/** Mean rank of equal losses, from 1/2n to 1 − 1/2n. */
function ranks(losses: Float64Array): Float64Array {
  const sorted = losses.slice().sort();
  const places = new Map<number, { first: number; last: number }>();
  sorted.forEach((loss, i) => {
    const place = places.get(loss);
    if (place === undefined) places.set(loss, { first: i, last: i });
    else place.last = i;
  });
  return losses.map((loss) => {
    const { first, last } = places.get(loss) ?? { first: 0, last: 0 };
    return ((first + last) / 2 + 0.5) / losses.length;
  });
}

function farOut(sorted: Float64Array): number {
  const [lower, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  // Half of the losses are equal: what is far cannot be told.
  return upper > lower ? upper + 3 * (upper - lower) : Infinity;
}

/** Between neighbours on a straight line. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
