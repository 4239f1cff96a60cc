import { csvDelimiterOf, splitCsvRow } from "./csv-row.ts";
import type { MetricRecord } from "./metric-record.ts";
import { addMetricsOfObject, isPlainObject, maxMetricNameLength, parseJsonObject } from "./metrics-from-object.ts";
import { parseNumber } from "./scan-number.ts";

export interface MetricRecordParserOptions {
  /** Default `step`. */
  readonly stepName?: string;
  /** Default `fold`. */
  readonly foldName?: string;
}

/** Parses the lines of one metrics file, in order. */
export interface MetricRecordParser {
  /** The record of a line; undefined for empty lines, the CSV header, bad lines and lines without a number. */
  parse(line: string): MetricRecord | undefined;
  /**
   * The same for a last line without its end, which counts only as a whole JSON object: a CSV cell may have lost its last
   * digits.
   */
  parseLast(line: string): MetricRecord | undefined;
  readonly badLineCount: number;
}

interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/** The formats are those of `createMetricsFileReader`. */
export function createMetricRecordParser(options: MetricRecordParserOptions): MetricRecordParser {
  return new FirstLineParser(options.stepName ?? "step", options.foldName ?? "fold");
}

class FirstLineParser implements MetricRecordParser {
  readonly #stepName: string;
  readonly #foldName: string;
  #format: "json" | CsvHeader | undefined;
  badLineCount = 0;

  constructor(stepName: string, foldName: string) {
    this.#stepName = stepName;
    this.#foldName = foldName;
  }

  parse(line: string): MetricRecord | undefined {
    const row = line.replace(/^\uFEFF/, "").replace(/\r$/, "");
    const text = row.trim();
    if (text.length === 0) return undefined;
    if (this.#format === undefined) {
      this.#format = text.startsWith("{") ? "json" : headerOf(row);
      if (this.#format !== "json") return undefined;
    }
    return this.#format === "json" ? this.#parseJson(text) : this.#parseRow(row, this.#format);
  }

  parseLast(line: string): MetricRecord | undefined {
    const isJson = this.#format === "json" || (this.#format === undefined && line.trimStart().startsWith("{"));
    if (isJson) return this.parse(line);
    this.badLineCount++;
    return undefined;
  }

  #parseJson(text: string): MetricRecord | undefined {
    const object = parseJsonObject(text);
    if (object === undefined) return this.#bad();
    const metrics = new Map<string, number>();
    if (!isPlainObject(object.metrics)) {
      addMetricsOfObject(metrics, object);
      return this.#recordOf(metrics);
    }
    addMetricsOfObject(metrics, object.metrics);
    return recordWith(numberOf(object[this.#stepName] ?? object.step), numberOf(object[this.#foldName]), metrics);
  }

  #parseRow(line: string, header: CsvHeader): MetricRecord | undefined {
    const cells = splitCsvRow(line, header.delimiter);
    if (cells.length !== header.names.length) return this.#bad();
    const metrics = new Map<string, number>();
    for (const [index, name] of header.names.entries()) {
      const value = parseNumber(cells[index]);
      const isNamed = name.length > 0 && name.length <= maxMetricNameLength;
      if (value !== undefined && isNamed) metrics.set(name, value);
    }
    return this.#recordOf(metrics);
  }

  /** Takes step and fold from among the numbers. */
  #recordOf(metrics: Map<string, number>): MetricRecord | undefined {
    const step = metrics.get(this.#stepName);
    const fold = metrics.get(this.#foldName);
    metrics.delete(this.#stepName);
    metrics.delete(this.#foldName);
    return recordWith(step, fold, metrics);
  }

  #bad(): undefined {
    this.badLineCount++;
    return undefined;
  }
}

function headerOf(row: string): CsvHeader {
  const delimiter = csvDelimiterOf(row);
  return { delimiter, names: splitCsvRow(row, delimiter).map((name) => name.trim()) };
}

function recordWith(
  step: number | undefined,
  fold: number | undefined,
  metrics: ReadonlyMap<string, number>,
): MetricRecord | undefined {
  if (metrics.size === 0) return undefined;
  return { ...(step === undefined ? {} : { step }), ...(fold === undefined ? {} : { fold }), metrics };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseNumber(value) : undefined;
}
