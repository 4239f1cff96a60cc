import { addFault, type Declaration, member } from "./declaration.ts";
import { domainOf } from "./domain.ts";
import type { CategoricalParameter, OrdinalParameter, ParameterValue } from "./parameter.ts";
import { showValue } from "./show-value.ts";

const mostChoices = 10_000;
const longestText = 10_000;
// NUL and lone surrogates survive neither command lines nor databases.
const unstorable = /[\0\p{Cs}]/u;

/** A JSON scalar that every storage and command line can carry. */
export function isParameterValue(value: unknown): value is ParameterValue {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.length <= longestText && !unstorable.test(value);
  return typeof value === "boolean" || value === null;
}

export function readChoiceParameter(
  declaration: Declaration,
  type: "categorical" | "ordinal",
): CategoricalParameter | OrdinalParameter | null {
  const values = readValues(declaration);
  if (values === null) return null;
  const weights = readWeights(declaration, values.length);
  if (weights === null) return null;
  const parameter = { type, values, ...(weights && { weights }) };
  const declared = member(declaration, "default");
  if (declared === undefined) return parameter;
  const message = domainOf(parameter).faultOf(declared);
  if (message !== null) return addFault(declaration, "default", message);
  return { ...parameter, default: values.find((value) => value === declared) };
}

function readValues(declaration: Declaration): readonly ParameterValue[] | null {
  const values = member(declaration, "values");
  if (!Array.isArray(values)) return addFault(declaration, "values", `is ${showValue(values)}; allowed: a list of choices`);
  if (values.length === 0) return addFault(declaration, "values", "is empty; allowed: at least one choice");
  if (values.length > mostChoices)
    return addFault(declaration, "values", `holds ${values.length} choices; allowed: at most ${mostChoices}`);
  const before = declaration.faults.length;
  const seen = new Set<unknown>();
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (!isParameterValue(value))
      addFault(declaration, `values.${i}`, `is ${showValue(value)}; allowed: text, a finite number, true, false, null`);
    else if (seen.has(value)) addFault(declaration, `values.${i}`, `${showValue(value)} stands twice`);
    seen.add(value);
  }
  if (declaration.faults.length > before) return null;
  return Object.freeze((values as ParameterValue[]).map((value) => (typeof value === "number" ? value + 0 : value)));
}

/** The weights, `undefined` when none are declared, null after adding a fault. */
function readWeights(declaration: Declaration, count: number): readonly number[] | null | undefined {
  const weights = member(declaration, "weights");
  if (weights === undefined) return undefined;
  if (!Array.isArray(weights) || weights.length !== count)
    return addFault(declaration, "weights", `is ${showValue(weights)}; allowed: a list of ${count}, one for each choice`);
  const before = declaration.faults.length;
  weights.forEach((weight: unknown, i) => {
    if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return;
    addFault(declaration, `weights.${i}`, `is ${showValue(weight)}; allowed: a finite number, at least 0`);
  });
  if (declaration.faults.length > before) return null;
  if (weights.every((weight) => weight === 0))
    return addFault(declaration, "weights", "are all 0; allowed: at least one above 0");
  return Object.freeze(weights.map((weight: number) => weight + 0));
}
