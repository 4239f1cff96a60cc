import type { OutputStream } from "./log-format.ts";

/** The last lines of both streams, in memory. */
export interface OutputTail {
  add(text: string, stream: OutputStream): void;
  /** At most `count` lines, oldest first. */
  last(count: number, stream?: OutputStream): string[];
}

interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

const keptLines = 200;
const keptCharacters = 2_000;

/** Each stream keeps its own 200 lines, so a flood on one does not push out the error on the other. */
export function createOutputTail(): OutputTail {
  const lines: Readonly<Record<OutputStream, NumberedLine[]>> = { stdout: [], stderr: [] };
  let lineCount = 0;
  return {
    add(text, stream) {
      const kept = lines[stream];
      kept.push({ number: lineCount++, text: text.length > keptCharacters ? `${text.slice(0, keptCharacters)}…` : text });
      // Cut back in batches: removing the first line at every call would cost the length of the array each time.
      if (kept.length >= 2 * keptLines) kept.splice(0, kept.length - keptLines);
    },
    last(count, stream) {
      if (count <= 0) return [];
      const of = (name: OutputStream) => (stream === undefined || stream === name ? lines[name].slice(-keptLines) : []);
      const all = [...of("stdout"), ...of("stderr")].sort((a, b) => a.number - b.number);
      return all.slice(-count).map((line) => line.text);
    },
  };
}
