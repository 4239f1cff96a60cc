import type { JsonObject } from "../json.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";

/** Decides for how long trials train. Pure: the answer depends on problem, history and the arguments only. */
export interface Scheduler {
  readonly type: string;
  readonly version: number;
  readonly options: JsonObject;
  /** Why it cannot serve this problem, one sentence; null if it can. */
  refuse(problem: Problem): string | null;
  /** Bracket and target fidelity of a new trial. */
  start(problem: Problem, history: History, trialNumber: number): { readonly target: number | null; readonly bracket: number };
  /** A paused trial that should go on, and to which fidelity; null if none. */
  resume(problem: Problem, history: History): { readonly trial: number; readonly target: number } | null;
  /** Asked once after each new fidelity of a trial has entered the history. */
  onReport(problem: Problem, history: History, row: number): Decision;
  /** Fidelities at which `onReport` may answer other than continue, ascending; training waits for the answer there. Null = any. */
  decisionFidelities(problem: Problem, bracket: number): readonly number[] | null;
}
