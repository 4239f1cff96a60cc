/** Something wrong with what was written, at a place that the reader of the text can look up. */
export interface PlacedFault {
  readonly at: number;
  /** Dotted keys as written, e.g. `parameters.lr.min`; empty for the whole. */
  readonly path: string;
  /** What was found and what is allowed. */
  readonly message: string;
}

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const longestKey = 60;

/** A text, cut, in which nothing moves the cursor or the text around it. */
export function printable(text: string, longest: number): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(unprintable, "\ufffd");
}

/** A key for a path: short and printable whatever it holds. */
export function printableKey(key: string): string {
  return printable(key, longestKey);
}

export function joinPath(path: string, key: string | number): string {
  const shown = printableKey(String(key));
  return path === "" ? shown : `${path}.${shown}`;
}

/** In the order of their places; of several at one place under one path only the first, which is the nearest to the cause. */
export function sortFaults(faults: readonly PlacedFault[]): readonly PlacedFault[] {
  const seen = new Set<string>();
  const first = faults.filter(({ at, path }) => {
    const key = `${at} ${path}`;
    return !seen.has(key) && seen.add(key);
  });
  return first.sort((a, b) => a.at - b.at);
}
