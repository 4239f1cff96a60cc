import { formatNumber } from "@tunesmith/protocol";
import { padText, textWidth } from "./text-width.ts";

/** One curve over equally spaced places; null or not finite: nothing there. */
export interface ChartCurve {
  readonly values: readonly (number | null)[];
  /** One column wide. Absent: a line with corners, for a single curve. */
  readonly mark?: string;
}

export interface ChartOptions {
  readonly curves: readonly ChartCurve[];
  /** Single values behind the curves, drawn as dots. */
  readonly dots?: readonly (number | null)[];
  /** Of everything, labels included. */
  readonly width: number;
  /** Rows of the drawing itself. */
  readonly height: number;
  /** The bad side of the scale is cut where it would squeeze the rest. */
  readonly goal: "minimize" | "maximize";
  /** Below the left and the right end. */
  readonly ends: readonly [string, string];
}

const widestColumn = 6;
// Beyond this ratio of positive values a straight scale shows only the largest.
const logFromRatio = 50;

/** A drawing in text: values upwards, places to the right. Empty when there is no finite value to draw. */
export function chart({ curves, dots = [], width, height, goal, ends }: ChartOptions): string[] {
  const scale = chartScale(dots.length > 0 ? dots : curves.flatMap(({ values }) => values), goal);
  if (scale === null) return [];
  const labels = [formatNumber(scale.high, 3), formatNumber(scale.low, 3), ...(scale.isLog ? ["log"] : [])];
  const labelWidth = Math.max(...labels.map(textWidth));
  const placeCount = Math.max(dots.length, ...curves.map(({ values }) => values.length));
  const columns = Math.min(width - labelWidth - 2, placeCount * widestColumn);
  if (columns < 2 || height < 2) return [];
  const grid = Array.from({ length: height }, () => new Array<string>(columns).fill(" "));
  const placeOf = (column: number): number => Math.floor((column * placeCount) / columns);
  const rowOf = (value: number): number => Math.round((1 - scale.share(value)) * (height - 1));
  drawDots(grid, dots, columns, placeCount, scale, rowOf);
  for (const curve of [...curves].reverse()) drawCurve(grid, curve, placeOf, rowOf);
  return [...framed(grid, labels, labelWidth), endsLine(ends, labelWidth, columns)];
}

interface ChartScale {
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  /** Height of a value, clipped to [0, 1]. */
  share(value: number): number;
  holds(value: number): boolean;
}

function chartScale(values: readonly (number | null)[], goal: ChartOptions["goal"]): ChartScale | null {
  const sorted = values.filter((value): value is number => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = goal === "minimize" ? [sorted[0], at(0.9)] : [at(0.1), sorted[sorted.length - 1]];
  const isLog = low > 0 && high / low >= logFromRatio;
  const place = (value: number): number => (isLog ? Math.log(Math.max(value, Number.MIN_VALUE)) : value);
  const span = place(high) - place(low);
  const share = (value: number): number => (span > 0 ? Math.min(1, Math.max(0, (place(value) - place(low)) / span)) : 0.5);
  return { low, high, isLog, share, holds: (value) => value >= low && value <= high };
}

function drawDots(
  grid: string[][],
  dots: readonly (number | null)[],
  columns: number,
  placeCount: number,
  scale: ChartScale,
  rowOf: (value: number) => number,
): void {
  dots.forEach((value, place) => {
    if (value === null || !Number.isFinite(value) || !scale.holds(value)) return;
    grid[rowOf(value)][Math.floor(((place + 0.5) * columns) / placeCount)] = "·";
  });
}

function drawCurve(
  grid: string[][],
  { values, mark }: ChartCurve,
  placeOf: (column: number) => number,
  rowOf: (value: number) => number,
): void {
  let before: number | null = null;
  for (let column = 0; column < grid[0].length; column++) {
    const value = values[placeOf(column)] ?? null;
    if (value === null || !Number.isFinite(value)) {
      before = null;
      continue;
    }
    const row = rowOf(value);
    if (mark !== undefined) grid[row][column] = mark;
    else drawStep(grid, column, before ?? row, row);
    before = row;
  }
}

function drawStep(grid: string[][], column: number, from: number, to: number): void {
  if (from === to) {
    grid[to][column] = "─";
    return;
  }
  const falls = to > from;
  for (let row = Math.min(from, to) + 1; row < Math.max(from, to); row++) grid[row][column] = "│";
  grid[from][column] = falls ? "╮" : "╯";
  grid[to][column] = falls ? "╰" : "╭";
}

/** `middle` is a remark on the scale. */
function framed(grid: readonly string[][], [high, low, middle = ""]: readonly string[], labelWidth: number): string[] {
  const middleRow = grid.length > 2 ? Math.floor((grid.length - 1) / 2) : -1;
  return grid.map((cells, row) => {
    const label = row === 0 ? high : row === grid.length - 1 ? low : "";
    const text = row === middleRow ? middle : label;
    return `${padText(text, labelWidth, "right")} ${label === "" ? "│" : "┤"}${cells.join("")}`.trimEnd();
  });
}

function endsLine([left, right]: readonly [string, string], labelWidth: number, columns: number): string {
  const room = Math.max(1, columns - textWidth(left) - textWidth(right));
  return `${" ".repeat(labelWidth + 2)}${left}${" ".repeat(room)}${right}`;
}
