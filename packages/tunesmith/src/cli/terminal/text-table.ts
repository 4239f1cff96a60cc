import { padText, textWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows under titles, columns as wide as their content, two spaces between; no lines, no trailing spaces. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) => Math.max(textWidth(title), ...rows.map((row) => textWidth(row[i] ?? ""))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => padText(cell, widths[i], columns[i].align))
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}
