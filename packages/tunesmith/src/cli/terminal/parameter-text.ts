import type { Condition, Config, Parameter, ParameterValue, Space } from "@tunesmith/core";
import { formatNumber } from "@tunesmith/protocol";
import { shownText } from "./shown-text.ts";

/** A parameter's value for people: 3 significant digits. */
export function valueText(value: ParameterValue): string {
  return typeof value === "number" ? formatNumber(value, 3) : shownText(String(value), 40);
}

/** A config as pieces `lr 0.00412`, in the order the parameters were declared; names that are not declared (any more) at the end. */
export function configPieces(config: Config, { parameters }: Pick<Space, "parameters">): string[] {
  const declared = Object.keys(parameters).filter((name) => Object.hasOwn(config, name));
  const others = Object.keys(config).filter((name) => !Object.hasOwn(parameters, name));
  return [...declared, ...others].map((name) => `${shownText(name, 40)} ${valueText(config[name])}`);
}

/** A parameter's type and what it may be: `float 1e-5 … 0.1 log`, `adam | sgd`. */
export function domainText(parameter: Parameter): string {
  switch (parameter.type) {
    case "float":
    case "int": {
      const step = parameter.step === undefined ? "" : ` step ${formatNumber(parameter.step)}`;
      return `${parameter.type} ${formatNumber(parameter.min)} … ${formatNumber(parameter.max)}${parameter.log ? " log" : ""}${step}`;
    }
    case "categorical":
      return choicesText(parameter.values, " | ");
    case "ordinal":
      return choicesText(parameter.values, " < ");
    case "boolean":
      return "false | true";
    case "constant":
      return `= ${valueText(parameter.value)}`;
  }
}

const mostChoices = 8;

function choicesText(values: readonly ParameterValue[], separator: string): string {
  const shown = values.slice(0, mostChoices).map(valueText).join(separator);
  return values.length > mostChoices ? `${shown}${separator}… (${values.length})` : shown;
}

/** When a parameter takes part: `optimizer sgd`, or the expression as written. */
export function conditionText(when: Condition): string {
  if (typeof when === "string") return shownText(when);
  const parts = Object.entries(when).map(([name, values]) => {
    const choices = Array.isArray(values) ? (values as readonly ParameterValue[]) : [values as ParameterValue];
    return `${shownText(name, 40)} ${choices.map(valueText).join("|")}`;
  });
  return parts.join(", ");
}
