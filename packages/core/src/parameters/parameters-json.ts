import type { Json, JsonObject } from "../json.ts";
import type { Parameter, Parameters } from "./parameter.ts";

/**
 * Parameters as JSON; `type` is always written, absent members are not. For a space's parameters the form is canonical:
 * `createSpace` takes it back to equal parameters, and equal parameters give equal JSON.
 */
export function parametersJson(parameters: Parameters): JsonObject {
  const json: Record<string, Json> = {};
  for (const name of Object.keys(parameters)) json[name] = parameterJson(parameters[name]);
  return json;
}

const memberOrder = ["type", "min", "max", "log", "step", "values", "weights", "value", "default", "prior", "when"] as const;

function parameterJson(parameter: Parameter): JsonObject {
  const members = parameter as unknown as { readonly [key: string]: Json | undefined };
  const json: Record<string, Json> = {};
  for (const key of memberOrder) {
    const value = members[key];
    if (value !== undefined) json[key] = value;
  }
  return json;
}
