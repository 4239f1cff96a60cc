/**
 * The cells of one CSV line. A cell may be quoted with `"`, a quote in it doubled; a quoted cell cannot span lines. Cells are not
 * trimmed.
 *
 * Cost: O(length of the line).
 * Source: Y. Shafranovich (2005), RFC 4180, section 2. https://doi.org/10.17487/RFC4180
 */
export function splitCsvRow(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const cell = line[at] === '"' ? quotedCell(line, at + 1, delimiter) : plainCell(line, at, delimiter);
    cells.push(cell.text);
    if (cell.end >= line.length) return cells;
    at = cell.end + 1;
  }
}

/** The delimiter of a header line: whichever of tab, `;` and `,` comes first; `,` for a single column. */
export function csvDelimiterOf(header: string): string {
  return /[\t;,]/.exec(header)?.[0] ?? ",";
}

interface Cell {
  readonly text: string;
  /** Index of the delimiter behind the cell, or the line's length. */
  readonly end: number;
}

function plainCell(line: string, start: number, delimiter: string): Cell {
  const next = line.indexOf(delimiter, start);
  const end = next < 0 ? line.length : next;
  return { text: line.slice(start, end), end };
}

function quotedCell(line: string, start: number, delimiter: string): Cell {
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const quote = line.indexOf('"', at);
    const end = quote < 0 ? line.length : quote;
    parts.push(line.slice(at, end));
    if (line[end + 1] !== '"') {
      const rest = plainCell(line, Math.min(end + 1, line.length), delimiter);
      return { text: parts.join("") + rest.text, end: rest.end };
    }
    parts.push('"');
    at = end + 2;
  }
}
