/**
 * Moves a coordinate by a polynomially distributed step that never leaves [0, 1]: towards each bound with probability 1/2, mostly
 * near, at u = 0 and u = 1 as far as the bound.
 *
 * @param x    In [0, 1].
 * @param eta  η, distribution index, ≥ 0: far from the bounds the mean step is about 1 / (η + 2) of the range.
 * @param u    Uniform in [0, 1); at 1/2 nothing moves.
 *
 * Source: K. Deb, M. Goyal (1996), "A combined genetic adaptive search (GeneAS) for engineering design", Computer Science and
 * Informatics 26(4); the form that respects the bounds as in K. Deb, S. Agrawal (1999),
 * https://doi.org/10.1007/978-3-7091-6384-9_40
 */
export function mutateCoordinate(x: number, eta: number, u: number): number {
  const power = eta + 1;
  if (u < 0.5) {
    const step = (2 * u + (1 - 2 * u) * (1 - x) ** power) ** (1 / power) - 1;
    return Math.max(0, x + step);
  }
  const step = 1 - (2 * (1 - u) + (2 * u - 1) * x ** power) ** (1 / power);
  return Math.min(1, x + step);
}
