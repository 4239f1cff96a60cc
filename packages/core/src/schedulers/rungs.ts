/**
 * Fidelities at which trials are compared: min · eta^k for k = 0, 1, …, below `max`, ascending.
 *
 * @param min  Positive.
 * @param eta  Greater than 1.
 *
 * Source: L. Li et al. (2020), "A system for massively parallel hyperparameter tuning". https://arxiv.org/abs/1810.05934
 * Departs: multiplies until `max` is reached instead of taking logarithms, whose rounding loses a rung (ln 1000 / ln 10 < 3).
 */
export function rungLevels(min: number, max: number, eta: number): number[] {
  const levels: number[] = [];
  for (let level = min; level < max; level *= eta) levels.push(level);
  return levels;
}

/**
 * How many trials a round of Hyperband starts in each bracket: ⌈(s_max + 1) / (s + 1) · eta^s⌉ for s = s_max, …, 0. Bracket 0 is
 * the one that stops earliest.
 *
 * @param rungCount  Number of rungs below the greatest fidelity, s_max.
 *
 * Source: L. Li et al. (2018), "Hyperband", Alg. 1. https://jmlr.org/papers/v18/16-558.html
 */
export function bracketSizes(rungCount: number, eta: number): number[] {
  const sizes: number[] = [];
  for (let s = rungCount; s >= 0; s--) sizes.push(Math.ceil(((rungCount + 1) * eta ** s) / (s + 1)));
  return sizes;
}
