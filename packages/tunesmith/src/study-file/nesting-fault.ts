import { Lexer } from "yaml";

const deepest = 32;
const mostTokens = 400_000;

/**
 * Why a YAML text must not be parsed: it nests too deeply or holds too much, which would exhaust time, memory or the stack. Null if it
 * may be parsed.
 *
 * Cost: linear in the text; nothing is built.
 * @returns  The offset in the text and the message.
 */
export function nestingFault(text: string): { readonly at: number; readonly message: string } | null {
  const nesting = new Nesting();
  let at = 0;
  let tokenCount = 0;
  for (const token of new Lexer().lex(text)) {
    nesting.take(token);
    if (nesting.depth > deepest) return { at, message: `nested more than ${deepest} levels deep` };
    tokenCount += 1;
    if (tokenCount > mostTokens) return { at, message: "more values than a study can hold" };
    if (!markers.has(token)) at += token.length;
  }
  return null;
}

// The lexer's own signs: the start of a document, the end of a flow collection, "a scalar follows".
const markers: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001f"]);

class Nesting {
  /** Columns at which the open block collections begin. */
  private readonly columns: number[] = [];
  private flowDepth = 0;
  private column = 0;
  private atBlockStart = true;

  get depth(): number {
    return this.columns.length + this.flowDepth;
  }

  take(token: string): void {
    if (markers.has(token)) return;
    const isBlank = /^[ \t]*$/.test(token);
    if (this.atBlockStart && this.flowDepth === 0 && !isBlank && !/^\r?\n|^#/.test(token)) this.openBlock();
    if (token === "[" || token === "{") this.flowDepth += 1;
    else if (token === "]" || token === "}") this.flowDepth = Math.max(0, this.flowDepth - 1);
    const lineBreak = token.lastIndexOf("\n");
    this.column = lineBreak < 0 ? this.column + token.length : token.length - lineBreak - 1;
    if (lineBreak >= 0 || (!isBlank && isIndicator(token))) this.atBlockStart = true;
    else if (!isBlank) this.atBlockStart = false;
  }

  private openBlock(): void {
    while (this.columns.length > 0 && this.columns[this.columns.length - 1] >= this.column) this.columns.pop();
    this.columns.push(this.column);
  }
}

/** After these a block collection may begin on the same line. */
function isIndicator(token: string): boolean {
  return token === "-" || token === "?" || token === ":";
}
