import type { StudySettings } from "../trial/study-settings.ts";
import type { FailureReason, Replicate } from "../trial/trial.ts";

const infrastructure: ReadonlySet<FailureReason> = new Set(["infra", "lease_lost", "preempted"]);

/** Which retry counter pays for a failure, or null when the failure is final. */
export function retryFor(
  reason: FailureReason,
  used: Pick<Replicate, "infraRetryCount" | "errorRetryCount">,
  limits: StudySettings["retries"],
): "infra" | "error" | null {
  if (infrastructure.has(reason)) return used.infraRetryCount < limits.infra ? "infra" : null;
  return used.errorRetryCount < limits.error ? "error" : null;
}

/** Pause before the n-th retry of a replicate (from 1): 1 s, 2 s, 4 s … at most a minute. */
export function backOffMs(retryCount: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.max(0, retryCount - 1));
}
