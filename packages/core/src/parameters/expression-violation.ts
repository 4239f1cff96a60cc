import { compare, evaluateNode } from "./expression-evaluation.ts";
import type { ComparisonOperator, ExpressionNode } from "./expression-node.ts";
import type { ParameterValue } from "./parameter.ts";

/**
 * Distance of a condition from being `wanted` (true, or false under a `not`): 0 exactly where it is.
 * A negation moves inwards: not (a and b) is as violated as (not a) or (not b).
 */
export function nodeViolation(node: ExpressionNode, values: readonly ParameterValue[], wanted: boolean): number {
  switch (node.kind) {
    case "not":
      return nodeViolation(node.operand, values, !wanted);
    case "and":
    case "or": {
      const left = nodeViolation(node.left, values, wanted);
      const right = nodeViolation(node.right, values, wanted);
      return (node.kind === "and") === wanted ? left + right : Math.min(left, right);
    }
    case "compare":
      return comparisonViolation(node.operator, evaluateNode(node.left, values), evaluateNode(node.right, values), wanted);
    case "in": {
      const value = evaluateNode(node.operand, values);
      const distances = node.items.map((item) => comparisonViolation("==", value, evaluateNode(item, values), wanted));
      return wanted ? Math.min(...distances) : Math.max(...distances);
    }
    default:
      return (evaluateNode(node, values) === true) === wanted ? 0 : 1;
  }
}

function comparisonViolation(operator: ComparisonOperator, left: ParameterValue, right: ParameterValue, wanted: boolean): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  if (compare(operator, left, right) === wanted) return 0;
  if (typeof left !== "number" || typeof right !== "number") return 1;
  if (left !== right) return Math.abs(left - right);
  // A strict comparison of equals is violated too, by less than any difference.
  return operator === "==" || operator === "!=" ? 1 : Number.MIN_VALUE;
}
