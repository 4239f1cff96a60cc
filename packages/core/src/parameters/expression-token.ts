import { TunesmithError } from "../tunesmith-error.ts";

export type ExpressionToken =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "text"; readonly value: string; readonly at: number }
  /** `quoted`: written in backticks, so neither a keyword nor a function. */
  | { readonly kind: "name"; readonly value: string; readonly quoted: boolean; readonly at: number }
  | { readonly kind: "symbol"; readonly value: string; readonly at: number }
  | { readonly kind: "end"; readonly value: ""; readonly at: number };

/** An error at the character number `at`, counted from 0. */
export function expressionError(at: number, message: string): TunesmithError {
  const text = `column ${at + 1}: ${message}`;
  return new TunesmithError("invalid-input", text, [{ path: "", message: text }]);
}

const blank = /\s+/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const escapable: ReadonlySet<string> = new Set(["\\", "'", '"']);
const symbol = /\*\*|<=|>=|==|!=|&&|\|\||[-+*/%<>!()[\],]/y;

/** @throws {TunesmithError} `invalid-input` with the column, at the first character that starts no token. */
export function tokenize(text: string): ExpressionToken[] {
  const tokens: ExpressionToken[] = [];
  let at = match(blank, text, 0)?.length ?? 0;
  while (at < text.length) {
    const [token, length] = readToken(text, at);
    tokens.push(token);
    at += length;
    at += match(blank, text, at)?.length ?? 0;
  }
  tokens.push({ kind: "end", value: "", at });
  return tokens;
}

function readToken(text: string, at: number): [ExpressionToken, number] {
  const first = text[at];
  if (first === "'" || first === '"') return readText(text, at, first);
  if (first === "`") return readQuotedName(text, at);
  const digits = match(number, text, at);
  if (digits !== null) return [readNumber(digits, text, at), digits.length];
  const word = match(name, text, at);
  if (word !== null) return [{ kind: "name", value: word, quoted: false, at }, word.length];
  const sign = match(symbol, text, at);
  if (sign !== null) return [{ kind: "symbol", value: sign, at }, sign.length];
  throw expressionError(at, unexpected(first));
}

function unexpected(character: string): string {
  if (character === "=") return "unexpected =; to compare write ==";
  if (character === ".") return "unexpected .; a name with . / or - stands in backticks: `model.lr`";
  return `unexpected ${JSON.stringify(character)}`;
}

function readNumber(digits: string, text: string, at: number): ExpressionToken {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw expressionError(at, `${digits.slice(0, 20)} is larger than any number held here`);
  if (match(name, text, at + digits.length) !== null)
    throw expressionError(at, `a name cannot start with ${digits[0]}; put it in backticks`);
  return { kind: "number", value, at };
}

function readText(text: string, at: number, quote: string): [ExpressionToken, number] {
  let value = "";
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === quote) return [{ kind: "text", value, at }, i + 1 - at];
    if (text[i] === "\\") {
      i++;
      if (!escapable.has(text[i])) throw expressionError(i, "a backslash in text stands before \\, ' or \" only");
    }
    value += text[i];
  }
  throw expressionError(at, `the text has no closing ${quote}`);
}

/** A backtick inside a name is written twice. */
function readQuotedName(text: string, at: number): [ExpressionToken, number] {
  let value = "";
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "`" && text[i + 1] !== "`") {
      if (value === "") throw expressionError(at, "the name is empty");
      return [{ kind: "name", value, quoted: true, at }, i + 1 - at];
    }
    if (text[i] === "`") i++;
    value += text[i];
  }
  throw expressionError(at, "the name has no closing `");
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
