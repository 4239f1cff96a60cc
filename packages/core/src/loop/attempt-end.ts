import type { Problem } from "../trial/problem.ts";
import type { Decision, Metrics, Outcome, Report, StoredReport, Trial } from "../trial/trial.ts";
import type { Job } from "./engine.ts";
import { resultFault, resultMetrics, trialResult } from "./trial-result.ts";

/**
 * What goes on record about the end of an attempt: the training's word as the rules see it that hold for every engine.
 *
 * A decision other than continue stands whatever the training said since (but for a failure on the way to a pause); below the greatest
 * fidelity an end is a pause; without finite values nothing is complete.
 *
 * @param reports  Of the trial, all attempts.
 */
export function settledOutcome(
  { objectives }: Problem,
  job: Job,
  said: Outcome,
  decision: Decision | null,
  reports: readonly StoredReport[],
): Outcome {
  const metrics = (final: Metrics | null) => resultMetrics(acceptedReports(reports, job.ref.replicate), final, objectives);
  if (decision?.kind === "pause" && said.kind !== "failed") return { kind: "paused" };
  if (decision?.kind === "stop") return { kind: "stopped", why: decision.why, metrics: metrics(null) };
  if (said.kind === "stopped") return { ...said, metrics: metrics(said.metrics) };
  if (said.kind !== "complete") return said;
  if (job.target !== null && job.maxFidelity !== null && job.target < job.maxFidelity) return { kind: "paused" };
  const result = metrics(said.metrics) ?? {};
  const fault = resultFault(result, objectives);
  return fault === null ? { kind: "complete", metrics: result } : { kind: "failed", ...fault };
}

/** The values of the trial if this end finishes it: the mean over this replicate and those that are complete; else null. */
export function resultOfEnd(
  { objectives }: Problem,
  { ref, confirm }: Job,
  trial: Trial,
  outcome: Outcome,
): ReturnType<typeof trialResult> | null {
  if (confirm || (outcome.kind !== "complete" && outcome.kind !== "stopped") || outcome.metrics === null) return null;
  const others = trial.replicates.filter((each) => !each.confirm && each.index !== ref.replicate);
  if (outcome.kind === "complete" && others.some(({ state }) => state !== "complete")) return null;
  const done = others.flatMap(({ state, metrics }) => (state === "complete" && metrics !== null ? [metrics] : []));
  const result = trialResult([...done, outcome.metrics], objectives);
  const isKnown = result.values?.every((value) => !Number.isNaN(value));
  return isKnown ? result : { ...result, values: null, standardErrors: null };
}

/** The reports of one replicate that count: a newer attempt's replace the older ones' from its first step on. Ascending by step. */
export function acceptedReports(reports: readonly StoredReport[], replicate: number): readonly Report[] {
  const own = reports.filter((report) => report.replicate === replicate);
  const firstSteps = new Map<number, number>();
  for (const { attempt, step } of own) firstSteps.set(attempt, Math.min(step, firstSteps.get(attempt) ?? step));
  const isReplaced = (report: StoredReport): boolean => {
    for (const [attempt, firstStep] of firstSteps) if (attempt > report.attempt && firstStep <= report.step) return true;
    return false;
  };
  return own.filter((report) => !isReplaced(report)).sort((a, b) => a.step - b.step);
}
