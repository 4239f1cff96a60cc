import type { ParameterValue } from "./parameter.ts";

/**
 * When a parameter takes part: `{ optimizer: "sgd" }` or `{ optimizer: ["sgd", "rmsprop"] }` (every named parameter is
 * active and has one of the values), or an expression over other parameters, `"layers >= 2"`.
 */
export type Condition = string | { readonly [name: string]: ParameterValue | readonly ParameterValue[] };
