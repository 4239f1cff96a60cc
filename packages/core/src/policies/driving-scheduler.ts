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
  /** Why it cannot serve this problem, whatever the sampler, one sentence; null if it can. */
  refuse(problem: Problem): string | null;
  drive(sampler: Sampler): Policy;
}

/** What a study may name as its scheduler. */
export type AnyScheduler = Scheduler | DrivingScheduler;

/** Why what such a scheduler has found cannot be confirmed. */
export function confirmMessage(type: string): string {
  return `repeats one config from the start, but ${type} finds a schedule of values; leave confirm out`;
}

export function isDriving(scheduler: AnyScheduler): scheduler is DrivingScheduler {
  return "drive" in scheduler;
}
