import { type FileHandle, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { OutputLine } from "./line-splitter.ts";
import { logFiles, logMarks, type OutputStream, startOfSegment } from "./log-format.ts";
import { createOutputTail, type OutputTail } from "./output-tail.ts";

export interface OutputLogOptions {
  /** The attempt's folder; it exists. */
  readonly folder: string;
  /** Most bytes the files take together, a few dozen bytes of marks apart. Default 10 MiB. */
  readonly limitBytes?: number;
}

export interface OutputLogSummary {
  /** Bytes of all lines taken, marks and line ends included. */
  readonly takenBytes: number;
  /** Bytes that never reached a file, because the disk was slower than the training for too long or failed. */
  readonly lostBytes: number;
  /** Why the log stopped, if it did: the file system's words. */
  readonly fault: string | undefined;
}

/** Captures what one attempt prints. */
export interface OutputLog {
  /**
   * Takes a line; never waits and never throws. A redrawn line is replaced by the stream's next line unless that is empty,
   * as on a terminal.
   */
  write(line: OutputLine, stream: OutputStream): void;
  /**
   * The last lines, oldest first, of both streams or of one; from memory, at most 200 of each stream and 2,000 characters of
   * each line.
   */
  tail(count: number, stream?: OutputStream): string[];
  /** Writes what is left and closes the files. A full disk is no reason to fail a training: it is told in `fault`. */
  close(): Promise<OutputLogSummary>;
}

const maxQueuedBytes = 4 * 1024 * 1024;

/**
 * A log of bounded size: the first half of `limitBytes`, and the end of the output in two files that take turns, so between a
 * quarter and a half of the limit. `readLog` puts them together and says how much is missing between them. Both streams go to one
 * file in the order they came, each line with a mark, `| ` for stdout and `! ` for stderr. Appends are batched; what a slow disk
 * cannot take within 4 MiB of memory is lost and counted, rather than holding up the training. After the first failed write
 * nothing more is written.
 */
export function createOutputLog(options: OutputLogOptions): OutputLog {
  return new SegmentedLog(options.folder, options.limitBytes ?? 10 * 1024 * 1024);
}

class SegmentedLog implements OutputLog {
  readonly #folder: string;
  readonly #headBytes: number;
  readonly #segmentBytes: number;
  readonly #tail: OutputTail = createOutputTail();
  readonly #redrawn: { stdout: string | undefined; stderr: string | undefined } = { stdout: undefined, stderr: undefined };
  #queue: string[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #isHead = true;
  #fileBytes = 0;
  #position = 0;
  #takenBytes = 0;
  #lostBytes = 0;
  /** Bytes lost since the last line that was queued. */
  #lostInGap = 0;
  #fault: string | undefined;

  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#headBytes = Math.floor(limitBytes / 2);
    this.#segmentBytes = Math.floor(limitBytes / 4);
  }

  write(line: OutputLine, stream: OutputStream): void {
    const earlier = this.#redrawn[stream];
    this.#redrawn[stream] = undefined;
    if (earlier !== undefined && line.text === "") this.#take(earlier, stream);
    else if (line.redrawn) this.#redrawn[stream] = line.text;
    else this.#take(line.text, stream);
  }

  tail(count: number, stream?: OutputStream): string[] {
    return this.#tail.last(count, stream);
  }

  async close(): Promise<OutputLogSummary> {
    for (const stream of ["stdout", "stderr"] as const) {
      const text = this.#redrawn[stream];
      if (text !== undefined) this.#take(text, stream);
      this.#redrawn[stream] = undefined;
    }
    await this.#draining;
    await this.#file?.close().catch((error: unknown) => this.#fail(error));
    this.#file = undefined;
    return { takenBytes: this.#takenBytes, lostBytes: this.#lostBytes, fault: this.#fault };
  }

  #take(text: string, stream: OutputStream): void {
    this.#tail.add(text, stream);
    const line = `${logMarks[stream]}${text.replaceAll("\n", " ")}\n`;
    const bytes = Buffer.byteLength(line);
    this.#takenBytes += bytes;
    if (this.#fault !== undefined || this.#queuedBytes + bytes > maxQueuedBytes) {
      this.#lostBytes += bytes;
      this.#lostInGap += bytes;
      return;
    }
    if (this.#lostInGap > 0) this.#enqueue(`${logMarks.notice}… ${this.#lostInGap} bytes lost: the disk was too slow …\n`);
    this.#lostInGap = 0;
    this.#enqueue(line);
    this.#draining ??= this.#drain();
  }

  #enqueue(line: string): void {
    this.#queue.push(line);
    this.#queuedBytes += Buffer.byteLength(line);
  }

  async #drain(): Promise<void> {
    // Lines of the same turn of the event loop go to disk together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      const bytes = this.#queuedBytes;
      this.#queue = [];
      this.#queuedBytes = 0;
      try {
        await this.#append(lines);
      } catch (error) {
        this.#fail(error);
        this.#lostBytes += bytes + this.#queuedBytes;
        this.#queue = [];
        this.#queuedBytes = 0;
      }
    }
    this.#draining = undefined;
  }

  #fail(error: unknown): void {
    this.#fault ??= error instanceof Error ? error.message : String(error);
  }

  /** Writes lines in as few pieces as the segments allow. */
  async #append(lines: readonly string[]): Promise<void> {
    let piece: string[] = [];
    for (const line of lines) {
      const bytes = Buffer.byteLength(line);
      const limit = this.#isHead ? this.#headBytes : this.#segmentBytes;
      if (this.#fileBytes + bytes > limit && (this.#fileBytes > 0 || this.#isHead)) {
        await this.#writePiece(piece);
        piece = [];
        await this.#nextSegment();
      }
      piece.push(line);
      this.#fileBytes += bytes;
      this.#position += bytes;
    }
    await this.#writePiece(piece);
  }

  async #writePiece(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    this.#file ??= await open(join(this.#folder, logFiles.head), "w");
    await this.#file.appendFile(lines.join(""));
  }

  async #nextSegment(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    const tail = join(this.#folder, logFiles.tail);
    if (!this.#isHead) await rename(tail, join(this.#folder, logFiles.previousTail));
    this.#file = await open(tail, "w");
    await this.#file.appendFile(startOfSegment(this.#position));
    this.#isHead = false;
    this.#fileBytes = 0;
  }
}
