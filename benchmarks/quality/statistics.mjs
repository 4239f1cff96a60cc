// The tests and intervals of the analysis, on plain arrays.

/** Linear interpolation between order statistics (type 7). */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  // Not a weighted sum where both are equal: they may be infinite.
  return sorted[below] === sorted[above] ? sorted[below] : sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rank 1 is the least; equal values share their mean rank. */
export function ranks(values) {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const out = new Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && order[to + 1].value === order[from].value) to++;
    for (let k = from; k <= to; k++) out[order[k].i] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return out;
}

/**
 * Whether k methods differ over N tasks.
 *
 * @param table  N rows of k ranks.
 * @returns      χ² with k − 1 degrees of freedom, corrected for ties, and its p-value.
 * Source: M. Friedman (1937), https://doi.org/10.1080/01621459.1937.10503522; tie correction as in W. J. Conover (1999), Sec. 5.8.
 */
export function friedman(table) {
  const n = table.length;
  const k = table[0].length;
  const sums = table[0].map((_, j) => table.reduce((sum, row) => sum + row[j], 0));
  const squares = table.flat().reduce((sum, rank) => sum + rank * rank, 0);
  const middle = (n * k * (k + 1) ** 2) / 4;
  const spread = squares - middle;
  const chiSquare = spread === 0 ? 0 : ((k - 1) * (sums.reduce((sum, s) => sum + s * s, 0) - n * middle)) / spread;
  return { chiSquare, degreesOfFreedom: k - 1, p: upperGamma((k - 1) / 2, chiSquare / 2) };
}

/** Regularised upper incomplete gamma function Q(a, x): series below a + 1, continued fraction above. Source: DLMF 8.11, 8.9.2. */
export function upperGamma(a, x) {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 500 && term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * scale;
  }
  let fraction = 0;
  for (let n = 200; n >= 1; n--) fraction = (n * (n - a)) / (x + 2 * n + 1 - a - fraction);
  return scale / (x + 1 - a - fraction);
}

/** ln Γ of multiples of ½, exact by recurrence: that is all that χ² needs. */
function logGamma(a) {
  let sum = Number.isInteger(a) ? 0 : Math.log(Math.PI) / 2;
  for (let b = Number.isInteger(a) ? 1 : 0.5; b < a; b++) sum += Math.log(b);
  return sum;
}

/**
 * Two-sided Wilcoxon signed-rank test, exact over all signs, with ties; zeros are left out.
 * Source: F. Wilcoxon (1945), https://doi.org/10.2307/3001968
 */
export function wilcoxon(differences) {
  const found = differences.filter((difference) => difference !== 0);
  // Doubled, mean ranks are whole numbers.
  const doubled = ranks(found.map(Math.abs)).map((rank) => Math.round(2 * rank));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of doubled) for (let s = total; s >= rank; s--) ways[s] += ways[s - rank];
  const positive = doubled.reduce((sum, rank, i) => (found[i] > 0 ? sum + rank : sum), 0);
  const least = Math.min(positive, total - positive);
  const tail = ways.subarray(0, least + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * tail) / 2 ** found.length);
}

/** Adjusted p-values. Source: S. Holm (1979), https://www.jstor.org/stable/4615733 */
export function holm(pValues) {
  const order = pValues.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const out = new Array(pValues.length);
  let highest = 0;
  for (const [k, { p, i }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (pValues.length - k)));
    out[i] = highest;
  }
  return out;
}

// Studentised range at 5 % over √2, for 2 to 20 methods.
const nemenyiQuantiles = [
  ...[1.96, 2.343, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164],
  ...[3.219, 3.268, 3.313, 3.354, 3.391, 3.426, 3.458, 3.489, 3.517, 3.544],
];

/** Mean ranks of k methods over n tasks that lie closer than this do not differ at 5 %. Source: J. Demšar (2006), JMLR 7:1-30, Sec. 3.2.2. */
export function criticalDifference(k, n) {
  return nemenyiQuantiles[k - 2] * Math.sqrt((k * (k + 1)) / (6 * n));
}
