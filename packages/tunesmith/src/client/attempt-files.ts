import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The files of an attempt folder (`TUNESMITH_DIR`), through which a training script and the runner talk:
 *
 * - `params.json`: written by the runner before the start, see {@link AttemptSettings};
 * - `reports.jsonl`: appended by the script, one {@link Report} a line;
 * - `decision.json`: replaced by the runner (by rename), always the latest {@link LatestDecision}.
 */

/** What the script should do after a step; on "pause" and "stop" it saves and leaves. */
export type Decision = "continue" | "pause" | "stop";

export type ParameterValue = string | number | boolean | null;

export interface AttemptSettings {
  readonly params: { readonly [name: string]: ParameterValue };
  readonly trial: number;
  readonly replicate: number;
  readonly attempt: number;
  readonly seed: number;
  /** How far to train, in the fidelity's unit; null without a fidelity. */
  readonly fidelity: number | null;
  readonly fidelity_max: number | null;
  /** The steps at which `report` waits for the runner's answer; null where any may bring a decision, and none is waited for. */
  readonly decision_steps?: readonly number[] | null;
  /** Only a report with one of these metrics is answered; absent means any. */
  readonly objectives?: readonly string[];
}

/** Non-finite numbers are the texts "NaN", "Infinity" and "-Infinity", because JSON has no others. */
export interface Report {
  readonly step: number;
  readonly fold?: number;
  readonly metrics: { readonly [name: string]: number | string };
}

export interface LatestDecision {
  /** The step it was taken at. */
  readonly step: number;
  readonly decision: Decision;
  readonly rule: string;
  readonly seq: number;
}

export function readSettings(folder: string): AttemptSettings {
  return JSON.parse(readFileSync(join(folder, "params.json"), "utf8")) as AttemptSettings;
}

/** Adds one line with one write, so that the runner never sees half of one. */
export function appendReport(folder: string, report: Report): void {
  appendFileSync(join(folder, "reports.jsonl"), `${JSON.stringify(report)}\n`);
}

/** The latest decision; `undefined` when there is none, or a network folder is between two versions. */
export function readDecision(folder: string): LatestDecision | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "decision.json"), "utf8")) as LatestDecision;
  } catch {
    return undefined;
  }
}
