import { float } from "../parameters/build-parameter.ts";
import type { Parameters } from "../parameters/parameter.ts";
import { type BenchmarkProblem, boxConfig, boxParameters, boxPoint, singleObjective } from "./benchmark-problem.ts";

interface ClassicFunction {
  readonly name: string;
  readonly parameters: Parameters;
  /** One of its global minima. */
  readonly minimum: ArrayLike<number>;
  readonly optimum: number;
  readonly value: (x: Float64Array) => number;
}

function classic({ name, parameters, minimum, optimum, value }: ClassicFunction): BenchmarkProblem {
  const d = minimum.length;
  return Object.freeze({
    name,
    parameters,
    objectives: singleObjective,
    optimum: { value: optimum, config: boxConfig(minimum) },
    front: null,
    noiseless: null,
    evaluate: (config) => ({ value: value(boxPoint(config, d)) }),
  } satisfies BenchmarkProblem);
}

function requireDimension(d: number, least: number): void {
  if (!Number.isInteger(d) || d < least) throw new RangeError(`d is ${d}, must be a whole number of at least ${least}`);
}

/** Three equal minima. Source: F. H. Branin (1972), https://doi.org/10.1147/rd.165.0504; domain of L. C. W. Dixon, G. P. Szegő (1978). */
export function branin(): BenchmarkProblem {
  return classic({
    name: "branin",
    parameters: { x1: float(-5, 10), x2: float(0, 15) },
    minimum: [Math.PI, 2.275],
    optimum: 5 / (4 * Math.PI),
    value: ([x, y]) => {
      const valley = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
      return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    },
  });
}

// Rows are the four peaks, columns the six coordinates.
const hartmannScales = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannCentres = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const hartmannHeights = [1, 1.2, 3, 3.2];

/** Six coordinates in [0, 1]. Source: J. K. Hartman (1973), constants as in L. C. W. Dixon, G. P. Szegő (1978), "Towards global optimisation 2". */
export function hartmann6(): BenchmarkProblem {
  return classic({
    name: "hartmann6",
    parameters: boxParameters(6, 0, 1),
    minimum: [0.20168951, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730053],
    optimum: -3.322368011415,
    value: (x) =>
      -hartmannHeights.reduce((total, height, k) => {
        const distance = x.reduce((sum, v, j) => sum + hartmannScales[k][j] * (v - hartmannCentres[k][j]) ** 2, 0);
        return total + height * Math.exp(-distance);
      }, 0),
  });
}

/** A curved valley over [−5, 10]^d. Source: H. H. Rosenbrock (1960), https://doi.org/10.1093/comjnl/3.3.175 */
export function rosenbrock(d: number): BenchmarkProblem {
  requireDimension(d, 2);
  return classic({
    name: `rosenbrock-d${d}`,
    parameters: boxParameters(d, -5, 10),
    minimum: new Float64Array(d).fill(1),
    optimum: 0,
    value: (x) => x.subarray(0, -1).reduce((sum, v, i) => sum + 100 * (x[i + 1] - v * v) ** 2 + (v - 1) ** 2, 0),
  });
}

/** Nearly flat far away, many local minima; over [−10, 20]^d, so that the optimum is not in the middle. Source: D. H. Ackley (1987), "A connectionist machine for genetic hillclimbing". */
export function ackley(d: number): BenchmarkProblem {
  requireDimension(d, 1);
  return classic({
    name: `ackley-d${d}`,
    parameters: boxParameters(d, -10, 20),
    minimum: new Float64Array(d),
    optimum: 0,
    value: (x) => {
      const squares = x.reduce((sum, v) => sum + v * v, 0) / d;
      const waves = x.reduce((sum, v) => sum + Math.cos(2 * Math.PI * v), 0) / d;
      return -20 * Math.exp(-0.2 * Math.sqrt(squares)) - Math.exp(waves) + 20 + Math.E;
    },
  });
}

/** Waves on slopes over [−10, 10]^d. Source: A. V. Levy, A. Montalvo (1985), https://doi.org/10.1137/0906002 */
export function levy(d: number): BenchmarkProblem {
  requireDimension(d, 1);
  return classic({
    name: `levy-d${d}`,
    parameters: boxParameters(d, -10, 10),
    minimum: new Float64Array(d).fill(1),
    optimum: 0,
    value: (x) => {
      const w = x.map((v) => 1 + (v - 1) / 4);
      const middle = w.subarray(0, -1).reduce((sum, v) => sum + (v - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * v + 1) ** 2), 0);
      const last = (w[d - 1] - 1) ** 2 * (1 + Math.sin(2 * Math.PI * w[d - 1]) ** 2);
      return Math.sin(Math.PI * w[0]) ** 2 + middle + last;
    },
  });
}

/** 2^d basins, one of them deepest; over [−5, 5]^d. Source: M. A. Styblinski, T.-S. Tang (1990), https://doi.org/10.1016/0893-6080(90)90029-K */
export function styblinskiTang(d: number): BenchmarkProblem {
  requireDimension(d, 1);
  return classic({
    name: `styblinski-tang-d${d}`,
    parameters: boxParameters(d, -5, 5),
    minimum: new Float64Array(d).fill(-2.903534027771178),
    optimum: -39.16616570377142 * d,
    value: (x) => x.reduce((sum, v) => sum + v ** 4 - 16 * v * v + 5 * v, 0) / 2,
  });
}

/** A grid of local minima over [−4, 6]^d, so that the optimum is not in the middle. Source: L. A. Rastrigin (1974), "Systems of extremal control". */
export function rastrigin(d: number): BenchmarkProblem {
  requireDimension(d, 1);
  return classic({
    name: `rastrigin-d${d}`,
    parameters: boxParameters(d, -4, 6),
    minimum: new Float64Array(d),
    optimum: 0,
    value: (x) => x.reduce((sum, v) => sum + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0),
  });
}
