import { addFault, type Declaration, member, readFlag, readInteger, readNumber } from "./declaration.ts";
import { domainOf } from "./domain.ts";
import type { FloatParameter, IntParameter } from "./parameter.ts";
import { readPrior } from "./read-prior.ts";
import { createGrid } from "./value-grid.ts";

const mostValues = 2 ** 53;
// Rounding of the logarithm and back stays far below half a step up to here.
const longestLogRange = 2 ** 40;
// Neighbours this far apart, relative to their size, are different doubles with room for half steps.
const finestStep = 2 ** -50;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly log: boolean;
  /** 0 for a continuous range. */
  readonly step: number;
}

export function readNumericParameter(declaration: Declaration, type: "float" | "int"): FloatParameter | IntParameter | null {
  const range = readRange(declaration, type);
  if (range === null || !checkRange(declaration, range) || !checkSteps(declaration, range)) return null;
  const { min, log, step } = range;
  const grid = step === 0 ? null : createGrid(min, range.max, step);
  // The last value as computed, which may differ from the declared end by a last place.
  const max = grid === null ? range.max : grid.valueAt(grid.count - 1);
  const stepMember = step === 0 || (type === "int" && step === 1) ? undefined : { step };
  const parameter = { type, min, max, log, ...stepMember };
  const start = readDefault(declaration, parameter);
  const prior = member(declaration, "prior") === undefined ? undefined : readPrior(declaration, parameter);
  if (start === null || prior === null) return null;
  return { ...parameter, ...(start !== undefined && { default: start }), ...(prior && { prior }) };
}

function readRange(declaration: Declaration, type: "float" | "int"): Range | null {
  const read = type === "int" ? readInteger : readNumber;
  const min = read(declaration, "min", member(declaration, "min"));
  const max = read(declaration, "max", member(declaration, "max"));
  const log = readFlag(declaration, "log");
  const declaredStep = member(declaration, "step");
  const step = declaredStep === undefined ? (type === "int" ? 1 : 0) : read(declaration, "step", declaredStep);
  if (step !== null && declaredStep !== undefined && step <= 0)
    return addFault(declaration, "step", `is ${step}; allowed: above 0`);
  return min === null || max === null || log === null || step === null ? null : { min, max, log, step };
}

function checkRange(declaration: Declaration, { min, max, log, step }: Range): boolean {
  const before = declaration.faults.length;
  if (min > max) addFault(declaration, "min", `is ${min}, above max ${max}`);
  else if (!Number.isFinite(max + step - (min - step)))
    addFault(declaration, "max", `is ${max}: the range from ${min} is too wide`);
  else if (log && min <= 0) addFault(declaration, "min", `is ${min} with log: the range must lie above 0`);
  else if (log && min - step / 2 <= 0)
    addFault(declaration, "min", `is ${min} with log and step ${step}: it must lie above half a step, ${step / 2}`);
  else if (log && min < max && Math.log(min) === Math.log(max))
    addFault(declaration, "max", `is ${max}, too near to min ${min} for log`);
  return declaration.faults.length === before;
}

function checkSteps(declaration: Declaration, { min, max, log, step }: Range): boolean {
  if (step === 0 || min === max) return true;
  const before = declaration.faults.length;
  const steps = (max - min) / step;
  if (!areIntegers(min, max, step) && step < finestStep * Math.max(Math.abs(min), Math.abs(max)))
    addFault(declaration, "step", `is ${step}, too small to tell values near ${max} apart`);
  else if (Math.round(steps) >= mostValues)
    addFault(declaration, "step", `is ${step}: more than 2^53 values from ${min} to ${max}`);
  else if (log && max / step > longestLogRange)
    addFault(declaration, "step", `is ${step}: with log at most 2^40 steps lie between 0 and max ${max}`);
  else if (!endsOnGrid(min, max, step)) {
    const { count, valueAt } = createGrid(min, min + Math.ceil(steps) * step, step);
    const nearest = `the nearest are ${valueAt(count - 2)} and ${valueAt(count - 1)}`;
    addFault(declaration, "max", `is ${max}, off the step ${step} from ${min}; ${nearest}`);
  }
  return declaration.faults.length === before;
}

function endsOnGrid(min: number, max: number, step: number): boolean {
  if (areIntegers(min, max, step)) return ((max % step) - (min % step)) % step === 0;
  const steps = (max - min) / step;
  return Math.abs(steps - Math.round(steps)) <= 1e-9 + steps * Number.EPSILON;
}

function areIntegers(...values: readonly number[]): boolean {
  return values.every(Number.isSafeInteger);
}

/** The default, `undefined` when none is declared, null after adding a fault. */
function readDefault(declaration: Declaration, parameter: FloatParameter | IntParameter): number | null | undefined {
  const value = member(declaration, "default");
  if (value === undefined) return undefined;
  const message = domainOf(parameter).faultOf(value);
  return message === null ? (value as number) + 0 : addFault(declaration, "default", message);
}
