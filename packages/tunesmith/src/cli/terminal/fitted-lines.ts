import { wrappedText } from "./wrapped-text.ts";

interface Screen {
  readonly isTerminal: boolean;
  readonly width: number;
}

/** Columns for a text beside `indent` of them; elsewhere than on a terminal a line may be as long as it is, for programs. */
export function lineRoom({ isTerminal, width }: Screen, indent = 0): number {
  return isTerminal ? Math.max(1, width - indent) : Number.POSITIVE_INFINITY;
}

/** A sentence in lines that a terminal shows whole, beside `indent` columns. */
export function fittedLines(screen: Screen, text: string, indent = 0): string[] {
  return wrappedText(text, lineRoom(screen, indent)).split("\n");
}
