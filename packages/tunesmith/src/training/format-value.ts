import type { ParameterValue } from "@tunesmith/core";

/**
 * A parameter value as text on a command line or in the environment.
 *
 * Numbers are the shortest text that reads back as the same number, never rounded; −0 is `0`. Booleans are `true` and `false`,
 * as in JSON, YAML and most argument parsers (not Python's `True`: an `argparse` flag should compare with `"true"`, or be called
 * through `${args_no_boolean_flags}`). The null choice is `null`.
 */
export function formatValue(value: ParameterValue): string {
  return typeof value === "number" ? String(value === 0 ? 0 : value) : String(value);
}
