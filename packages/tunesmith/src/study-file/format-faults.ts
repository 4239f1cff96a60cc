/** Something wrong with a study file. */
export interface FileFault {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Dotted keys as written, e.g. `parameters.lr.min`; empty for the whole file. */
  readonly path: string;
  /** What was found and what is allowed. */
  readonly message: string;
}

/** Something wrong with a flag. */
export interface FlagFault {
  /** As typed, e.g. `--param lr=0..1:log`; `command` for what stands behind `--`. */
  readonly flag: string;
  readonly message: string;
}

const widestColumn = 40;
const mostLines = 50;

/** The faults of a file as they are printed: a headline, then `line:column  path    message` in columns. */
export function formatFaults(fileName: string, faults: readonly FileFault[]): string {
  return table(
    fileName,
    faults.map(({ line, column, path, message }) => ({ places: [`${line}:${column}`, path], message })),
  );
}

/** The faults of flags as they are printed: a headline, then `flag    message` in columns. */
export function formatFlagFaults(faults: readonly FlagFault[]): string {
  return table(
    "command line",
    faults.map(({ flag, message }) => ({ places: [flag], message })),
  );
}

interface Row {
  readonly places: readonly string[];
  readonly message: string;
}

function table(where: string, all: readonly Row[]): string {
  const rows = all.slice(0, mostLines);
  const widths = (rows[0]?.places ?? []).map((_, column) =>
    Math.min(widestColumn, Math.max(...rows.map(({ places }) => places[column].length))),
  );
  const lines = rows.map(
    ({ places, message }) => `  ${places.map((place, column) => place.padEnd(widths[column])).join("  ")}    ${message}`,
  );
  if (all.length > rows.length) lines.push(`  … and ${all.length - rows.length} more`);
  return [`${where}: ${all.length} ${all.length === 1 ? "fault" : "faults"}, nothing was started`, ...lines].join("\n");
}
