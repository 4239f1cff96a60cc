/**
 * BIPOP: restarts that alternate between ever larger populations and small ones with small steps, each kind getting half of the
 * evaluations.
 *
 * Source: N. Hansen (2009), "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed", Sec. 2,
 * https://doi.org/10.1145/1570256.1570333
 */
import type { Rng } from "../../numerics/rng.ts";
import type { Basis, Constants } from "./cma-es.ts";
import { diagonalAt } from "./cma-es.ts";
import type { Evolution } from "./evolution.ts";

export type Regime = "first" | "large" | "small";

/** Where a study stands between its runs; the evaluations of the present run are not in it. */
export interface Restarts {
  readonly regime: Regime;
  /** Large restarts so far. */
  readonly largeCount: number;
  readonly largeEvaluations: number;
  readonly smallEvaluations: number;
  readonly defaultLambda: number;
}

const LARGE_LIMIT = 9;

/** What the run after this one is like: its share of the budget is behind by counts of evaluations. */
export function nextRun(
  evolution: Evolution,
  sigma0: number,
  rng: Rng,
): { readonly restarts: Restarts; readonly lambda: number; readonly sigma0: number } {
  const { restarts: old, evaluationCount } = evolution;
  const isSmall = old.regime === "small";
  const largeEvaluations = old.largeEvaluations + (old.regime === "large" ? evaluationCount : 0);
  const smallEvaluations = old.smallEvaluations + (isSmall ? evaluationCount : 0);
  const counts = { largeEvaluations, smallEvaluations, defaultLambda: old.defaultLambda };
  if (smallEvaluations < largeEvaluations) {
    const largeLambda = old.defaultLambda * 2 ** old.largeCount;
    const lambda = Math.floor(old.defaultLambda * (largeLambda / (2 * old.defaultLambda)) ** (rng.uniform() ** 2));
    const restarts = { regime: "small" as const, largeCount: old.largeCount, ...counts };
    return { restarts, lambda: Math.max(4, lambda), sigma0: sigma0 * 10 ** (-2 * rng.uniform()) };
  }
  const largeCount = Math.min(LARGE_LIMIT, old.largeCount + 1);
  return { restarts: { regime: "large", largeCount, ...counts }, lambda: old.defaultLambda * 2 ** largeCount, sigma0 };
}

export type StopReason = "loss-range" | "step-size" | "divergence" | "no-effect" | "condition" | "stagnation";

/**
 * Why a run has nothing more to find; null while it goes on.
 *
 * @param basis       Of the evolution's C, maybe some generations old.
 * @param stretch     (d,) A of every coordinate, 1 for continuous ones.
 * @param lossRange   Greatest minus least loss of the last generation; NaN if unknown.
 * Source: N. Hansen (2009), Sec. 2.1.
 */
export function reasonToStop(
  evolution: Evolution,
  basis: Basis,
  { d, lambda, diagonal }: Constants,
  stretch: Float64Array,
  lossRange: number,
): StopReason | null {
  const { gaussian, recentBests, sigma0, bestG, rates } = evolution;
  const { g, sigma, m, pC, C } = gaussian;
  const [best, worst] = [recentBests.reduce((a, b) => Math.min(a, b)), recentBests.reduce((a, b) => Math.max(a, b))];
  const flat = Math.max(1e-12, 1e-11 * Math.abs(best));
  if (g >= recentBests.length && worst - best < flat && !(lossRange >= flat && worst > best)) return "loss-range";
  // Under noise the best loss says little: rates that adapt take that on.
  if (rates === null && g - bestG > 100 + (100 * evolutionSize(evolution) ** 1.5) / lambda) return "stagnation";
  if (d === 0) return null;
  const { D } = basis;
  const deviation = (i: number): number => sigma * stretch[i] * Math.sqrt(C[diagonalAt(i, diagonal)]);
  const axes = Array.from(m.keys());
  const tiny = 1e-12 * sigma0;
  if (axes.every((i) => deviation(i) < tiny && sigma * Math.abs(pC[i]) < tiny)) return "step-size";
  const [shortest, longest] = diagonal ? [Math.min(...D), Math.max(...D)] : [D[0], D[d - 1]];
  if (!Number.isFinite(sigma) || sigma * longest > 1e4 * sigma0) return "divergence";
  if ((longest / shortest) ** 2 > 1e14) return "condition";
  if (axes.some((i) => m[i] === m[i] + 0.2 * deviation(i))) return "no-effect";
  return hasNoEffect(evolution, basis, stretch, g % d) ? "no-effect" : null;
}

function evolutionSize({ gaussian, choices }: Evolution): number {
  return Math.max(1, gaussian.m.length + choices.s.length);
}

/** Whether a tenth of a deviation along one principal axis changes no coordinate of the mean. */
function hasNoEffect({ gaussian: { m, sigma } }: Evolution, { B, D }: Basis, stretch: Float64Array, axis: number): boolean {
  const d = m.length;
  const length = 0.1 * sigma * D[axis];
  if (B === null) return m[axis] === m[axis] + length * stretch[axis];
  return m.every((value, i) => value === value + length * stretch[i] * B[i * d + axis]);
}
