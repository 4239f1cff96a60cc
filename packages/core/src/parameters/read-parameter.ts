import type { Fault } from "../tunesmith-error.ts";
import { addFault, type Declaration, isRecord, member, refuseUnknownKeys } from "./declaration.ts";
import { didYouMean } from "./nearest-name.ts";
import type { BooleanParameter, ConstantParameter, Parameter } from "./parameter.ts";
import { isParameterValue, readChoiceParameter } from "./read-choice-parameter.ts";
import { readNumericParameter } from "./read-numeric-parameter.ts";
import { showList, showValue } from "./show-value.ts";

const numericKeys = ["type", "min", "max", "log", "step", "default", "prior", "when"] as const;
const choiceKeys = ["type", "values", "weights", "default", "when"] as const;

const keysOfType: Readonly<Record<Parameter["type"], readonly string[]>> = {
  float: numericKeys,
  int: numericKeys,
  categorical: choiceKeys,
  ordinal: choiceKeys,
  boolean: ["type", "default", "when"],
  constant: ["type", "value", "when"],
};

/** One declared parameter in canonical form, its condition left out; null after adding its faults. */
export function readParameter(path: string, declared: unknown, faults: Fault[]): Parameter | null {
  if (!isRecord(declared)) {
    faults.push({ path, message: `is ${showValue(declared)}; allowed: a parameter such as { type: "float", min: 0, max: 1 }` });
    return null;
  }
  const before = faults.length;
  const declaration = { path, record: declared, faults };
  const type = readType(declaration);
  if (type === null) return null;
  refuseUnknownKeys(declaration, keysOfType[type]);
  const parameter = readByType(declaration, type);
  return faults.length > before ? null : parameter;
}

function readByType(declaration: Declaration, type: Parameter["type"]): Parameter | null {
  switch (type) {
    case "float":
    case "int":
      return readNumericParameter(declaration, type);
    case "boolean":
      return readBoolean(declaration);
    case "constant":
      return readConstant(declaration);
    default:
      return readChoiceParameter(declaration, type);
  }
}

/** The declared type, or the only one that the other members leave open. */
function readType(declaration: Declaration): Parameter["type"] | null {
  const type = member(declaration, "type") ?? impliedType(declaration);
  if (typeof type === "string" && Object.hasOwn(keysOfType, type)) return type as Parameter["type"];
  const allowed = Object.keys(keysOfType);
  const found = type === undefined ? "is missing" : `is ${showValue(type)}`;
  const hint = typeof type === "string" ? didYouMean(type, allowed) : "";
  return addFault(declaration, "type", `${found}; allowed: ${showList(allowed)}${hint}`);
}

function impliedType(declaration: Declaration): Parameter["type"] | undefined {
  if (member(declaration, "values") !== undefined) return "categorical";
  if (member(declaration, "value") !== undefined) return "constant";
  const ends = [member(declaration, "min"), member(declaration, "max")];
  // A parsed number cannot tell 1 from 1.0: only a fraction proves a float.
  return ends.some((end) => typeof end === "number" && !Number.isInteger(end)) ? "float" : undefined;
}

function readBoolean(declaration: Declaration): BooleanParameter | null {
  const declared = member(declaration, "default");
  if (declared === undefined) return { type: "boolean" };
  if (typeof declared === "boolean") return { type: "boolean", default: declared };
  return addFault(declaration, "default", `is ${showValue(declared)}; allowed: true, false`);
}

function readConstant(declaration: Declaration): ConstantParameter | null {
  const value = member(declaration, "value");
  if (isParameterValue(value)) return { type: "constant", value: typeof value === "number" ? value + 0 : value };
  const found = value === undefined ? "is missing" : `is ${showValue(value)}`;
  return addFault(declaration, "value", `${found}; allowed: text, a finite number, true, false, null`);
}
