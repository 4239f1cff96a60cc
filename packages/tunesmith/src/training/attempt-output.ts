import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Metrics } from "@tunesmith/core";
import { type FailureLine, failureLine } from "../evaluation/failure-line.ts";
import { createLineSplitter, type LineSplitter, type OutputLine } from "../evaluation/line-splitter.ts";
import type { OutputStream } from "../evaluation/log-format.ts";
import { createMetricCollector, type MetricCollector } from "../evaluation/metric-collector.ts";
import type { MetricRecord } from "../evaluation/metric-record.ts";
import { createMetricsFileReader, type MetricsFileReader } from "../evaluation/metrics-file.ts";
import { metricsFromLine } from "../evaluation/metrics-from-line.ts";
import { explainMissing } from "../evaluation/missing-metric.ts";
import { createOutputLog, type OutputLog } from "../evaluation/output-log.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { TrainingOptions } from "./training-options.ts";

export interface AttemptOutputOptions {
  readonly folder: AttemptFolder;
  readonly training: Pick<TrainingOptions, "objectiveNames" | "stepName" | "evaluate">;
  /** The study's own metrics file, absolute; null without. */
  readonly metricsFile: string | null;
  /** Step of the checkpoint it continues from, or 0. */
  readonly afterStep: number;
  readonly onReport: (step: number, metrics: Metrics) => void;
}

/**
 * Everything an attempt says: its two streams, its metrics file and what the client appends, brought into one order.
 *
 * A file speaks more exactly than printed lines: where the client or a metrics file is in use, printed lines only go to the log.
 */
export interface AttemptOutput {
  take(chunk: Uint8Array, stream: OutputStream): void;
  /** Reads the files from now on whenever something is added to them. The folder is there; called at most once. */
  watch(): void;
  /** Reads what has been added to the files. While held, it waits for the release. */
  readFiles(): Promise<void>;
  hold(held: boolean): void;
  /** The streams of a command have ended: takes what is left in them and in the files. From then on a second command speaks. */
  endStage(): Promise<void>;
  /** Whether the client answers to `decision.json`. */
  readonly usesClient: boolean;
  /** Latest values: the training's last report, with what the second command said laid over it. */
  readonly metrics: Metrics;
  /** Whether any report was made or the second command said anything. */
  readonly hasMetrics: boolean;
  missing(): string;
  failureLine(): FailureLine;
  /** Files of the log are closed after this. */
  close(): Promise<void>;
}

const failureLineCount = 200;
const pollMs = 300;

export function createAttemptOutput(options: AttemptOutputOptions): AttemptOutput {
  return new ObservedOutput(options);
}

interface FollowedFile {
  readonly path: string;
  readonly reader: MetricsFileReader;
  /** What lay there when the attempt began; untouched, it is of an earlier one. */
  readonly before: string;
  seen: boolean;
}

class ObservedOutput implements AttemptOutput {
  readonly #options: AttemptOutputOptions;
  readonly #log: OutputLog;
  readonly #collector: MetricCollector;
  readonly #wanted: ReadonlySet<string>;
  readonly #needsParts: boolean;
  readonly #files: readonly FollowedFile[];
  #watcher: FSWatcher | null = null;
  #poll: NodeJS.Timeout | null = null;
  #splitters: Readonly<Record<OutputStream, LineSplitter>> = newSplitters();
  #training: Metrics = {};
  #hasReport = false;
  /** Objectives of the training that made no report, because the second command tells the others. */
  readonly #parts = new Map<string, number>();
  readonly #later = new Map<string, number>();
  #isTraining = true;
  #held = false;
  #reading: Promise<void> | null = null;
  #readAgain = false;

