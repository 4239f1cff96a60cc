import { describe, expect, test } from "vitest";
import type { Objective } from "../trial/problem.ts";
import type { TrialState } from "../trial/trial-state.ts";
import { ProgressTracker } from "./progress-tracker.ts";

const loss: Objective = { name: "loss", goal: "minimize", take: "last" };
const accuracy: Objective = { name: "accuracy", goal: "maximize", take: "last" };

function tracker(objectives: readonly Objective[]) {
  const tracker = new ProgressTracker(objectives);
  let number = 0;
  const finish = (
    losses: readonly number[] | null,
    { state = "complete" as TrialState, violation = 0, fits = true } = {},
  ): void => {
    tracker.finish(number++, { state, losses, violation }, fits ? {} : null);
  };
  return { tracker, finish, front: () => tracker.front.map((each) => each.number) };
}

describe("ProgressTracker", () => {
  test("with one objective knows the first of the best, and how many finished since", () => {
    const { tracker: progress, finish, front } = tracker([loss]);
    const seen: [number | undefined, number][] = [];
    for (const value of [3, 2, 2, 5, Number.NaN, 1]) {
      finish([value]);
      seen.push([front()[0], progress.sinceBestCount]);
    }
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [5, 0],
    ]);
  });

  test("failed and stopped trials count, cancelled ones do not, none of them is best", () => {
    const { tracker: progress, finish, front } = tracker([loss]);
    finish([5]);
    finish(null, { state: "failed" });
    finish([1], { state: "stopped" });
    finish(null, { state: "cancelled" });
    expect([front(), progress.sinceBestCount]).toEqual([[0], 2]);
  });

  test("feasible beats infeasible, less infeasible more infeasible, and unknown comes last", () => {
    const { finish, front } = tracker([loss]);
    const best: (number | undefined)[] = [];
    for (const [value, violation] of [
      [1, Number.NaN],
      [2, 3],
      [9, 1],
      [99, 0],
      [0, 0.1],
    ]) {
      finish([value], { violation });
      best.push(front()[0]);
    }
    expect(best).toEqual([0, 1, 2, 3, 3]);
  });

  test("with several objectives keeps what no other beats, equals too", () => {
    const { finish, front } = tracker([loss, accuracy]);
    for (const losses of [
      [1, 4],
      [4, 1],
      [5, 5],
      [1, 4],
      [2, 2],
      [0, 4],
    ])
      finish(losses);
    expect(front()).toEqual([1, 4, 5]);
  });

  test("what does not fit the problem any more is never best", () => {
    const { finish, front } = tracker([loss]);
    finish([1], { fits: false });
    finish([2]);
    expect(front()).toEqual([1]);
  });

  test("the goal is reached by a feasible trial that reaches it in every objective that has one", () => {
    const goals = [
      { ...loss, stopAt: 0.1 },
      { ...accuracy, stopAt: 0.9 },
    ];
    const { tracker: progress, finish } = tracker(goals);
    const reached = [
      [0.1, -0.8],
      [0.2, -0.95],
      [0.1, -0.9],
    ].map((losses) => {
      finish(losses);
      return progress.goalReached;
    });
    expect(reached).toEqual([false, false, true]);
    const infeasible = tracker([goals[0]]);
    infeasible.finish([0], { violation: 1 });
    expect(infeasible.tracker.goalReached).toBe(false);
    infeasible.finish([0.1]);
    expect(infeasible.tracker.goalReached).toBe(true);
  });
});
