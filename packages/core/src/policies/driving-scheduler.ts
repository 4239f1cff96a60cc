import type { JsonObject } from "../json.ts";
import type { Sampler } from "../samplers/sampler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { Problem } from "../trial/problem.ts";
import type { Policy } from "./policy.ts";

/** A scheduler that decides more than how long trials train: it drives the study, and asks a sampler only where it wants to. */
export interface DrivingScheduler {
  readonly type: string;
  readonly version: number;
  readonly options: JsonObject;
  /** Whether what comes out is one config, as of other schedulers, or a schedule of values that changed on the way. */
  readonly finds: "config" | "schedule";
  /** Why it cannot serve this problem, whatever the sampler, one sentence; null if it can. */
  refuse(problem: Problem): string | null;
  drive(sampler: Sampler): Policy;
}

/** What a study may name as its scheduler. */
export type AnyScheduler = Scheduler | DrivingScheduler;

/** Why what a scheduler finds cannot be confirmed; null if it can. */
export function confirmRefusal(scheduler: AnyScheduler): string | null {
  if (!isDriving(scheduler) || scheduler.finds === "config") return null;
  return `repeats one config from the start, but ${scheduler.type} finds a schedule of values; leave confirm out`;
}

export function isDriving(scheduler: AnyScheduler): scheduler is DrivingScheduler {
  return "drive" in scheduler;
}