  constructor(options: AttemptOutputOptions) {
    this.#options = options;
    const { folder, metricsFile, training } = options;
    this.#log = createOutputLog({ folder: folder.dir });
    this.#wanted = new Set(training.objectiveNames);
    this.#needsParts = training.evaluate !== null && training.objectiveNames.length > 1;
    this.#collector = createMetricCollector({
      objectiveNames: training.objectiveNames,
      stepName: training.stepName ?? undefined,
      afterStep: options.afterStep,
      onReport: ({ step, metrics }) => this.#report(step, metrics),
    });
    this.#files = [folder.reportsFile, metricsFile ?? folder.metricsFile].map((path) => this.#follow(path));
  }

  get usesClient(): boolean {
    return isThere(this.#files[0]);
  }

  get metrics(): Metrics {
    return { ...Object.fromEntries(this.#parts), ...this.#training, ...Object.fromEntries(this.#later) };
  }

  get hasMetrics(): boolean {
    return this.#hasReport || this.#later.size > 0;
  }

  take(chunk: Uint8Array, stream: OutputStream): void {
    this.#takeLines(this.#splitters[stream].push(chunk), stream);
  }

  watch(): void {
    const { folder, metricsFile } = this.#options;
    this.#watcher = this.#watchFolder(folder);
    const mustPoll = this.#watcher === null || metricsFile !== null;
    if (mustPoll) this.#poll = setInterval(() => void this.readFiles(), pollMs);
    void this.readFiles();
  }

  readFiles(): Promise<void> {
    if (this.#held || this.#reading !== null) this.#readAgain = true;
    else this.#reading = this.#readAll().finally(() => this.#afterReading());
    return this.#reading ?? Promise.resolve();
  }

  hold(held: boolean): void {
    this.#held = held;
    if (!held && this.#readAgain) void this.readFiles();
  }

  async endStage(): Promise<void> {
    for (const stream of ["stdout", "stderr"] as const) {
      this.#takeLines(this.#splitters[stream].end(), stream);
    }
    this.#splitters = newSplitters();
    await this.#reading;
    for (const file of this.#files)
      if (isThere(file)) await ignoreUnreadable(this.#isTraining ? file.reader.close() : file.reader.read());
    if (this.#isTraining) this.#collector.close();
    this.#isTraining = false;
  }

  missing(): string {
    return (
      explainMissing(this.#collector.summary()) ??
      `no ${this.#options.training.objectiveNames.filter((name) => !Object.hasOwn(this.metrics, name)).join(", ")}`
    );
  }

  failureLine(): FailureLine {
    return failureLine(this.#log.tail(failureLineCount, "stderr"), this.#log.tail(failureLineCount, "stdout"));
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    if (this.#poll !== null) clearInterval(this.#poll);
    await this.#reading;
    await this.#log.close();
  }

  #takeLines(lines: readonly OutputLine[], stream: OutputStream): void {
    const onlyLogged = lines.length === 0 || this.#filesSpeak();
    for (const line of lines) {
      this.#log.write(line, stream);
      if (!onlyLogged) this.#takeLine(line);
    }
  }

  #takeLine(line: OutputLine): void {
    if (!this.#isTraining) {
      this.#lay(metricsFromLine(line.text, this.#wanted), this.#later);
      return;
    }
    this.#collector.line(line.text, line.redrawn);
    if (this.#needsParts) this.#layWanted(metricsFromLine(line.text, this.#wanted));
  }

  #takeRecord(record: MetricRecord): void {
    if (!this.#isTraining) {
      this.#lay(record.metrics, this.#later);
      return;
    }
    this.#collector.record(record);
    if (this.#needsParts) this.#layWanted(record.metrics);
  }

  #layWanted(metrics: ReadonlyMap<string, number>): void {
    for (const [name, value] of metrics) if (this.#wanted.has(name)) this.#parts.set(name, value);
  }

  #lay(metrics: ReadonlyMap<string, number>, over: Map<string, number>): void {
    for (const [name, value] of metrics) over.set(name, value);
  }

  #report(step: number, metrics: ReadonlyMap<string, number>): void {
    this.#training = Object.fromEntries(metrics);
    this.#hasReport = true;
    this.#options.onReport(step, this.#training);
  }

  /** Printed lines of a second command count in any case: it may know nothing of the files. */
  #filesSpeak(): boolean {
    return this.#isTraining && this.#files.some(isThere);
  }

  #follow(path: string): FollowedFile {
    const reader = createMetricsFileReader({
      path,
      stepName: this.#options.training.stepName ?? undefined,
      onRecord: (record) => this.#takeRecord(record),
    });
    return { path, reader, before: stampOf(path), seen: false };
  }

  #watchFolder(folder: AttemptFolder): FSWatcher | null {
    const names = new Set(this.#files.filter(({ path }) => dirname(path) === folder.dir).map(({ path }) => basename(path)));
    try {
      const watcher = watch(folder.dir, { persistent: false }, (_, name) => {
        if (name !== null && names.has(name)) void this.readFiles();
      });
      // A folder that is taken away is no news: what was in it is gone.
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return null; // no watches left, or a file system without: polled instead
    }
  }

  async #readAll(): Promise<void> {
    do {
      this.#readAgain = false;
      for (const file of this.#files) if (isThere(file)) await ignoreUnreadable(file.reader.read());
    } while (this.#readAgain && !this.#held);
  }

  #afterReading(): void {
    this.#reading = null;
    if (this.#readAgain && !this.#held) void this.readFiles();
  }
}

function newSplitters(): Readonly<Record<OutputStream, LineSplitter>> {
  return { stdout: createLineSplitter(), stderr: createLineSplitter() };
}

function isThere(file: FollowedFile): boolean {
  if (!file.seen) {
    const stamp = stampOf(file.path);
    file.seen = stamp !== "" && stamp !== file.before;
  }
  return file.seen;
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

/** A metrics file made unreadable holds nothing we can know; the missing value says so at the end. */
async function ignoreUnreadable(reading: Promise<void>): Promise<void> {
  await reading.catch(() => undefined);
}
