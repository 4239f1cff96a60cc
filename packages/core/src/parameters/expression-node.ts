import type { ParameterValue } from "./parameter.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "**";
export type ComparisonOperator = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** A parsed expression. `index` of a name is its place in the expression's list of names. */
export type ExpressionNode =
  | { readonly kind: "literal"; readonly value: ParameterValue }
  | { readonly kind: "name"; readonly index: number }
  | { readonly kind: "negate"; readonly operand: ExpressionNode }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | {
      readonly kind: "compare";
      readonly operator: ComparisonOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: "in"; readonly operand: ExpressionNode; readonly items: readonly ExpressionNode[] }
  | { readonly kind: "not"; readonly operand: ExpressionNode }
  | { readonly kind: "and" | "or"; readonly left: ExpressionNode; readonly right: ExpressionNode }
  | { readonly kind: "call"; readonly name: FunctionName; readonly parameters: readonly ExpressionNode[] };

/** What a node yields as far as its text tells; `any` for a name. */
export type ExpressionType = "number" | "text" | "condition" | "null" | "any";

export function typeOfNode(node: ExpressionNode): ExpressionType {
  switch (node.kind) {
    case "literal":
      return typeOfValue(node.value);
    case "name":
      return "any";
    case "negate":
    case "arithmetic":
    case "call":
      return "number";
    default:
      return "condition";
  }
}

function typeOfValue(value: ParameterValue): ExpressionType {
  if (value === null) return "null";
  return typeof value === "number" ? "number" : typeof value === "string" ? "text" : "condition";
}

export interface NumericFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: number[]) => number;
}

const oneArgument = (apply: (value: number) => number): NumericFunction => ({ least: 1, most: 1, apply });

/** The functions an expression may call. `log` is natural; `round` takes halves up. */
export const numericFunctions = Object.freeze({
  min: { least: 1, most: Infinity, apply: Math.min },
  max: { least: 1, most: Infinity, apply: Math.max },
  pow: { least: 2, most: 2, apply: Math.pow },
  abs: oneArgument(Math.abs),
  log: oneArgument(Math.log),
  log2: oneArgument(Math.log2),
  log10: oneArgument(Math.log10),
  exp: oneArgument(Math.exp),
  sqrt: oneArgument(Math.sqrt),
  floor: oneArgument(Math.floor),
  ceil: oneArgument(Math.ceil),
  round: oneArgument(Math.round),
} satisfies Record<string, NumericFunction>);

export type FunctionName = keyof typeof numericFunctions;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(numericFunctions, name);
}
