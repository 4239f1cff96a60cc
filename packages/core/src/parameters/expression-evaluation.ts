import {
  type ArithmeticOperator,
  type ComparisonOperator,
  type ExpressionNode,
  type NumericFunction,
  numericFunctions,
} from "./expression-node.ts";
import type { ParameterValue } from "./parameter.ts";

/** The value of a node. `values` are those of the names, by index. */
export function evaluateNode(node: ExpressionNode, values: readonly ParameterValue[]): ParameterValue {
  switch (node.kind) {
    case "literal":
      return node.value;
    case "name":
      return values[node.index];
    case "negate":
      return -evaluateNumber(node.operand, values);
    case "arithmetic":
      return calculate(node.operator, evaluateNumber(node.left, values), evaluateNumber(node.right, values));
    case "compare":
      return compare(node.operator, evaluateNode(node.left, values), evaluateNode(node.right, values));
    case "in": {
      const value = evaluateNode(node.operand, values);
      return node.items.some((item) => evaluateNode(item, values) === value);
    }
    case "not":
      return evaluateNode(node.operand, values) !== true;
    case "and":
      return evaluateNode(node.left, values) === true && evaluateNode(node.right, values) === true;
    case "or":
      return evaluateNode(node.left, values) === true || evaluateNode(node.right, values) === true;
    case "call": {
      const { apply }: NumericFunction = numericFunctions[node.name];
      return apply(...node.parameters.map((parameter) => evaluateNumber(parameter, values)));
    }
  }
}

/** NaN for what is no number. */
function evaluateNumber(node: ExpressionNode, values: readonly ParameterValue[]): number {
  const value = evaluateNode(node, values);
  return typeof value === "number" ? value : Number.NaN;
}

function calculate(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return modulo(left, right);
    case "**":
      return left ** right;
  }
}

/** The remainder with the sign of the divisor, so that `x % 8` is a position on a circle for negative x too. */
function modulo(left: number, right: number): number {
  const remainder = left % right;
  return remainder !== 0 && remainder < 0 !== right < 0 ? remainder + right : remainder;
}

/** Equality is by type and value; order is defined between two numbers or two texts only. */
export function compare(operator: ComparisonOperator, left: ParameterValue, right: ParameterValue): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  const comparable = typeof left === typeof right && (typeof left === "number" || typeof left === "string");
  if (!comparable || left === null || right === null) return false;
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}
