import type { Expression } from "./expression.ts";
import type { ExpressionNode } from "./expression-node.ts";
import type { DeclaredNames } from "./read-condition.ts";

/**
 * Comparisons of a parameter with a text, truth value or null that it can never have, such as a misspelt choice;
 * numbers are left alone, since `layers == 0` may be computed from other ranges.
 */
export function checkExpression(expression: Expression, names: DeclaredNames): string[] {
  const messages: string[] = [];
  const visit = (node: ExpressionNode): void => {
    if (node.kind === "compare" && (node.operator === "==" || node.operator === "!=")) {
      checkPair(node.left, node.right);
      checkPair(node.right, node.left);
    }
    if (node.kind === "in") for (const item of node.items) checkPair(node.operand, item);
    childrenOf(node).forEach(visit);
  };
  const checkPair = (named: ExpressionNode, literal: ExpressionNode): void => {
    if (named.kind !== "name" || literal.kind !== "literal" || typeof literal.value === "number") return;
    const name = expression.names[named.index];
    const message = names.domains[names.indexOf.get(name) as number]?.faultOf(literal.value) ?? null;
    if (message !== null) messages.push(`compares ${name} with a value it cannot have: ${message.replace(/^is /, "")}`);
  };
  visit(expression.root);
  return messages;
}

function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case "literal":
    case "name":
      return [];
    case "negate":
    case "not":
      return [node.operand];
    case "in":
      return [node.operand, ...node.items];
    case "call":
      return node.parameters;
    default:
      return [node.left, node.right];
  }
}
