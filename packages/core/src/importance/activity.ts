import { type BinnedTable, INACTIVE } from "./forest/binned-columns.ts";

/** Variances, or covariances of two forests, of the parts of a pair of columns. */
export interface PairVariances {
  readonly one: number;
  readonly other: number;
  readonly both: number;
}

/**
 * Turns variances over all values of all columns, active or not, into those over the subspace where a column is active, times the
 * share of the space that this is.
 *
 * A forest answers for inactive columns too: it does not depend on them there. Let A be where column j is active, p its share of
 * the space. Over everything, the marginal of j is p times the one over A plus a constant, and its variance V_j is p² times the one
 * over A. What is reported is the variance over A times p, so V_j / p: what the parameter does where it takes part, weighted by how
 * often it does. For a column that is active under a condition on k this is its own effect and all of its interaction with k, but
 * for what it does differently under different values of k that all make it active; that alone is their interaction.
 *
 * These parts are uncorrelated with each other, like those of the usual decomposition, so their shares still add up to at most 1
 * (except among interactions of a column with several of its gates, where a condition over several parameters ties them together).
 *
 * Source: own derivation; the idea that a parameter is to be judged within the region where it is active is that of K. Baba,
 * Y. Ozaki, S. Watanabe (2026), "Conditional PED-ANOVA", https://arxiv.org/abs/2601.20800.
 */
export interface Activity {
  /** (d,) The share of the space in which a column is active, in (0, 1]. */
  readonly shares: Float64Array;
  /** Variance of column j where it is active, times how often that is. */
  main(j: number, variance: number): number;
  /** The same of the interaction of columns j and k. */
  interaction(j: number, k: number, variances: PairVariances): number;
}

/**
 * @param table      The rows from `firstProbe` on are spread evenly over the space; there may be none if nothing is conditional.
 */
export function activityOf({ bins, rowCount, columns }: BinnedTable, firstProbe: number): Activity {
  const isActive = (j: number, row: number): boolean => bins[j * rowCount + row] !== INACTIVE;
  const isGated = (j: number): boolean => columns[j].gates.length > 0;

  function shareWhere(holds: (row: number) => boolean): number {
    let count = 0;
    for (let row = firstProbe; row < rowCount; row++) if (holds(row)) count++;
    // Active in some trial, so somewhere in the space.
    return Math.max(1, count) / (rowCount - firstProbe);
  }

  /** Share of the values of its gate k under which column j is active somewhere. */
  function openShare(j: number, k: number): number {
    const open = new Set<number>();
    for (let row = firstProbe; row < rowCount; row++) if (isActive(j, row)) open.add(bins[k * rowCount + row]);
    const width = [...open].reduce((sum, bin) => sum + columns[k].widths[bin], 0);
    return Math.max(shares[j], width);
  }

  const shares = Float64Array.from(columns, (_, j) => (isGated(j) ? shareWhere((row) => isActive(j, row)) : 1));
  const memory = new Map<string, number>();
  const remembered = (key: string, compute: () => number): number => {
    const known = memory.get(key) ?? compute();
    memory.set(key, known);
    return known;
  };
  /** Of column j and its gate k; `variance` is that of j alone, `both` that of the pair. */
  const withGate = (j: number, k: number, variance: number, both: number): number =>
    ((variance + both) * remembered(`${j}|${k}`, () => openShare(j, k)) - variance) / shares[j];

  return {
    shares,
    main: (j, variance) => variance / shares[j],
    interaction(j, k, { one, other, both }) {
      if (!isGated(j) && !isGated(k)) return both;
      if (columns[j].gates.includes(k)) return withGate(j, k, one, both);
      if (columns[k].gates.includes(j)) return withGate(k, j, other, both);
      return both / remembered(`${j}&${k}`, () => shareWhere((row) => isActive(j, row) && isActive(k, row)));
    },
  };
}
