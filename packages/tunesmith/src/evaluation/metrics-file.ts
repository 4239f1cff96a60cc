import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { MetricRecord } from "./metric-record.ts";
import { createMetricRecordParser, type MetricRecordParser } from "./metric-record-parser.ts";

export interface MetricsFileOptions {
  readonly path: string;
  /** The key or column that holds the step. Default `step`. */
  readonly stepName?: string;
  /** The key or column that holds the fold. Default `fold`. */
  readonly foldName?: string;
  readonly onRecord: (record: MetricRecord) => void;
}

/** Follows one metrics file while a training writes it. */
export interface MetricsFileReader {
  /**
   * Reads what has been added since the last call; a line without its end is left for later. A file that is not there yet holds
   * nothing. Calls may overlap: they run one after the other.
   * @throws the file system's error when the file is there and cannot be read.
   */
  read(): Promise<void>;
  /**
   * Reads the rest, with a last line that lacks its end if that is a whole JSON object. Call once, when the training has
   * ended.
   */
  close(): Promise<void>;
  /** Lines that were neither a JSON object nor a row with as many cells as the header. */
  readonly badLineCount: number;
}

const newline = 0x0a;
const chunkBytes = 65_536;
const fingerprintBytes = 256;
/** Holds a report of 100,000 metrics; a longer line is bad. */
const maxLineBytes = 8 * 1024 * 1024;

/**
 * Reads JSON lines and CSV (comma, semicolon or tab; the first line is the header), told apart by the first character of the
 * first line. JSON: `{"step":3,"fold":0,"metrics":{…}}`, or flat, `{"epoch":3,"val_loss":0.3}`. Numbers may be strings, so
 * `"NaN"` and `"Infinity"` are read. Only new bytes are read. A file that has become shorter, or whose first 256 bytes changed,
 * was written anew: it is read from its start again, and repeated steps reach the collector, which knows them. Only regular files
 * are read.
 */
export function createMetricsFileReader(options: MetricsFileOptions): MetricsFileReader {
  return new FollowingReader(options);
}

class FollowingReader implements MetricsFileReader {
  readonly #options: MetricsFileOptions;
  #parser: MetricRecordParser;
  #earlierBadLineCount = 0;
  #longLineCount = 0;
  #offset = 0;
  #fingerprint = Buffer.alloc(0);
  /** The beginning of a line whose end has not been read yet. */
  #torn: Buffer[] = [];
  #tornBytes = 0;
  #queue: Promise<void> = Promise.resolve();

  constructor(options: MetricsFileOptions) {
    this.#options = options;
    this.#parser = createMetricRecordParser(options);
  }

  get badLineCount(): number {
    return this.#earlierBadLineCount + this.#longLineCount + this.#parser.badLineCount;
  }

  read(): Promise<void> {
    const run = () => this.#readOnce();
    this.#queue = this.#queue.then(run, run);
    return this.#queue;
  }

  async close(): Promise<void> {
    await this.read();
    const last = Buffer.concat(this.#torn).toString("utf8");
    this.#torn = [];
    if (this.#tornBytes > maxLineBytes) this.#longLineCount++;
    else if (last.trim().length > 0) this.#emit(this.#parser.parseLast(last));
    this.#tornBytes = 0;
  }

  async #readOnce(): Promise<void> {
    const file = await openRegularFile(this.#options.path);
    if (file === undefined) return;
    try {
      const { size } = await file.stat();
      if (size < this.#offset || !(await this.#startsAsBefore(file))) this.#startOver();
      await this.#readUpTo(file, size);
    } finally {
      await file.close();
    }
  }

  async #startsAsBefore(file: FileHandle): Promise<boolean> {
    const start = await readAt(file, 0, Math.min(fingerprintBytes, this.#offset));
    return start.equals(this.#fingerprint);
  }

  #startOver(): void {
    this.#earlierBadLineCount += this.#parser.badLineCount;
    this.#parser = createMetricRecordParser(this.#options);
    this.#offset = 0;
    this.#fingerprint = Buffer.alloc(0);
    this.#torn = [];
    this.#tornBytes = 0;
  }

  /** Stops at the size seen at the start, so a fast writer cannot keep us here. */
  async #readUpTo(file: FileHandle, size: number): Promise<void> {
    while (this.#offset < size) {
      const chunk = await readAt(file, this.#offset, Math.min(chunkBytes, size - this.#offset));
      if (chunk.length === 0) return;
      const missing = fingerprintBytes - this.#fingerprint.length;
      if (missing > 0) this.#fingerprint = Buffer.concat([this.#fingerprint, chunk.subarray(0, missing)]);
      this.#offset += chunk.length;
      this.#take(chunk);
    }
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#keepTorn(chunk.subarray(from, end));
      this.#finishLine();
      from = end + 1;
    }
    this.#keepTorn(chunk.subarray(from));
  }

  #keepTorn(part: Buffer): void {
    if (part.length === 0) return;
    this.#tornBytes += part.length;
    if (this.#tornBytes <= maxLineBytes) this.#torn.push(part);
    else this.#torn = [];
  }

  #finishLine(): void {
    const line = Buffer.concat(this.#torn).toString("utf8");
    if (this.#tornBytes > maxLineBytes) this.#longLineCount++;
    else this.#emit(this.#parser.parse(line));
    this.#torn = [];
    this.#tornBytes = 0;
  }

  #emit(record: MetricRecord | undefined): void {
    if (record !== undefined) this.#options.onRecord(record);
  }
}

/** undefined when there is no such file, or when it is a folder, a pipe or a device: those could block or never end. */
async function openRegularFile(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const isFile = await file.stat().then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isFile) return file;
  await file.close();
  return undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = length === 0 ? { bytesRead: 0 } : await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
