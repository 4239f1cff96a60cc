import { type BenchmarkProblem, boxParameters, boxPoint, type ProblemObjective } from "./benchmark-problem.ts";

const objectives: readonly ProblemObjective[] = Object.freeze([
  Object.freeze({ name: "f1", goal: "minimize" }),
  Object.freeze({ name: "f2", goal: "minimize" }),
]);

interface FrontProblem {
  readonly name: string;
  readonly d: number;
  readonly values: (x: Float64Array) => readonly [number, number];
  /** From (1.1, 1.1). */
  readonly hypervolume: number;
}

function overUnitBox({ name, d, values, hypervolume }: FrontProblem): BenchmarkProblem {
  if (!Number.isInteger(d) || d < 2) throw new RangeError(`d is ${d}, must be a whole number of at least 2`);
  return Object.freeze({
    name: `${name}-d${d}`,
    parameters: boxParameters(d, 0, 1),
    objectives,
    optimum: null,
    front: { referencePoint: [1.1, 1.1], hypervolume },
    noiseless: null,
    evaluate(config) {
      const [f1, f2] = values(boxPoint(config, d));
      return { f1, f2 };
    },
  } satisfies BenchmarkProblem);
}

/** g of the ZDT problems: 1 on the Pareto front, where all but the first coordinate are 0. */
function distanceFromFront(x: Float64Array): number {
  return 1 + (9 * x.subarray(1).reduce((sum, v) => sum + v, 0)) / (x.length - 1);
}

/**
 * A convex front f2 = 1 − √f1 over [0, 1]^d.
 * Source: E. Zitzler, K. Deb, L. Thiele (2000), https://doi.org/10.1162/106365600568202
 */
export function zdt1(d = 30): BenchmarkProblem {
  const values = (x: Float64Array): [number, number] => {
    const g = distanceFromFront(x);
    return [x[0], g * (1 - Math.sqrt(x[0] / g))];
  };
  // Below the front lie ∫(1 − √f) = 1/3 of the unit square; 1.1² − 1/3.
  return overUnitBox({ name: "zdt1", d, values, hypervolume: 1.21 - 1 / 3 });
}

/** A concave front f2 = 1 − f1² over [0, 1]^d. Source: as {@link zdt1}. */
export function zdt2(d = 30): BenchmarkProblem {
  const values = (x: Float64Array): [number, number] => {
    const g = distanceFromFront(x);
    return [x[0], g * (1 - (x[0] / g) ** 2)];
  };
  return overUnitBox({ name: "zdt2", d, values, hypervolume: 1.21 - 2 / 3 });
}

// Area between (1.1, 1.1) and the lower envelope of 1 − √f − f sin(10πf); integrated by the recipe in the test.
const zdt3Hypervolume = 1.33176290865;

/** A front of five separate pieces over [0, 1]^d. Source: as {@link zdt1}. */
export function zdt3(d = 30): BenchmarkProblem {
  const values = (x: Float64Array): [number, number] => {
    const g = distanceFromFront(x);
    return [x[0], g * (1 - Math.sqrt(x[0] / g) - (x[0] / g) * Math.sin(10 * Math.PI * x[0]))];
  };
  return overUnitBox({ name: "zdt3", d, values, hypervolume: zdt3Hypervolume });
}

/**
 * A quarter circle as the front, over [0, 1]^d.
 * Source: K. Deb, L. Thiele, M. Laumanns, E. Zitzler (2002), DTLZ2 with two objectives, https://doi.org/10.1109/CEC.2002.1007032
 */
export function dtlz2(d = 11): BenchmarkProblem {
  const values = (x: Float64Array): [number, number] => {
    const radius = 1 + x.subarray(1).reduce((sum, v) => sum + (v - 0.5) ** 2, 0);
    const angle = (x[0] * Math.PI) / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  };
  return overUnitBox({ name: "dtlz2", d, values, hypervolume: 1.21 - Math.PI / 4 });
}
