/** Most bins of a column: a set of bins is two 32-bit words. */
export const BIN_LIMIT = 64;

/** The bin of a coordinate that takes no part (NaN). */
export const INACTIVE = 255;

/** How to cut one coordinate of the unit cube. */
export interface ColumnShape {
  /** Null: neighbours are alike. Else the number of choices, choice k of K lying at (k + 0.5) / K. */
  readonly choiceCount: number | null;
  /** Columns that decide whether this one takes part; empty if it always does. */
  readonly gates: readonly number[];
}

/** One coordinate cut into at most 64 bins. */
export interface BinnedColumn {
  readonly ordered: boolean;
  readonly gates: readonly number[];
  readonly binCount: number;
  /** (bins,) Share of the unit interval, or of the choices, that each bin covers; sums to 1. */
  readonly widths: Float64Array;
  /** (8 × 256,) Width of a set of bins by its bytes: entry 256 k + b for the bins 8 k + i of the bits i of b. */
  readonly byteWidths: Float64Array;
  /** The bin of a coordinate in [0, 1]; `INACTIVE` for NaN. */
  binAt(u: number): number;
}

/**
 * Cuts a coordinate where the observed values lie: between any two of them while they are few, else so that the bins hold about
 * equally many. Choices have a bin each; the rarest of more than 64 share the last one.
 *
 * @param values  Observed coordinates; NaN where inactive. Their order does not matter.
 */
export function binColumn(values: Float64Array, { choiceCount, gates }: ColumnShape): BinnedColumn {
  const active = values.filter((u) => !Number.isNaN(u)).sort();
  return choiceCount === null ? orderedColumn(active, gates) : choiceColumn(active, choiceCount, gates);
}

function orderedColumn(sorted: Float64Array, gates: readonly number[]): BinnedColumn {
  const borders = bordersBetween(sorted);
  const ends = [...borders, 1];
  const widths = Float64Array.from(ends, (end, k) => end - (k === 0 ? 0 : ends[k - 1]));
  const binAt = (u: number): number => (Number.isNaN(u) ? INACTIVE : countAtMost(borders, u));
  return { ordered: true, gates, binCount: widths.length, widths, byteWidths: byteWidthsOf(widths), binAt };
}

/** Middles between neighbouring different values, at most 63 of them, equally far apart in rank. */
function bordersBetween(sorted: Float64Array): Float64Array {
  const different = sorted.filter((u, i) => i === 0 || u > sorted[i - 1]);
  if (different.length <= BIN_LIMIT) return different.subarray(1).map((u, i) => (u + different[i]) / 2);
  const borders: number[] = [];
  for (let k = 1; k < BIN_LIMIT; k++) {
    const at = countAtMost(different, sorted[Math.floor((k * sorted.length) / BIN_LIMIT)]);
    if (at === different.length) break;
    const border = (different[at - 1] + different[at]) / 2;
    if (borders.length === 0 || border > borders[borders.length - 1]) borders.push(border);
  }
  return Float64Array.from(borders);
}

function choiceColumn(sorted: Float64Array, choiceCount: number, gates: readonly number[]): BinnedColumn {
  const choiceAt = (u: number): number => Math.min(choiceCount - 1, Math.floor(u * choiceCount));
  const bins = binsOfChoices(sorted, choiceCount, choiceAt);
  const widths = new Float64Array(Math.min(choiceCount, BIN_LIMIT));
  for (const bin of bins) widths[bin] += 1 / choiceCount;
  const binAt = (u: number): number => (Number.isNaN(u) ? INACTIVE : bins[choiceAt(u)]);
  return { ordered: false, gates, binCount: widths.length, widths, byteWidths: byteWidthsOf(widths), binAt };
}

function binsOfChoices(sorted: Float64Array, choiceCount: number, choiceAt: (u: number) => number): Uint8Array {
  if (choiceCount <= BIN_LIMIT) return Uint8Array.from({ length: choiceCount }, (_, k) => k);
  const counts = new Float64Array(choiceCount);
  for (const u of sorted) counts[choiceAt(u)]++;
  const byCount = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const bins = new Uint8Array(choiceCount).fill(BIN_LIMIT - 1);
  byCount.slice(0, BIN_LIMIT - 1).forEach((choice, bin) => {
    bins[choice] = bin;
  });
  return bins;
}

function byteWidthsOf(widths: Float64Array): Float64Array {
  const table = new Float64Array(8 * 256);
  for (let byte = 0; byte < 8; byte++) {
    for (let set = 1; set < 256; set++) {
      const lowest = 31 - Math.clz32(set & -set);
      table[256 * byte + set] = table[256 * byte + (set & (set - 1))] + (widths[8 * byte + lowest] ?? 0);
    }
  }
  return table;
}

/** Width of the bins in the set whose members 0 … 31 are the bits of `low`, and 32 … 63 those of `high`. */
export function widthOfSet({ byteWidths: w }: BinnedColumn, low: number, high: number): number {
  const lower = w[low & 255] + w[256 + ((low >>> 8) & 255)] + w[512 + ((low >>> 16) & 255)] + w[768 + (low >>> 24)];
  if (high === 0) return lower;
  const upper = w[1024 + (high & 255)] + w[1280 + ((high >>> 8) & 255)] + w[1536 + ((high >>> 16) & 255)];
  return lower + upper + w[1792 + (high >>> 24)];
}

/** Number of elements that are at most `value`; `ascending` without NaN. */
function countAtMost(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows of points as bins. */
export interface BinnedTable {
  readonly columns: readonly BinnedColumn[];
  readonly rowCount: number;
  /** (d, rows) column after column. */
  readonly bins: Uint8Array;
}

/** @param points  (rows, d) row-major, in [0, 1], NaN = inactive. */
export function binTable(columns: readonly BinnedColumn[], points: Float64Array): BinnedTable {
  const d = columns.length;
  const rowCount = d === 0 ? 0 : points.length / d;
  const bins = new Uint8Array(points.length);
  for (let j = 0; j < d; j++) {
    const { binAt } = columns[j];
    for (let row = 0; row < rowCount; row++) bins[j * rowCount + row] = binAt(points[row * d + j]);
  }
  return { columns, rowCount, bins };
}
