const bars = "▁▂▃▄▅▆▇█";

/** Lowest and highest of what a chart shows. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** The range of the finite values; null without any. */
export function rangeOf(values: Iterable<number>): ValueRange | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? null : { low, high };
}

/**
 * Values as a line of small bars, at most `width` columns: each column shows the last value it stands for. Values outside the
 * range are clipped to it; those that are not finite leave a gap.
 */
export function sparkline(values: readonly number[], width: number, range: ValueRange | null = rangeOf(values)): string {
  const columns = Math.min(width, values.length);
  let line = "";
  for (let column = 0; column < columns; column++) {
    const value = values[Math.floor(((column + 1) * values.length) / columns) - 1];
    line += range === null || !Number.isFinite(value) ? " " : bars[barIndex(value, range)];
  }
  return line;
}

function barIndex(value: number, { low, high }: ValueRange): number {
  if (high === low) return 0;
  const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
  return Math.min(bars.length - 1, Math.floor(share * bars.length));
}
