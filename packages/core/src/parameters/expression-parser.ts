import {
  type ArithmeticOperator,
  type ComparisonOperator,
  type ExpressionNode,
  type ExpressionType,
  isFunctionName,
  numericFunctions,
  typeOfNode,
} from "./expression-node.ts";
import { type ExpressionToken, expressionError, tokenize } from "./expression-token.ts";
import { didYouMean } from "./nearest-name.ts";

const deepestNesting = 64;
const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="]);
const sums: ReadonlySet<string> = new Set(["+", "-"]);
const products: ReadonlySet<string> = new Set(["*", "/", "%"]);
const keywords: ReadonlySet<string> = new Set(["and", "or", "not", "in", "true", "false", "null"]);

/**
 * Reads an expression by descending through its precedences, loosest first:
 * or ||, and &&, not, one comparison or `in`, + -, * / %, unary - + !, ** (to the right), operands.
 * One function, so that nothing else sees the cursor that all precedences move.
 *
 * @throws {TunesmithError} `invalid-input` with the column, for text that is no expression, mixes types or nests too deep.
 */
export function parseNodes(text: string): { root: ExpressionNode; names: readonly string[] } {
  const tokens = tokenize(text);
  const indexes = new Map<string, number>();
  let position = 0;
  let depth = 0;

  const peek = (): ExpressionToken => tokens[position];
  const next = (): ExpressionToken => tokens[position++];

  const atSymbol = (value: string): boolean => peek().kind === "symbol" && peek().value === value;
  const atWord = (value: string): boolean => isWord(peek(), value);
  const expectSymbol = (value: string): void => {
    if (!atSymbol(value)) throw expressionError(peek().at, `expected ${value}, found ${shown(peek())}`);
    position++;
  };

  /** Counts the nesting: what does not nest deep cannot overflow the stack. */
  function nested<Result>(parse: () => Result): Result {
    if (++depth > deepestNesting) throw expressionError(peek().at, `nested deeper than ${deepestNesting}`);
    const result = parse();
    depth--;
    return result;
  }

  const parseOr = (): ExpressionNode => joined("or", "||", parseAnd);
  const parseAnd = (): ExpressionNode => joined("and", "&&", parseNot);

  function joined(kind: "or" | "and", sign: string, parseOperand: () => ExpressionNode): ExpressionNode {
    let left = parseOperand();
    while (atWord(kind) || atSymbol(sign)) {
      const { at } = next();
      const right = parseOperand();
      expectTypes(at, kind, "condition", left, right);
      left = { kind, left, right };
    }
    return left;
  }

  function parseNot(): ExpressionNode {
    if (!atWord("not")) return parseComparison();
    const { at } = next();
    const operand = nested(parseNot);
    expectTypes(at, "not", "condition", operand);
    return { kind: "not", operand };
  }

  function parseComparison(): ExpressionNode {
    const left = parseSum();
    const node = compared(left);
    if (node !== left && startsComparison())
      throw expressionError(peek().at, "comparisons do not chain; join two of them by and");
    return node;
  }

  function startsComparison(): boolean {
    return (peek().kind === "symbol" && comparisons.has(peek().value as string)) || atWord("in") || atWord("not");
  }

  function compared(left: ExpressionNode): ExpressionNode {
    if (!startsComparison()) return left;
    const { value, at } = next();
    if (value === "in") return parseMembers(left);
    if (value === "not") {
      if (!atWord("in")) throw expressionError(at, "not stands before a condition, or before in");
      position++;
      return { kind: "not", operand: parseMembers(left) };
    }
    const operator = value as ComparisonOperator;
    const right = parseSum();
    expectComparable(at, operator, left, right);
    return { kind: "compare", operator, left, right };
  }

  function parseMembers(operand: ExpressionNode): ExpressionNode {
    expectSymbol("[");
    const items = nested(() => parseList("]"));
    return { kind: "in", operand, items };
  }

  function parseList(close: string): ExpressionNode[] {
    const items = [parseOr()];
    while (atSymbol(",")) {
      position++;
      items.push(parseOr());
    }
    expectSymbol(close);
    return items;
  }

  const parseSum = (): ExpressionNode => calculated(sums, parseProduct);
  const parseProduct = (): ExpressionNode => calculated(products, parseUnary);

  function calculated(operators: ReadonlySet<string>, parseOperand: () => ExpressionNode): ExpressionNode {
    let left = parseOperand();
    while (peek().kind === "symbol" && operators.has(peek().value as string)) {
      const { value, at } = next();
      const right = parseOperand();
      expectTypes(at, value as string, "number", left, right);
      left = { kind: "arithmetic", operator: value as ArithmeticOperator, left, right };
    }
    return left;
  }

  function parseUnary(): ExpressionNode {
    if (!atSymbol("-") && !atSymbol("+") && !atSymbol("!")) return parsePower();
    const { value, at } = next();
    const operand = nested(parseUnary);
    if (value === "!") {
      expectTypes(at, "!", "condition", operand);
      return { kind: "not", operand };
    }
    expectTypes(at, value as string, "number", operand);
    return value === "+" ? operand : { kind: "negate", operand };
  }

  function parsePower(): ExpressionNode {
    const left = parseOperand();
    if (!atSymbol("**")) return left;
    const { at } = next();
    const right = nested(parseUnary);
    expectTypes(at, "**", "number", left, right);
    return { kind: "arithmetic", operator: "**", left, right };
  }

  function parseOperand(): ExpressionNode {
    const token = next();
    if (token.kind === "number" || token.kind === "text") return { kind: "literal", value: token.value };
    if (token.kind === "symbol" && token.value === "(") {
      const inner = nested(parseOr);
      expectSymbol(")");
      return inner;
    }
    if (token.kind !== "name") throw expressionError(token.at, `expected a value, found ${shown(token)}`);
    return token.quoted ? named(token.value) : parseWord(token.value, token.at);
  }

  function parseWord(word: string, at: number): ExpressionNode {
    if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
    if (word === "null") return { kind: "literal", value: null };
    if (keywords.has(word))
      throw expressionError(at, `expected a value, found ${word}; a parameter of that name stands in backticks`);
    return atSymbol("(") ? parseCall(word, at) : named(word);
  }

  function parseCall(name: string, at: number): ExpressionNode {
    if (!isFunctionName(name))
      throw expressionError(at, `unknown function ${name}${didYouMean(name, Object.keys(numericFunctions))}`);
    position++;
    const parameters = atSymbol(")") ? [] : nested(() => parseList(")"));
    if (parameters.length === 0) expectSymbol(")");
    const { least, most } = numericFunctions[name];
    if (parameters.length < least || parameters.length > most)
      throw expressionError(at, `${name} takes ${least === most ? "" : "at least "}${countOf(least)}, not ${parameters.length}`);
    expectTypes(at, name, "number", ...parameters);
    return { kind: "call", name, parameters };
  }

  function named(name: string): ExpressionNode {
    const index = indexes.get(name) ?? indexes.size;
    indexes.set(name, index);
    return { kind: "name", index };
  }

  const root = parseOr();
  if (peek().kind !== "end") throw expressionError(peek().at, `expected an operator or the end, found ${shown(peek())}`);
  return { root, names: [...indexes.keys()] };
}

