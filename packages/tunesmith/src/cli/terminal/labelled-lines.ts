import { padText, textWidth } from "./text-width.ts";

/** A label and what belongs to it, one or more lines. */
export type LabelledLine = readonly [label: string, ...texts: readonly string[]];

/** Labels in one column, their lines beside them, further lines below; entries without a line are left out. */
export function labelledLines(entries: readonly LabelledLine[], label: (text: string) => string = (text) => text): string[] {
  const kept = entries.filter(([, ...texts]) => texts.length > 0);
  const width = Math.max(0, ...kept.map(([name]) => textWidth(name)));
  return kept.flatMap(([name, ...texts]) =>
    texts.map((text, i) => `${i === 0 ? label(padText(name, width)) : " ".repeat(width)}  ${text}`.trimEnd()),
  );
}
