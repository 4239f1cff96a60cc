import { choiceDimension } from "./choice-dimension.ts";
import { numericDimension } from "./numeric-dimension.ts";
import type { Parameter } from "./parameter.ts";
import type { Dimension } from "./space.ts";

/** The coordinate of a parameter that has at least two values. */
export function dimensionOf(name: string, parameter: Exclude<Parameter, { type: "constant" }>): Dimension {
  return parameter.type === "float" || parameter.type === "int"
    ? numericDimension(name, parameter)
    : choiceDimension(name, parameter);
}
