import { TunesmithError } from "../tunesmith-error.ts";
import { evaluateNode } from "./expression-evaluation.ts";
import { type ExpressionNode, type ExpressionType, typeOfNode } from "./expression-node.ts";
import { parseNodes } from "./expression-parser.ts";
import { expressionError } from "./expression-token.ts";
import { nodeViolation } from "./expression-violation.ts";
import type { ParameterValue } from "./parameter.ts";
import { showValue } from "./show-value.ts";

/** Value of a parameter or metric by name; `undefined` for one that is inactive or unknown. */
export type ValueLookup = (name: string) => ParameterValue | undefined;

/**
 * A parsed expression over parameters or metrics, e.g. `layers * width <= 512 and optimizer in ["adam", "sgd"]`.
 *
 * Operators by rising precedence: `or ||` · `and &&` · `not` · one of `< <= > >= == !=`, `in [a, b]`, `not in` · `+ -` ·
 * `* / %` · unary `- + !` · `**` (from the right). Values: numbers, text in quotes, true, false, null, names; names that are no
 * plain words stand in backticks: `` `model.lr` ``. Functions: min max abs log log2 log10 exp sqrt floor ceil round pow.
 * `==` compares type and value; `%` takes the sign of its right side; arithmetic on what is no number gives NaN, and
 * every ordered comparison with NaN or between different types is false.
 */
export interface Expression {
  readonly text: string;
  /** Every name that occurs, once, in order of first occurrence. */
  readonly names: readonly string[];
  /** What it yields as far as the text tells; `any` for a lone name. */
  readonly type: ExpressionType;
  readonly root: ExpressionNode;
  /** The value, or `undefined` as soon as one name has none: then a constraint holds and a condition does not. */
  evaluate(lookup: ValueLookup): ParameterValue | undefined;
}

const longestText = 2_000;

/**
 * Reads an expression. Nothing of it is ever run as code.
 *
 * @param text  At most 2,000 characters, nested at most 64 deep.
 * @throws {TunesmithError} `invalid-input`, its message starting with the column: "column 9: expected a value, found )".
 */
export function parseExpression(text: string): Expression {
  if (typeof text !== "string") {
    const message = `is ${showValue(text)}; allowed: text`;
    throw new TunesmithError("invalid-input", message, [{ path: "", message }]);
  }
  if (text.length > longestText) throw expressionError(longestText, `${text.length} characters; allowed: at most ${longestText}`);
  const { root, names } = parseNodes(text);
  return Object.freeze({
    text,
    names: Object.freeze(names),
    type: typeOfNode(root),
    root,
    evaluate(lookup: ValueLookup) {
      const values = valuesOf(names, lookup);
      return values === undefined ? undefined : evaluateNode(root, values);
    },
  });
}

/**
 * By how much a condition such as `latency_ms <= 5` is violated.
 *
 * @returns 0 exactly where it holds; else the distance to holding, in the unit of the compared numbers: `and` adds, `or` takes
 *          the smaller, a violated comparison of texts or truth values counts 1. NaN if a name is missing or a compared number is NaN.
 */
export function violation(expression: Expression, lookup: ValueLookup): number {
  const values = valuesOf(expression.names, lookup);
  return values === undefined ? Number.NaN : nodeViolation(expression.root, values, true);
}

function valuesOf(names: readonly string[], lookup: ValueLookup): ParameterValue[] | undefined {
  const values: ParameterValue[] = [];
  for (const name of names) {
    const value = lookup(name);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
