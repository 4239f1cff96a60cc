import type { JsonObject } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import type { Scheduler } from "../scheduler.ts";

/** What a stopping rule says itself; the rest is the same for all. */
export interface StoppingRule {
  readonly type: string;
  readonly options: JsonObject;
  /** See `Scheduler.refuse`. */
  refuse(problem: Problem): string | null;
  /** Why a trial should stop after its newest report; null to go on. Asked only when its curve has a report. */
  whyStop(problem: Problem, history: History, row: number): Why | null;
}

/** The scheduler of a stopping rule: every trial starts with the greatest fidelity as its target, and any report may be its last. */
export function stoppingRule({ type, options, refuse, whyStop }: StoppingRule): Scheduler {
  return {
    type,
    version: 1,
    options,
    refuse,
    start: ({ fidelity }) => ({ target: fidelity?.max ?? null, bracket: 0 }),
    resume: () => null,
    onReport(problem, history, row) {
      const why = history.curve(row).count === 0 ? null : whyStop(problem, history, row);
      return why === null ? { kind: "continue" } : { kind: "stop", why };
    },
    decisionFidelities: () => null,
  };
}

/** Why a rule that judges trials on their way cannot serve this problem, one sentence; null if it can. */
export function onTheWayRefusal(type: string, { fidelity }: Problem): string | null {
  if (fidelity?.unit !== "value") return null;
  return `${type} judges trials on their way, but with fidelity unit value they report only at the end`;
}
