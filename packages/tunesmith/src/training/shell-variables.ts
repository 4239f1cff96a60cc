import type { Config } from "@tunesmith/core";
import { formatValue } from "./format-value.ts";

/** Name of the variable that carries a parameter to a command run by a shell: `lr.max` → `TUNESMITH_PARAM_LR_MAX`. */
export function shellName(parameter: string): string {
  return `TUNESMITH_PARAM_${parameter.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** The parameters as environment of a command run by a shell. */
export function shellVariables(params: Config): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [shellName(name), formatValue(value)]));
}

/** One message for every two parameters that would share a variable. */
export function shellNameFaults(parameterNames: readonly string[]): readonly string[] {
  const owners = new Map<string, string>();
  return parameterNames.flatMap((name) => {
    const variable = shellName(name);
    const owner = owners.get(variable);
    owners.set(variable, name);
    return owner === undefined
      ? []
      : [`parameters ${owner} and ${name} would both arrive as ${variable} with shell: true; rename one`];
  });
}
