import { type Fault, TunesmithError } from "../tunesmith-error.ts";
import { type CompiledCondition, expressionCondition, valuesCondition } from "./compiled-condition.ts";
import type { Condition } from "./condition.ts";
import { isRecord } from "./declaration.ts";
import type { Domain } from "./domain.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { checkExpression } from "./expression-check.ts";
import { didYouMean } from "./nearest-name.ts";
import type { ParameterValue } from "./parameter.ts";
import { showValue } from "./show-value.ts";

/** The parameters a condition may speak about. */
export interface DeclaredNames {
  readonly indexOf: ReadonlyMap<string, number>;
  /** By index; null for a parameter that is itself at fault. */
  readonly domains: readonly (Domain | null)[];
}

export interface ReadCondition {
  readonly when: Condition;
  readonly compiled: CompiledCondition;
}

// With thousands of unknown names the suggestions would take longer than everything else.
const mostSuggestions = 20;

/** A declared condition checked and compiled, or null after adding its faults under `path`. */
export function readCondition(path: string, when: unknown, names: DeclaredNames, faults: Fault[]): ReadCondition | null {
  if (typeof when === "string") return readExpressionCondition(path, when, names, faults);
  if (isRecord(when)) return readValuesCondition(path, when, names, faults);
  const example = 'values of other parameters such as { optimizer: "sgd" }, or an expression such as "layers >= 2"';
  faults.push({ path, message: `is ${showValue(when)}; allowed: ${example}` });
  return null;
}

/** A condition or constraint parsed, its names and literals checked against the parameters; null after adding faults. */
export function readExpression(path: string, text: string, names: DeclaredNames, faults: Fault[]): Expression | null {
  const before = faults.length;
  let expression: Expression;
  try {
    expression = parseExpression(text);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    faults.push({ path, message: error.message });
    return null;
  }
  if (expression.type !== "condition" && expression.type !== "any")
    faults.push({ path, message: `yields a ${expression.type}; allowed: a condition such as layers <= 4` });
  if (expression.names.length === 0) faults.push({ path, message: "names no parameter" });
  for (const name of expression.names) {
    if (!names.indexOf.has(name)) faults.push({ path, message: unknownParameter(name, names, faults.length) });
  }
  if (faults.length > before) return null;
  for (const message of checkExpression(expression, names)) faults.push({ path, message });
  return faults.length > before ? null : expression;
}

function readExpressionCondition(path: string, text: string, names: DeclaredNames, faults: Fault[]): ReadCondition | null {
  const expression = readExpression(path, text, names, faults);
  if (expression === null) return null;
  const parents = expression.names.map((name) => names.indexOf.get(name) as number);
  return { when: text, compiled: expressionCondition(expression, parents) };
}

function readValuesCondition(
  path: string,
  when: Readonly<Record<string, unknown>>,
  names: DeclaredNames,
  faults: Fault[],
): ReadCondition | null {
  const before = faults.length;
  const parents = Object.keys(when).filter((name) => when[name] !== undefined);
  if (parents.length === 0) faults.push({ path, message: "names no parameter" });
  const canonical: Record<string, ParameterValue | readonly ParameterValue[]> = {};
  const allowed = new Map<number, Set<unknown>>();
  for (const parent of parents) {
    const index = names.indexOf.get(parent);
    if (index === undefined) {
      faults.push({ path, message: unknownParameter(parent, names, faults.length) });
      continue;
    }
    const values = readValues(`${path}.${parent}`, when[parent], names.domains[index], faults);
    canonical[parent] = values.length === 1 ? values[0] : Object.freeze(values);
    allowed.set(index, new Set(values));
  }
  if (faults.length > before) return null;
  return { when: Object.freeze(canonical), compiled: valuesCondition(allowed) };
}

function readValues(path: string, declared: unknown, domain: Domain | null, faults: Fault[]): ParameterValue[] {
  const values: readonly unknown[] = Array.isArray(declared) ? declared : [declared];
  if (values.length === 0) faults.push({ path, message: "is an empty list; allowed: at least one value" });
  if (values.length > 10_000) {
    faults.push({ path, message: `lists ${values.length} values; allowed: at most 10000` });
    return [];
  }
  const different = [...new Set(values)].map((value) => (typeof value === "number" ? value + 0 : value));
  for (const value of different) {
    const message = domain?.faultOf(value) ?? null;
    if (message !== null) faults.push({ path, message });
  }
  return different as ParameterValue[];
}

function unknownParameter(name: string, names: DeclaredNames, faultCount: number): string {
  const hint = faultCount < mostSuggestions ? didYouMean(name, names.indexOf.keys()) : "";
  return `names ${showValue(name)}, which is no parameter${hint}`;
}
