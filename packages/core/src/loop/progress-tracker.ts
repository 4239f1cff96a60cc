import type { Config } from "../parameters/parameter.ts";
import type { Objective } from "../trial/problem.ts";
import { isTerminal } from "../trial/trial-state.ts";
import type { TrialEnd } from "./history-feed.ts";
import { lossOf } from "./trial-result.ts";

/** A complete trial that no other complete and feasible trial beats. */
export interface BestTrial {
  readonly number: number;
  /** With what its training code drew by itself. */
  readonly config: Config;
  /** (m,) */
  readonly losses: readonly number[];
  readonly violation: number;
}

/**
 * Follows which trials are best as they finish, in order of finishing.
 *
 * With one objective `front` is the single best (the first of equals), with several the non-dominated ones. A feasible trial beats
 * every infeasible one, a less infeasible one a more infeasible one; where a metric of a constraint is missing it is the most infeasible.
 */
export class ProgressTracker {
  #front: BestTrial[] = [];
  /** Finished trials, cancelled ones left out, since the front last changed. */
  sinceBestCount = 0;
  goalReached = false;
  readonly #objectives: readonly Objective[];

  /** Do not keep it: it changes as trials finish. */
  get front(): readonly BestTrial[] {
    return this.#front;
  }

  constructor(objectives: readonly Objective[]) {
    this.#objectives = objectives;
  }

  /** @param config  Null if it does not fit the problem as it is now: such a trial counts, but is never best. */
  finish(number: number, { state, losses, violation }: Omit<TrialEnd, "durationMs">, config: Config | null): void {
    if (!isTerminal(state) || state === "cancelled") return;
    this.sinceBestCount++;
    if (state !== "complete" || losses === null || losses.some(Number.isNaN) || config === null) return;
    const trial = { number, config, losses, violation: Number.isNaN(violation) ? Number.POSITIVE_INFINITY : violation };
    const isSingle = this.#objectives.length === 1;
    if (this.#front.some((other) => (isSingle ? !beats(trial, other) : beats(other, trial)))) return;
    if (this.#front.some((other) => beats(trial, other))) this.#front = this.#front.filter((other) => !beats(trial, other));
    this.#front.push(trial);
    this.sinceBestCount = 0;
    this.goalReached ||= trial.violation === 0 && this.#reachesGoal(losses);
  }

  #reachesGoal(losses: readonly number[]): boolean {
    const goals = this.#objectives.filter(({ stopAt }) => stopAt !== undefined);
    if (goals.length === 0) return false;
    return this.#objectives.every(({ stopAt, goal }, k) => stopAt === undefined || losses[k] <= lossOf(stopAt, goal));
  }
}

function beats(a: BestTrial, b: BestTrial): boolean {
  if (a.violation !== b.violation) return a.violation < b.violation;
  let better = false;
  for (let k = 0; k < a.losses.length; k++) {
    if (a.losses[k] > b.losses[k]) return false;
    if (a.losses[k] < b.losses[k]) better = true;
  }
  return better;
}
