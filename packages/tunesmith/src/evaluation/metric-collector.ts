import { isStep, type MetricRecord } from "./metric-record.ts";
import { createMetricTrack, type MetricReport, type MetricTrack } from "./metric-track.ts";
import { metricsFromLine } from "./metrics-from-line.ts";
import { isUnfinishedProgress } from "./unfinished-progress.ts";

export interface MetricCollectorOptions {
  /** Names of the study's objectives, at least one, exactly as printed. */
  readonly objectiveNames: readonly string[];
  /** The key that carries the step (`epoch`), matched without regard to case. Without it, steps are counted. */
  readonly stepName?: string;
  /** The key that carries the fold, when one process reports several. Without it, reports have no fold. */
  readonly foldName?: string;
  /** The step the attempt resumes from; counted steps go on from there. Default 0. */
  readonly afterStep?: number;
  /** Called synchronously for every report, in order. */
  readonly onReport: (report: MetricReport) => void;
}

/** What a collector has seen, to explain what it has not. */
export interface MetricSummary {
  /** Lines that were not empty, and records. */
  readonly lineCount: number;
  readonly reportCount: number;
  /** Repetitions of a reported step with the same values, as several ranks print them. */
  readonly repeatCount: number;
  /** Repetitions of a reported step with other values; the first ones stand. */
  readonly conflictCount: number;
  /** Names of all numbers seen, in the order of their first appearance, at most 200. */
  readonly seenNames: readonly string[];
  /** Objectives never seen. */
  readonly missingNames: readonly string[];
}

/** Turns what one attempt prints into reports. */
export interface MetricCollector {
  /** Takes a line of stdout or stderr. `redrawn` as in `OutputLine`. */
  line(text: string, redrawn?: boolean): void;
  /** Takes a record of a metrics file or of the client. */
  record(record: MetricRecord): void;
  summary(): MetricSummary;
  /** Reports what was still waiting for the end of its step. Call once, when both streams have ended. */
  close(): void;
}

const maxSeenNames = 200;
const maxFold = 9_999;

/**
 * Collects the reports of one attempt.
 *
 * Only lines that carry an objective make a step; numbers on other lines since the last report ride along, at most 100 metrics in
 * a report. With several objectives a step is made when all of them have been seen for it.
 *
 * The step is the value of `stepName` on the line or on the latest line that had it. Without one it is counted: one more than the
 * highest step so far. Once an objective comes with a step that is no integer from 0 to 2^53 − 1 (`epoch=0.5`), steps are counted
 * for the rest of the attempt, because mixing 0.5 → 1 with a real 1 would make two steps one. Steps may descend. A step is reported
 * once; see `repeatCount` and `conflictCount`. That memory reaches back 4,096 steps.
 *
 * A progress bar shows a step's values many times before they are final. So values from a redrawn line, or from a line that shows
 * an unfinished count inside the step (`Epoch [1/2], Step [100/300]`), are kept back until a line that shows none, the next step or
 * the end; with counted steps a redrawn line makes a step unless it repeats the values of the last one.
 */
export function createMetricCollector(options: MetricCollectorOptions): MetricCollector {
  return new AttemptMetricCollector(options);
}

class AttemptMetricCollector implements MetricCollector {
  readonly #options: MetricCollectorOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #tracks = new Map<number | undefined, MetricTrack>();
  readonly #seenNames = new Set<string>();
  readonly #missingNames: Set<string>;
  #fold: number | undefined;
  #lineCount = 0;

  constructor(options: MetricCollectorOptions) {
    this.#options = options;
    this.#missingNames = new Set(options.objectiveNames);
    const keys = [options.stepName, options.foldName].filter((name) => name !== undefined);
    this.#wanted = new Set([...options.objectiveNames, ...keys]);
  }

  line(text: string, redrawn = false): void {
    if (text.length === 0) return;
    this.#lineCount++;
    const metrics = metricsFromLine(text, this.#wanted);
    if (metrics.size === 0) return;
    this.#noteNames(metrics);
    const step = takeOut(metrics, this.#options.stepName);
    const fold = takeOut(metrics, this.#options.foldName);
    this.#trackOf(fold).take({
      step,
      metrics,
      redrawn,
      unfinished: redrawn || isUnfinishedProgress(text, this.#options.stepName),
    });
  }

  record(record: MetricRecord): void {
    this.#lineCount++;
    this.#noteNames(record.metrics);
    const metrics = new Map(record.metrics);
    const step = record.step ?? takeOut(metrics, this.#options.stepName);
    const fold = record.fold ?? takeOut(metrics, this.#options.foldName);
    this.#trackOf(fold).take({ step, metrics, redrawn: false, unfinished: false });
  }

  summary(): MetricSummary {
    const tracks = [...this.#tracks.values()];
    const total = (count: "reportCount" | "repeatCount" | "conflictCount") =>
      tracks.reduce((sum, track) => sum + track[count], 0);
    return {
      lineCount: this.#lineCount,
      reportCount: total("reportCount"),
      repeatCount: total("repeatCount"),
      conflictCount: total("conflictCount"),
      seenNames: [...this.#seenNames],
      missingNames: [...this.#missingNames],
    };
  }

  close(): void {
    for (const track of this.#tracks.values()) track.settle();
  }

  #noteNames(metrics: ReadonlyMap<string, number>): void {
    for (const name of metrics.keys()) {
      this.#missingNames.delete(name);
      if (this.#seenNames.size < maxSeenNames) this.#seenNames.add(name);
    }
  }

  /** The track of the fold named on this line, or else on the latest line that named one. */
  #trackOf(fold: number | undefined): MetricTrack {
    const isNew = this.#options.foldName !== undefined && isStep(fold) && fold <= maxFold && fold !== this.#fold;
    if (isNew) {
      this.#tracks.get(this.#fold)?.settle();
      this.#fold = fold;
    }
    const known = this.#tracks.get(this.#fold);
    if (known !== undefined) return known;
    const { objectiveNames, afterStep = 0, onReport } = this.#options;
    const track = createMetricTrack({ objectiveNames, fold: this.#fold, afterStep, onReport });
    this.#tracks.set(this.#fold, track);
    return track;
  }
}

/** Removes `name`, in whatever case it is written, and gives its value. */
function takeOut(metrics: Map<string, number>, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const key = metrics.has(name) ? name : [...metrics.keys()].find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (key === undefined) return undefined;
  const value = metrics.get(key);
  metrics.delete(key);
  return value;
}
