import type { Scheduler } from "../scheduler.ts";
import { type PercentileOptions, percentileDefaults, percentileRule } from "./percentile.ts";

export type MedianOptions = Omit<PercentileOptions, "percentile">;

const { startup, warmup, window, keep, metric } = percentileDefaults;

export const medianDefaults: Required<MedianOptions> = Object.freeze({ startup, warmup, window, keep, metric });

/**
 * Stops a trial whose best loss so far is worse than the median of the other trials' losses at the same fidelity: `percentile` at 50.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function median(options: MedianOptions = {}): Scheduler {
  const settings = { ...medianDefaults, ...options };
  return percentileRule("median", settings, { ...settings, percentile: 50 });
}
