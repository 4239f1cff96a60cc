import { numericScale } from "../../parameters/numeric-scale.ts";
import type { Dimension, Space } from "../../parameters/space.ts";
import { gridOf } from "../../parameters/value-grid.ts";
import type { Cells } from "./margin.ts";

/** A coordinate of the normal distribution. Its gene is any real number; the unit interval holds the parameter's range. */
export interface NumericGene {
  /** In `space.dimensions`. */
  readonly column: number;
  /** Null: continuous. */
  readonly cells: Cells | null;
}

/** A coordinate with probabilities. Its gene is the number of a choice. */
export interface ChoiceGene {
  readonly column: number;
  /** (K,) Coordinate of each choice that its prior does not exclude. */
  readonly coordinates: Float64Array;
  /** (K,) Probabilities by prior. */
  readonly prior: Float64Array;
}

/** How the points of a space are genotypes: numeric genes first, then choices. What has two values only is a choice. */
export interface Genes {
  readonly numeric: readonly NumericGene[];
  readonly choices: readonly ChoiceGene[];
  /** K of each choice gene. */
  readonly counts: readonly number[];
  /** Positions in `numeric` of the stepped ones. */
  readonly stepped: readonly number[];
  /** Number of all genes. */
  readonly count: number;
}

export function createGenes(space: Space): Genes {
  const numeric: NumericGene[] = [];
  const choices: ChoiceGene[] = [];
  space.dimensions.forEach((dimension, column) => {
    if (dimension.kind === "categorical" || dimension.cellCount === 2) choices.push(choiceGene(dimension, column));
    else numeric.push({ column, cells: dimension.cellCount === Infinity ? null : cellsOf(dimension) });
  });
  return {
    numeric,
    choices,
    counts: choices.map(({ coordinates }) => coordinates.length),
    stepped: [...numeric.keys()].filter((i) => numeric[i].cells !== null),
    count: numeric.length + choices.length,
  };
}

function choiceGene({ parameter, cellCount, encode }: Dimension, column: number): ChoiceGene {
  const weights = "weights" in parameter ? parameter.weights : undefined;
  const allowed = Array.from({ length: cellCount }, (_, k) => k).filter((k) => weights === undefined || weights[k] > 0);
  const total = allowed.reduce((sum, k) => sum + (weights?.[k] ?? 1), 0);
  const isNumber = parameter.type === "int" || parameter.type === "float";
  const grid = isNumber ? gridOf(parameter) : null;
  return {
    column,
    coordinates: Float64Array.from(allowed, (k) => (grid === null ? (k + 0.5) / cellCount : encode(grid.valueAt(k)))),
    prior: Float64Array.from(allowed, (k) => (weights?.[k] ?? 1) / total),
  };
}

function cellsOf({ parameter, cellCount: count }: Dimension): Cells {
  const isNumber = parameter.type === "int" || parameter.type === "float";
  const grid = isNumber && parameter.log ? gridOf(parameter) : null;
  if (grid === null || !isNumber) {
    return {
      count,
      cellOf: (x) => Math.min(count - 1, Math.max(0, Math.floor(x * count))),
      centre: (k) => (k + 0.5) / count,
      edge: (k) => k / count,
    };
  }
  const scale = numericScale(parameter);
  return {
    count,
    cellOf: (x) => grid.nearest(scale.fromUnit(x)),
    centre: (k) => scale.toUnit(grid.valueAt(k)),
    edge: (k) => scale.toUnit(grid.valueAt(k) - grid.step / 2),
  };
}

/** The point that a genotype stands for, all coordinates active. */
export function express({ numeric, choices }: Genes, genotype: Float64Array, point: Float64Array): void {
  for (let i = 0; i < numeric.length; i++) {
    const { column, cells } = numeric[i];
    point[column] = cells === null ? reflect(genotype[i]) : cells.centre(cells.cellOf(genotype[i]));
  }
  for (let c = 0; c < choices.length; c++) point[choices[c].column] = choices[c].coordinates[genotype[numeric.length + c]];
}

/** A genotype of a point; NaN for inactive coordinates and choices that the prior excludes. */
export function genotypeOf({ numeric, choices, count }: Genes, point: Float64Array): Float64Array {
  const genotype = new Float64Array(count);
  numeric.forEach(({ column, cells }, i) => {
    genotype[i] = cells === null ? unreflect(point[column]) : point[column];
  });
  choices.forEach(({ column, coordinates }, c) => {
    genotype[numeric.length + c] = nearest(coordinates, point[column]);
  });
  return genotype;
}

function nearest(coordinates: Float64Array, u: number): number {
  const k = coordinates.findIndex((coordinate) => Math.abs(coordinate - u) < 1e-9);
  return k < 0 ? Number.NaN : k;
}

// Half the width of the stretch at either bound where the map bends.
const BEND = 0.05;
const PERIOD = 2 + 4 * BEND;

/**
 * The whole line onto [0, 1]: the identity inside, bending quadratically to a stop at each bound, mirrored beyond. Smooth, so that an
 * optimum at a bound is a smooth optimum.
 *
 * Source: N. Hansen's boundary transformation, as in his pycma library.
 */
export function reflect(x: number): number {
  if (x >= BEND && x <= 1 - BEND) return x;
  // Fold into [−BEND, 1 + BEND].
  let t = (x + BEND) % PERIOD;
  if (t < 0) t += PERIOD;
  if (t > PERIOD / 2) t = PERIOD - t;
  const folded = t - BEND;
  if (folded < BEND) return (t * t) / (4 * BEND);
  const rest = 1 + BEND - folded;
  return folded > 1 - BEND ? 1 - (rest * rest) / (4 * BEND) : folded;
}

/** The x in [−BEND, 1 + BEND] with reflect(x) = u. */
export function unreflect(u: number): number {
  if (u < BEND) return 2 * Math.sqrt(BEND * Math.max(0, u)) - BEND;
  if (u > 1 - BEND) return 1 + BEND - 2 * Math.sqrt(BEND * Math.max(0, 1 - u));
  return u;
}
