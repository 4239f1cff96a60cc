const longestMessage = 2_000;

/** What was thrown, as one line for people that every storage takes. Never throws. */
export function failureMessage(thrown: unknown): string {
  return oneLine(textOf(thrown));
}

/** Line ends become blanks, lone surrogates and NUL replacement characters; cut at 2,000 characters. */
export function oneLine(text: string): string {
  const line = text.trim().replace(/\s*[\r\n]\s*/g, " ");
  const cut = line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
  // With the u flag a surrogate matches only where it is alone.
  return cut.replace(/[\0\uD800-\uDFFF]/gu, "\uFFFD");
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    return `a value of type ${typeof thrown} that has no text`;
  }
}
