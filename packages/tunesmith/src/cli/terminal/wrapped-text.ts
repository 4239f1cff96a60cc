import { textWidth } from "./text-width.ts";

// A blank ends a word; beside a wide character (Chinese is written without blanks) a line may end too, but not before what closes.
const pieces =
  /\s*(?:[\p{sc=Han}\u3001-\u3002\uff08-\uff1f][\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f]*|[^\s\p{sc=Han}\uff08]+)/gu;

/** Text in lines of at most `width` columns, broken at blanks and between Chinese characters; a longer word keeps its line. */
export function wrappedText(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrappedLine(line, width))
    .join("\n");
}

function wrappedLine(line: string, width: number): string[] {
  if (textWidth(line) <= width) return [line];
  const lines: string[] = [];
  let last = "";
  for (const piece of line.match(pieces) ?? []) {
    if (last === "" || textWidth(last) + textWidth(piece) <= width) last += piece;
    else {
      lines.push(last);
      last = piece.trimStart();
    }
  }
  return [...lines, last];
}
