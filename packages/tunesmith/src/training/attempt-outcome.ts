import type { FailureReason, Metrics, Outcome } from "@tunesmith/core";
import type { FailureLine } from "../evaluation/failure-line.ts";

/** How a process ended. */
export interface ProcessExit {
  /** Null when a signal ended it or it never started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started, or not be watched to its end. */
  readonly startFault: { readonly reason: FailureReason; readonly message: string } | null;
}

/** What is known when a process has ended by itself. */
export interface ExitFacts {
  readonly exit: ProcessExit;
  /** What is put before messages: "" for the training, "evaluate: " for the second command. */
  readonly stage: string;
  /** Looks through the last lines of output; called only on failure. */
  readonly failureLine: () => FailureLine;
  /** Whether the system has ended processes for want of memory lately. */
  readonly systemRanOutOfMemory: () => boolean;
}

const killedCode = 128 + 9;

/** The failure that an exit means (R14), or null after a success. */
export function failureOf(facts: ExitFacts): Extract<Outcome, { kind: "failed" }> | null {
  const { code, signal, startFault } = facts.exit;
  if (startFault !== null) return failed(startFault.reason, facts.stage + startFault.message);
  if (code === 0) return null;
  const { message, outOfMemory } = facts.failureLine();
  const killed = signal === "SIGKILL" || code === killedCode;
  const reason = outOfMemory || (killed && facts.systemRanOutOfMemory()) ? "oom" : signal === null ? "exit" : "signal";
  const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  const hint = killed && reason !== "oom" ? " (not by Tunesmith; often the system, short of memory)" : "";
  return failed(reason, `${facts.stage}${how}${hint}${message === undefined ? "" : `, ${message}`}`);
}

/**
 * The outcome of a successful end.
 * @param missing  Why there is no value; used when an objective is missing.
 */
export function resultOf(metrics: Metrics, objectiveNames: readonly string[], missing: () => string): Outcome {
  const whole = objectiveNames.every((name) => Object.hasOwn(metrics, name));
  return whole ? { kind: "complete", metrics } : failed("no_result", missing());
}

export function failed(reason: FailureReason, message: string): Extract<Outcome, { kind: "failed" }> {
  return { kind: "failed", reason, message };
}

/** 1.5 GiB, 512 MiB: three significant digits at most. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
