export type OutputStream = "stdout" | "stderr";

/** The files of an attempt's log, in the order of their content. Short logs have only the first. */
export const logFiles = { head: "output.log", previousTail: "output.tail-previous.log", tail: "output.tail.log" } as const;

/** What every line begins with, so that a line of the training cannot pass for one of ours. */
export const logMarks = { stdout: "| ", stderr: "! ", notice: "# " } as const;

const segmentStart = "# output from byte ";

/** The first line of a tail file: how many bytes of output came before it. */
export function startOfSegment(position: number): string {
  return `${segmentStart}${position}\n`;
}

/** The number in a line made by `startOfSegment`; undefined for any other line. */
export function positionOfSegment(line: string): number | undefined {
  return line.startsWith(segmentStart) ? Number(line.slice(segmentStart.length)) : undefined;
}
