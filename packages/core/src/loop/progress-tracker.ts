import type { Objective } from "../trial/problem.ts";
import { isTerminal, type TrialState } from "../trial/trial-state.ts";
import { lossOf } from "./trial-result.ts";

/** A complete trial that no other complete and feasible trial beats. */
export interface BestTrial {
  readonly number: number;
  /** (m,) */
  readonly losses: readonly number[];
  readonly violation: number;
}

/**
 * Follows which trials are best as they finish, in order of finishing.
 *
 * With one objective `front` is the single best (the first of equals), with several the non-dominated ones. A feasible trial beats
 * every infeasible one, a less infeasible one a more infeasible one.
 */
export class ProgressTracker {
  front: readonly BestTrial[] = [];
  /** Finished trials, cancelled ones left out, since the front last changed. */
  sinceBestCount = 0;
  goalReached = false;
  readonly #objectives: readonly Objective[];

  constructor(objectives: readonly Objective[]) {
    this.#objectives = objectives;
  }

  finish(number: number, state: TrialState, losses: readonly number[] | null, violation: number): void {
    if (!isTerminal(state) || state === "cancelled") return;
    this.sinceBestCount++;
    if (state !== "complete" || losses === null || losses.some(Number.isNaN)) return;
    const trial = { number, losses, violation: Number.isNaN(violation) ? 0 : violation };
    if (this.front.some((other) => !beats(trial, other) && (this.#objectives.length === 1 || beats(other, trial)))) return;
    this.front = [...this.front.filter((other) => !beats(trial, other)), trial];
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
