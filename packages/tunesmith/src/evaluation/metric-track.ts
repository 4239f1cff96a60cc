import { isStep } from "./metric-record.ts";
import { maxMetricNameLength } from "./metrics-from-object.ts";

/** What one step of an attempt gave. */
export interface MetricReport {
  /** An integer from 0 to 2^53 − 1. */
  readonly step: number;
  /** Present only when the process reports several folds. */
  readonly fold?: number;
  /** The objectives first, then what rode along; at most 100 names of at most 200 characters. Values may be NaN or infinite. */
  readonly metrics: ReadonlyMap<string, number>;
}

/** The numbers of one line, step and fold taken out. */
export interface MetricReading {
  readonly step: number | undefined;
  readonly metrics: ReadonlyMap<string, number>;
  readonly redrawn: boolean;
  /** A later line of the same step may give newer values. */
  readonly unfinished: boolean;
}

export interface MetricTrackOptions {
  readonly objectiveNames: readonly string[];
  readonly fold: number | undefined;
  readonly afterStep: number;
  readonly onReport: (report: MetricReport) => void;
}

/** The steps of one attempt, or of one fold of it. */
export interface MetricTrack {
  take(reading: MetricReading): void;
  /** Reports what waits, if it is complete. */
  settle(): void;
  readonly reportCount: number;
  readonly repeatCount: number;
  readonly conflictCount: number;
}

const maxMetricsPerReport = 100;
const rememberedSteps = 4_096;

/** The rules are those of `createMetricCollector`. */
export function createMetricTrack(options: MetricTrackOptions): MetricTrack {
  return new StepTrack(options);
}

class StepTrack implements MetricTrack {
  readonly #options: MetricTrackOptions;
  /** Objective values in their order, by reported step. */
  readonly #reported = new Map<number, readonly number[]>();
  readonly #riders = new Map<string, number>();
  #waiting = new Map<string, number>();
  #waitingStep: number | undefined;
  #latestStep: number | undefined;
  #highestStep: number;
  #countsSteps = false;
  #lastValues: readonly number[] = [];
  reportCount = 0;
  repeatCount = 0;
  conflictCount = 0;

  constructor(options: MetricTrackOptions) {
    this.#options = options;
    this.#highestStep = options.afterStep;
  }

  take(reading: MetricReading): void {
    if (reading.step !== undefined) this.#moveTo(reading.step);
    const objectives = this.#options.objectiveNames.filter((name) => reading.metrics.has(name));
    this.#addRiders(reading.metrics);
    if (objectives.length === 0) return;
    if (this.#latestStep !== undefined && !isStep(this.#latestStep)) this.#countsSteps = true;
    for (const name of objectives) this.#waiting.set(name, reading.metrics.get(name) ?? Number.NaN);
    this.#waitingStep = this.#countsSteps ? undefined : this.#latestStep;
    const isBarRepeat =
      this.#waitingStep === undefined &&
      reading.redrawn &&
      this.#isComplete() &&
      sameValues(this.#waitingValues(), this.#lastValues);
    if (isBarRepeat) this.#waiting.clear();
    else if (!reading.unfinished || this.#waitingStep === undefined) this.settle();
  }

  settle(): void {
    if (!this.#isComplete()) return;
    const values = this.#waitingValues();
    const step = this.#waitingStep ?? Math.min(this.#highestStep + 1, Number.MAX_SAFE_INTEGER);
    const earlier = this.#reported.get(step);
    if (earlier === undefined) this.#report(step, values);
    else if (sameValues(earlier, values)) this.repeatCount++;
    else this.conflictCount++;
    this.#waiting.clear();
    this.#riders.clear();
  }

  /** Another step ends the one that waited; what it lacks of its objectives, it will not get. */
  #moveTo(step: number): void {
    const isOther = !this.#countsSteps && this.#waiting.size > 0 && !Object.is(step, this.#waitingStep);
    if (isOther && this.#waitingStep !== undefined) {
      this.settle();
      this.#waiting.clear();
    }
    this.#latestStep = step;
  }

  #report(step: number, values: readonly number[]): void {
    const metrics = new Map(this.#options.objectiveNames.map((name, index) => [name, values[index]]));
    for (const [name, value] of this.#riders) if (metrics.size < maxMetricsPerReport) metrics.set(name, value);
    this.#reported.set(step, values);
    if (this.#reported.size > rememberedSteps) this.#forgetOldest();
    this.#highestStep = Math.max(this.#highestStep, step);
    this.#lastValues = values;
    this.reportCount++;
    const { fold, onReport } = this.#options;
    onReport(fold === undefined ? { step, metrics } : { step, fold, metrics });
  }

  #forgetOldest(): void {
    for (const step of this.#reported.keys()) {
      this.#reported.delete(step);
      return;
    }
  }

  #addRiders(metrics: ReadonlyMap<string, number>): void {
    for (const [name, value] of metrics) {
      const isRider = name.length <= maxMetricNameLength && !this.#options.objectiveNames.includes(name);
      if (isRider && (this.#riders.has(name) || this.#riders.size < maxMetricsPerReport)) this.#riders.set(name, value);
    }
  }

  #isComplete(): boolean {
    return this.#waiting.size === this.#options.objectiveNames.length;
  }

  #waitingValues(): readonly number[] {
    return this.#options.objectiveNames.map((name) => this.#waiting.get(name) ?? Number.NaN);
  }
}

function sameValues(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}
