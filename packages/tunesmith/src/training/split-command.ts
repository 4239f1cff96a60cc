/** The elements of a command, or what is wrong with its text. */
export type SplitCommand =
  | { readonly elements: readonly string[]; readonly faults: readonly [] }
  | { readonly elements: null; readonly faults: readonly string[] };

const operators = "&|;<>()";
const blanks = " \t\r";

/**
 * Splits a command as a POSIX shell would, without running one.
 *
 * Single quotes, double quotes, backslashes, continued lines and comments mean what they mean to a shell. `${…}` is kept as it
 * stands, quoted or not: those are our macros. What only a shell could do (operators, substitutions, variables, a leading `~`,
 * assignments) is a fault that names `shell: true`; patterns such as `*` stay as they are.
 *
 * Source: IEEE Std 1003.1-2017, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition.
 */
export function splitCommand(text: string): SplitCommand {
  const splitter = new Splitter(text);
  splitter.run();
  const { elements, faults } = splitter;
  if (faults.length === 0 && elements.length === 0) faults.push("is empty; give a command such as python train.py ${args}");
  return faults.length === 0 ? { elements, faults: [] } : { elements: null, faults };
}

class Splitter {
  readonly elements: string[] = [];
  readonly faults: string[] = [];
  private readonly text: string;
  private at = 0;
  /** Null between elements: `""` is an element, nothing is not. */
  private element: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  run(): void {
    while (this.at < this.text.length) {
      const char = this.text[this.at];
      if (blanks.includes(char)) this.blank();
      else if (char === "\n") this.lineEnd();
      else if (operators.includes(char)) this.operator();
      else if (char === "'") this.singleQuoted();
      else if (char === '"') this.doubleQuoted();
      else if (char === "\\") this.escaped();
      else if (char === "$" || char === "`") this.dollar();
      else if (char === "#" && this.element === null) this.comment();
      else this.plain(char);
    }
    this.endElement();
  }

  private blank(): void {
    this.at += 1;
    this.endElement();
  }

  private append(part: string): void {
    this.element = (this.element ?? "") + part;
  }

  private endElement(): void {
    if (this.element !== null) this.elements.push(this.element);
    this.element = null;
  }

  private plain(char: string): void {
    const rest = this.text.slice(this.at);
    if (this.element === null && /^~(?:[/\s]|$)/.test(rest))
      this.fault("~ is not expanded without a shell; write the folder out, or set shell: true");
    if (this.element === null && this.elements.length === 0) this.assignment(rest);
    this.append(char);
    this.at += 1;
  }

  private assignment(rest: string): void {
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(rest)?.[1];
    if (name !== undefined) this.fault(`${name}=… before the command needs a shell; put ${name} under env, or set shell: true`);
  }

  /** Line ends around the command are harmless; one between two words would begin another command. */
  private lineEnd(): void {
    this.endElement();
    const isAround = this.elements.length === 0 || this.text.slice(this.at).trim() === "";
    if (!isAround) this.fault("a second line needs a shell; end the first with \\ to join them, or set shell: true");
    this.at += 1;
  }

  private operator(): void {
    const found = /^(?:&&|\|\||>>|<<|.)/.exec(this.text.slice(this.at))?.[0] ?? "";
    this.fault(`${JSON.stringify(found)} needs a shell; quote it if it belongs to an argument, or set shell: true`);
    this.at += found.length;
    this.endElement();
  }

  private singleQuoted(): void {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0) {
      this.unclosed("'");
      return;
    }
    this.append(this.text.slice(this.at + 1, end));
    this.at = end + 1;
  }

  private doubleQuoted(): void {
    this.append("");
    this.at += 1;
    while (this.text[this.at] !== '"') {
      const char = this.text[this.at];
      if (char === undefined) {
        this.unclosed('"');
        return;
      }
      if (char === "\\") this.escapedInQuotes();
      else if (char === "$" || char === "`") this.dollar();
      else {
        this.append(char);
        this.at += 1;
      }
    }
    this.at += 1;
  }

  private escaped(): void {
    const next = this.text[this.at + 1];
    if (next === undefined) this.fault("ends with a backslash that escapes nothing");
    else if (next !== "\n") this.append(this.plainDollar(next));
    this.at += 2;
  }

  private escapedInQuotes(): void {
    const next = this.text[this.at + 1] ?? "";
    if (next === "\n") this.at += 2;
    else if (next !== "" && '$`"\\'.includes(next)) {
      this.append(this.plainDollar(next));
      this.at += 2;
    } else {
      this.append("\\");
      this.at += 1;
    }
  }

  /** `\${` is meant as plain text, which is `$${` in an element. */
  private plainDollar(escaped: string): string {
    return escaped === "$" && this.text[this.at + 2] === "{" ? "$$" : escaped;
  }

  private dollar(): void {
    const rest = this.text.slice(this.at);
    const macro = /^\${1,2}\{[^}]*\}/.exec(rest)?.[0];
    if (macro === undefined) this.substitution(rest);
    this.append(macro ?? rest[0]);
    this.at += macro?.length ?? 1;
  }

  private substitution(rest: string): void {
    if (rest[0] === "`") this.fault("` needs a shell; quote it with ' if it belongs to an argument, or set shell: true");
    else if (rest[1] === "(") this.fault("$( needs a shell; quote it with ' if it belongs to an argument, or set shell: true");
    else if (rest[1] === "{") this.fault("${ has no closing }");
    else {
      const name = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(rest)?.[1];
      if (name !== undefined) this.fault(`$${name} needs a shell; write \${envvar:${name}}, or set shell: true`);
    }
  }

  private comment(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private unclosed(quote: string): void {
    this.fault(`${quote} is opened and never closed`);
    this.at = this.text.length;
  }

  /** The same fault twice helps nobody: a pair of backticks is one mistake. */
  private fault(message: string): void {
    if (!this.faults.includes(message)) this.faults.push(message);
  }
}
