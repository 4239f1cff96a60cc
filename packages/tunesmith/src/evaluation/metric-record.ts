/** The numbers of one moment of a training, as a line, a row or a client gave them. */
export interface MetricRecord {
  /** As printed; may be no integer. Absent when nothing said it. */
  readonly step?: number;
  /** The fold it belongs to, when the process reports several. */
  readonly fold?: number;
  readonly metrics: ReadonlyMap<string, number>;
}

/** Steps are the integers 0 to 2^53 − 1; so are folds. */
export function isStep(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
