import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { logFiles, logMarks, type OutputStream, positionOfSegment } from "./log-format.ts";

/** A line of the training, or a notice of ours in between. */
export interface LogLine {
  readonly from: OutputStream | "notice";
  readonly text: string;
}

/**
 * The log that `createOutputLog` left in an attempt's folder, or has written so far; empty when there is none. Where the middle
 * was left out, a notice says how many bytes.
 *
 * @param options.tailLines  Only the last so many lines.
 * @throws the file system's error when a file is there and cannot be read.
 */
export async function readLog(folder: string, options: { readonly tailLines?: number } = {}): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let position = 0;
  for (const name of [logFiles.head, logFiles.previousTail, logFiles.tail]) {
    const text = await readIfThere(join(folder, name));
    const firstEnd = text.indexOf("\n");
    const start = positionOfSegment(text.slice(0, Math.max(firstEnd, 0)));
    const body = start === undefined ? text : text.slice(firstEnd + 1);
    if (start !== undefined && start > position) lines.push({ from: "notice", text: `… ${start - position} bytes left out …` });
    position = (start ?? position) + Buffer.byteLength(body);
    for (const line of body.split("\n")) if (line.length > 0) lines.push(logLineOf(line));
  }
  const { tailLines } = options;
  return tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines));
}

function logLineOf(line: string): LogLine {
  const from = line.startsWith(logMarks.stderr) ? "stderr" : line.startsWith(logMarks.notice) ? "notice" : "stdout";
  return { from, text: line.slice(logMarks[from].length) };
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
