import { cellCentre, cellIndex } from "./cell-index.ts";
import { choicesOf } from "./domain.ts";
import type { BooleanParameter, CategoricalParameter, OrdinalParameter } from "./parameter.ts";
import type { Dimension } from "./space.ts";

/** The coordinate of a categorical, ordinal or boolean with at least two choices: choice k of K lies at (k + 0.5) / K. */
export function choiceDimension(name: string, parameter: CategoricalParameter | OrdinalParameter | BooleanParameter): Dimension {
  const choices = choicesOf(parameter);
  const count = choices.length;
  const centres = new Map(choices.map((choice, k) => [choice, cellCentre(k, count)]));
  const weights = unequalWeights(parameter);
  return Object.freeze({
    name,
    parameter,
    kind: parameter.type === "ordinal" ? ("numeric" as const) : ("categorical" as const),
    cellCount: count,
    encode: (value) => centres.get(value) ?? Number.NaN,
    decode: (u) => choices[cellIndex(u, count)],
    fromPrior: weights ? weightedChoice(weights) : (u: number) => u,
    hasPrior: weights !== undefined,
  } satisfies Dimension);
}

/** The weights of the choices, `undefined` where they are all equal. */
function unequalWeights(parameter: CategoricalParameter | OrdinalParameter | BooleanParameter): readonly number[] | undefined {
  const weights = parameter.type === "boolean" ? undefined : parameter.weights;
  return weights?.some((weight) => weight !== weights[0]) ? weights : undefined;
}

// A coordinate keeps this share of a cell's width away from its borders, where rounding could carry it over.
const margin = 1e-9;

/** Uniform u → coordinate: each choice's cell receives its weight's share of u, spread evenly. */
function weightedChoice(weights: readonly number[]): (u: number) => number {
  const count = weights.length;
  const largest = Math.max(...weights);
  const total = weights.reduce((sum, weight) => sum + weight / largest, 0);
  const cells = weights.map((weight, k) => ({ k, share: weight / largest / total })).filter(({ share }) => share > 0);
  const starts = new Float64Array(cells.length);
  for (let i = 1; i < cells.length; i++) starts[i] = starts[i - 1] + cells[i - 1].share;
  return (u) => {
    const i = lastAtMost(starts, u);
    const within = (u - starts[i]) / cells[i].share;
    return (cells[i].k + Math.min(1 - margin, Math.max(margin, within))) / count;
  };
}

/** Index of the last element that is at most `value`, 0 if none is; `ascending` starts with 0. */
function lastAtMost(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ascending[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
