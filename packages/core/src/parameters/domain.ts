import { didYouMean } from "./nearest-name.ts";
import type { FloatParameter, IntParameter, Parameter, ParameterValue } from "./parameter.ts";
import { showList, showValue } from "./show-value.ts";
import { createGrid, gridOf } from "./value-grid.ts";

/** The values a parameter allows. */
export interface Domain {
  allows(value: unknown): boolean;
  /** What is wrong with a value and what is allowed, or null. */
  faultOf(value: unknown): string | null;
  /** The value of a parameter that has no choice: a constant, a range of one value, a single choice. */
  readonly only?: ParameterValue;
  /** The declared default, else the first choice; absent for numeric parameters without a default. */
  readonly default?: ParameterValue;
}

export function domainOf(parameter: Parameter): Domain {
  switch (parameter.type) {
    case "float":
    case "int":
      return numericDomain(parameter);
    case "boolean":
      return { ...choiceDomain([false, true]), default: parameter.default ?? false };
    case "constant":
      return choiceDomain([parameter.value]);
    default:
      return {
        ...choiceDomain(parameter.values),
        default: parameter.default === undefined ? parameter.values[0] : parameter.default,
      };
  }
}

/** The choices of a parameter that has choices, in order. */
export function choicesOf(parameter: Exclude<Parameter, FloatParameter | IntParameter>): readonly ParameterValue[] {
  if (parameter.type === "boolean") return [false, true];
  return parameter.type === "constant" ? [parameter.value] : parameter.values;
}

function choiceDomain(values: readonly ParameterValue[]): Domain {
  const allowed = new Set<unknown>(values);
  return {
    allows: (value) => allowed.has(value),
    faultOf(value) {
      if (allowed.has(value)) return null;
      const texts = values.filter((choice) => typeof choice === "string");
      const hint = typeof value === "string" ? didYouMean(value, texts) : "";
      return `is ${showValue(value)}; allowed: ${showList(values.map(showValue))}${hint}`;
    },
    only: values.length === 1 ? values[0] : undefined,
  };
}

function numericDomain(parameter: FloatParameter | IntParameter): Domain {
  const { min, max } = parameter;
  const fits = parameter.type === "int" ? integerFits(parameter) : floatFits(parameter);
  const kind = parameter.type === "int" ? "a whole number" : "a number";
  return {
    allows: fits,
    faultOf(value) {
      if (fits(value)) return null;
      if (typeof value !== "number" || Number.isNaN(value)) return `is ${showValue(value)}; allowed: ${kind} in [${min}, ${max}]`;
      if (value < min || value > max) return `is ${value}, outside [${min}, ${max}]`;
      return offGridMessage(parameter, value);
    },
    only: min === max ? min : undefined,
    default: parameter.default,
  };
}

function offGridMessage(parameter: FloatParameter | IntParameter, value: number): string {
  const grid = gridOf(parameter);
  if (grid === null) return `is ${value}; allowed: a number in [${parameter.min}, ${parameter.max}]`;
  const nearest = grid.nearest(value);
  const other = Math.min(grid.count - 1, Math.max(0, nearest + (grid.valueAt(nearest) < value ? 1 : -1)));
  const [low, high] = [Math.min(nearest, other), Math.max(nearest, other)].map(grid.valueAt);
  return `is ${value}, off the step ${grid.step}; the nearest are ${low} and ${high}`;
}

function integerFits(parameter: IntParameter): (value: unknown) => boolean {
  const grid = createGrid(parameter.min, parameter.max, parameter.step ?? 1);
  return (value) => Number.isSafeInteger(value) && grid.valueAt(grid.nearest(value as number)) === value;
}

function floatFits(parameter: FloatParameter): (value: unknown) => boolean {
  const { min, max } = parameter;
  const grid = gridOf(parameter);
  if (grid === null) return (value) => typeof value === "number" && value >= min && value <= max;
  // 0.1 + 0.2 is on the grid of 0.1: sums of decimals may be some last places off.
  return (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return false;
    const distance = Math.abs(value - grid.valueAt(grid.nearest(value)));
    return distance <= 1e-9 * grid.step + Number.EPSILON * Math.abs(value);
  };
}
