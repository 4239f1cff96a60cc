import type { Language } from "@tunesmith/protocol";
import { homeFolder } from "../platform/home.ts";
import { messageLanguage } from "../platform/language.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** What a command needs of its surroundings. */
export interface CliContext {
  readonly home: string;
  /** Machine-readable lines instead of words. */
  readonly json: boolean;
  readonly language: Language;
  /** Whether standard output is a terminal: only then anything moves or is coloured. */
  readonly isTerminal: boolean;
  readonly color: boolean;
  /** Columns of the terminal; 100 where it is none. */
  readonly width: number;
  /** Writes one line to standard output. */
  print(line?: string): void;
  /** Writes one line to standard error. */
  warn(line: string): void;
}

export function createCliContext(options: GlobalOptions): CliContext {
  const isTerminal = process.stdout.isTTY === true;
  return {
    home: homeFolder(options.home),
    json: options.json === true,
    language: messageLanguage(),
    isTerminal,
    color: isTerminal && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    width: process.stdout.columns || 100,
    print: (line = "") => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}
