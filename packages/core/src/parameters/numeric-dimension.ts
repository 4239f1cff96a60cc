import { cellCentre, cellIndex } from "./cell-index.ts";
import { numericPriorQuantile } from "./numeric-prior.ts";
import { type NumericScale, numericScale } from "./numeric-scale.ts";
import type { FloatParameter, IntParameter, ParameterValue } from "./parameter.ts";
import type { Dimension } from "./space.ts";
import { gridOf, type ValueGrid } from "./value-grid.ts";

type Encoding = Pick<Dimension, "cellCount" | "encode" | "decode">;

/** The coordinate of a float or int with at least two values. */
export function numericDimension(name: string, parameter: FloatParameter | IntParameter): Dimension {
  const scale = numericScale(parameter);
  const grid = gridOf(parameter);
  return Object.freeze({
    name,
    parameter,
    kind: "numeric" as const,
    ...encodingOf(parameter, scale, grid),
    fromPrior: parameter.prior ? numericPriorQuantile(parameter.prior, scale) : (u: number) => u,
    hasPrior: parameter.prior !== undefined,
  });
}

function encodingOf(parameter: FloatParameter | IntParameter, scale: NumericScale, grid: ValueGrid | null): Encoding {
  if (grid === null) return continuous(scale);
  return parameter.log ? logarithmicSteps(scale, grid) : linearSteps(grid);
}

function continuous(scale: NumericScale): Encoding {
  return { cellCount: Infinity, encode: (value) => scale.toUnit(asNumber(value)), decode: (u) => scale.fromUnit(u) };
}

/** All cells equally wide: the cell is found by multiplication, which no rounding at its borders can move. */
function linearSteps(grid: ValueGrid): Encoding {
  const { count } = grid;
  return {
    cellCount: count,
    encode: (value) => cellCentre(grid.nearest(asNumber(value)), count),
    decode: (u) => grid.valueAt(cellIndex(u, count)),
  };
}

function logarithmicSteps(scale: NumericScale, grid: ValueGrid): Encoding {
  return {
    cellCount: grid.count,
    encode: (value) => scale.toUnit(grid.valueAt(grid.nearest(asNumber(value)))),
    decode: (u) => grid.valueAt(grid.nearest(scale.fromUnit(u))),
  };
}

function asNumber(value: ParameterValue): number {
  return typeof value === "number" ? value : Number.NaN;
}
