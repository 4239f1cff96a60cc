/**
 * Where a trial, or one replicate of it, stands.
 *
 * ```
 * queued ─claim→ running ─tell→ complete
 *    ▲             │ ├─stop→ stopped          by a rule, an exploit, or the budget's end; keeps its reports
 *    │             │ ├─pause→ paused ─resume→ queued
 *    │             │ ├─error→ failed          after retries; before that → queued
 *    │             │ └─cancel→ cancelled      by a person; also from queued and paused
 *    └─lost, preempted, drained─┘             at study end paused → stopped(budget)
 * ```
 */
export type TrialState = "queued" | "running" | "paused" | "complete" | "stopped" | "failed" | "cancelled";

/** The code of a state in columns; the order is stored in no file. */
export const trialStateCodes = {
  queued: 0,
  running: 1,
  paused: 2,
  complete: 3,
  stopped: 4,
  failed: 5,
  cancelled: 6,
} as const satisfies Record<TrialState, number>;

export type TerminalState = "complete" | "stopped" | "failed" | "cancelled";

export function isTerminal(state: TrialState): state is TerminalState {
  return state === "complete" || state === "stopped" || state === "failed" || state === "cancelled";
}

const allowed: Record<TrialState, readonly TrialState[]> = {
  queued: ["running", "cancelled", "stopped"],
  running: ["complete", "stopped", "paused", "failed", "cancelled", "queued"],
  paused: ["queued", "stopped", "cancelled"],
  complete: [],
  stopped: [],
  failed: [],
  cancelled: [],
};

/** Whether the state machine has an arrow from `from` to `to`. */
export function mayBecome(from: TrialState, to: TrialState): boolean {
  return allowed[from].includes(to);
}

/**
 * The state of a trial from those of its replicates (confirmation replicates are not passed in).
 *
 * One cancelled, failed or stopped replicate decides for the whole (in this order); otherwise the trial is complete when all
 * are, running when one is, paused when none runs or waits and one is paused, queued when nothing has begun.
 */
export function trialStateOf(replicates: readonly TrialState[]): TrialState {
  for (const decisive of ["cancelled", "failed", "stopped"] as const) if (replicates.includes(decisive)) return decisive;
  if (replicates.every((state) => state === "complete")) return "complete";
  if (replicates.includes("running")) return "running";
  if (replicates.includes("queued")) return replicates.includes("complete") ? "running" : "queued";
  return "paused";
}
