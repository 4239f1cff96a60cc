import { isFloatText } from "./scalar-value.ts";
import { type MapNode, plainValue } from "./source-node.ts";

const spaceKeys: readonly string[] = [
  "type",
  "min",
  "max",
  "log",
  "step",
  "values",
  "weights",
  "value",
  "default",
  "prior",
  "when",
];

/** What the space wants to know, under its own names. */
export function declaredMembers({ members }: MapNode): Record<string, unknown> {
  const declared: Record<string, unknown> = {};
  for (const [key, { node }] of members) {
    if (key === "probabilities") declared.weights = plainValue(node);
    else if (spaceKeys.includes(key)) declared[key] = plainValue(node);
  }
  return declared;
}

/** `int` for a range of whole numbers, `float` as soon as one of the texts says so; null if it has no ends. */
export function rangeType({ members }: MapNode): "int" | "float" | null {
  const written = ["min", "max", "step"].flatMap((key) => members.get(key)?.node ?? []);
  if (!members.has("min") && !members.has("max")) return null;
  return written.every((node) => node.kind === "scalar" && typeof node.value === "number" && !isFloatText(node.text))
    ? "int"
    : "float";
}
