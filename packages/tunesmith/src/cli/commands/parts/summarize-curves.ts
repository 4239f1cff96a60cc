/** How several runs of the same thing went: the middle one and the outer ones, place by place. */
export interface CurveSummary {
  /** Null as long as half of the runs or more have no value. */
  readonly median: readonly (number | null)[];
  /** Smallest and largest value of any run. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** At the last place; null if it has no median. */
  readonly final: { readonly median: number; readonly low: number; readonly high: number } | null;
}

/**
 * Summarises curves of the best value so far. A run that is shorter keeps its last value; one without any counts as the worst.
 * The median of an even number of runs is the mean of the middle two.
 */
export function summarizeCurves(curves: readonly (readonly (number | null)[])[], goal: "minimize" | "maximize"): CurveSummary {
  const length = Math.max(0, ...curves.map((curve) => curve.length));
  const worst = goal === "minimize" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const median: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  for (let place = 0; place < length; place++) {
    const values = curves.map((curve) => curve[Math.min(place, curve.length - 1)] ?? worst).sort((a, b) => a - b);
    const known = values.filter(Number.isFinite);
    median.push(finite((values[Math.floor((values.length - 1) / 2)] + values[Math.floor(values.length / 2)]) / 2));
    low.push(known[0] ?? null);
    high.push(known.at(-1) ?? null);
  }
  const [lastMedian = null, lastLow = null, lastHigh = null] = [median.at(-1), low.at(-1), high.at(-1)];
  const hasFinal = lastMedian !== null && lastLow !== null && lastHigh !== null;
  return { median, low, high, final: hasFinal ? { median: lastMedian, low: lastLow, high: lastHigh } : null };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