function isWord(token: ExpressionToken, word: string): boolean {
  return token.kind === "name" && !token.quoted && token.value === word;
}

function shown(token: ExpressionToken): string {
  return token.kind === "end" ? "the end" : String(token.value).slice(0, 40);
}

function countOf(values: number): string {
  return values === 1 ? "1 value" : `${values} values`;
}

function withArticle(type: ExpressionType): string {
  return type === "null" ? "null" : `a ${type}`;
}

function expectTypes(at: number, operator: string, wanted: ExpressionType, ...operands: readonly ExpressionNode[]): void {
  for (const operand of operands) {
    const type = typeOfNode(operand);
    if (type === wanted || type === "any") continue;
    throw expressionError(at, `${operator} takes ${wanted}s, not ${withArticle(type)}`);
  }
}

function expectComparable(at: number, operator: ComparisonOperator, left: ExpressionNode, right: ExpressionNode): void {
  const types = [typeOfNode(left), typeOfNode(right)].filter((type) => type !== "any");
  const ordered = operator !== "==" && operator !== "!=";
  const misfit = ordered ? types.find((type) => type !== "number" && type !== "text") : undefined;
  if (misfit !== undefined) throw expressionError(at, `${operator} compares numbers or texts, not ${withArticle(misfit)}`);
  if (types.length === 2 && types[0] !== types[1] && !types.includes("null"))
    throw expressionError(at, `${operator} compares a ${types[0]} with a ${types[1]}`);
}
