import { type Config, type Fault, nearestName, type Parameter, type ParameterValue, type Space } from "@tunesmith/core";
import type { CommandMessages } from "@tunesmith/protocol";
import { formatValue } from "../../../training/format-value.ts";
import { shownText } from "../../terminal/shown-text.ts";

/** A config from words `name=value`, and everything that is wrong with them. */
export interface ReadConfig {
  readonly config: Config;
  readonly faults: readonly Fault[];
}

/** Reads words such as `lr=0.003 optimizer=adam`, each value as its parameter's type has it; what the space does not allow is a fault. */
export function readConfigWords(words: readonly string[], space: Space, messages: CommandMessages): ReadConfig {
  const faults: Fault[] = [];
  const entries = new Map<string, ParameterValue>();
  for (const word of words) {
    const name = nameIn(word, space);
    if (name === null) {
      faults.push({ path: "", message: messages.notAPair(shownText(word)) });
      continue;
    }
    if (entries.has(name)) faults.push({ path: name, message: messages.twice(shownText(name)) });
    const parameter = space.parameters[name];
    const text = word.slice(name.length + 1);
    if (parameter === undefined) faults.push({ path: name, message: messages.unknownParameter(nearestShown(name, space)) });
    else entries.set(name, typedValue(text, parameter));
  }
  const config = Object.fromEntries(entries);
  return { config, faults: [...faults, ...space.checkPartial(config)] };
}

function nearestShown(name: string, { parameters }: Space): string | null {
  const nearest = nearestName(name, Object.keys(parameters));
  return nearest === null || /^[\w.-]+$/.test(nearest) ? nearest : JSON.stringify(nearest);
}

/** The longest declared name that the word begins with, else what stands before the first `=`. */
function nameIn(word: string, { parameters }: Space): string | null {
  const declared = Object.keys(parameters).filter((name) => word.startsWith(`${name}=`));
  if (declared.length > 0) return declared.reduce((a, b) => (b.length > a.length ? b : a));
  const at = word.indexOf("=");
  return at <= 0 ? null : word.slice(0, at);
}

/** Text that is no value of the type stays text, for the space to refuse with what is allowed. */
function typedValue(text: string, parameter: Parameter): ParameterValue {
  switch (parameter.type) {
    case "float":
    case "int":
      return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) + 0 : text;
    case "boolean":
      return choiceOf(text, [false, true]);
    case "constant":
      return choiceOf(text, [parameter.value]);
    default:
      return choiceOf(text, parameter.values);
  }
}

/** The choice written like that; of several (`1` and `"1"`) the text when it is quoted, else the first. */
function choiceOf(text: string, values: readonly ParameterValue[]): ParameterValue {
  const quoted = values.find((value) => typeof value === "string" && JSON.stringify(value) === text);
  if (quoted !== undefined && !values.some((value) => value === text)) return quoted;
  const found = values.find((value) => formatValue(value) === text);
  if (found !== undefined) return found;
  const asNumber = values.find((value) => typeof value === "number" && text.trim() !== "" && value === Number(text));
  return asNumber === undefined ? text : asNumber;
}
