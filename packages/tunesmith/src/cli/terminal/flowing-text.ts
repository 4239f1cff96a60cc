import { textWidth } from "./text-width.ts";

/** Pieces beside each other, three blanks between, in as many lines of `width` columns as they need. */
export function flowingText(pieces: readonly string[], width: number, gap = "   "): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const longer = line === "" ? piece : `${line}${gap}${piece}`;
    if (line !== "" && textWidth(longer) > width) {
      lines.push(line);
      line = piece;
    } else line = longer;
  }
  if (line !== "") lines.push(line);
  return lines;
}
