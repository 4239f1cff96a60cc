import type { Replicate, Trial } from "@tunesmith/core";
import { expect, test } from "vitest";
import { chooseWinner } from "./confirmation.ts";

const minimize = { name: "loss", goal: "minimize" } as const;
const maximize = { name: "loss", goal: "maximize" } as const;

function replicate(index: number, changes: Partial<Replicate>): Replicate {
  const nothing = { metrics: null, reason: null, message: null, infraRetryCount: 0, errorRetryCount: 0 };
  return { index, state: "complete", attempt: 1, seed: index, confirm: true, target: null, ...nothing, ...changes };
}

function trial(
  number: number,
  value: number | null,
  confirmValues: readonly (number | null)[] = [],
  changes: Partial<Trial> = {},
): Trial {
  const confirmations = confirmValues.map((confirmed, i) =>
    replicate(i + 1, confirmed === null ? { state: "failed" } : { metrics: { loss: confirmed } }),
  );
  return {
    ...{
      number,
      state: "complete",
      config: {},
      revision: 1,
      historySeq: 0,
      source: "sampler",
      parent: null,
      fixed: null,
      suggested: null,
      why: null,
      note: null,
    },
    ...{ bracket: 0, values: value === null ? null : [value], standardErrors: null, metrics: null, fidelity: null, reason: null },
    ...{ message: null, stopWhy: null, tags: [], createdSeq: 1, finishedSeq: 2, createdAt: 0, startedAt: 0, finishedAt: 0 },
    replicates: [replicate(0, { confirm: false }), ...confirmations],
    ...changes,
  };
}

const numbers = (trials: readonly { readonly trial: Trial }[]) => trials.map((standing) => standing.trial.number);

test("without confirmation runs the best search value wins, ties go to the lower number", () => {
  const { winner, by, ranking } = chooseWinner([trial(2, 0.1), trial(1, 0.1), trial(0, 0.5)], minimize);
  expect([winner?.trial.number, by, winner?.standardError]).toEqual([1, "search", null]);
  expect(numbers(ranking)).toEqual([1, 2, 0]);
});

test("the confirmation means decide, not the luckiest search value", () => {
  const lucky = trial(0, 0.01, [0.3, 0.5]);
  const steady = trial(1, 0.05, [0.1, 0.2]);
  const choice = chooseWinner([lucky, steady, trial(2, 0.001)], minimize);
  expect(numbers(choice.ranking)).toEqual([1, 0]);
  expect(choice.by).toBe("confirmation");
  expect(choice.winner?.value).toBeCloseTo(0.15, 12);
  // Sample deviation of (0.1, 0.2) is 0.0707; over √2 runs 0.05.
  expect(choice.winner?.standardError).toBeCloseTo(0.05, 12);
  expect(choice.winner?.searchValue).toBe(0.05);
});

test("a trial with fewer finished confirmation runs than another cannot win", () => {
  const once = trial(0, 0.1, [0.01, null, null]);
  const thrice = trial(1, 0.1, [0.2, 0.2, 0.2]);
  expect(numbers(chooseWinner([once, thrice], minimize).ranking)).toEqual([1]);
});

test("larger is better when the goal is to maximize", () => {
  expect(chooseWinner([trial(0, 0.1), trial(1, 0.9)], maximize).winner?.trial.number).toBe(1);
  expect(chooseWinner([trial(0, 0.1, [0.7]), trial(1, 0.9, [0.6])], maximize).winner?.trial.number).toBe(0);
});

test("trials without a finite value never take part", () => {
  const choice = chooseWinner([trial(0, Number.POSITIVE_INFINITY), trial(1, null), trial(2, 0.3, [Number.NaN])], minimize);
  expect(numbers(choice.ranking)).toEqual([2]);
  expect(chooseWinner([trial(0, Number.NaN)], minimize).winner).toBeNull();
  expect(chooseWinner([], minimize)).toEqual({ winner: null, by: "search", ranking: [], defaults: null });
});

test("a trial that was stopped early takes part only when it was run again in full", () => {
  const stopped = trial(0, 0.01, [], { state: "stopped" });
  expect(chooseWinner([stopped, trial(1, 0.2)], minimize).winner?.trial.number).toBe(1);
  const confirmed = trial(0, 0.5, [0.1], { state: "stopped" });
  expect(chooseWinner([confirmed, trial(1, 0.2, [0.2])], minimize).winner?.trial.number).toBe(0);
});

test("the default configuration's standing comes along, the confirmed one of several", () => {
  const isDefault = ({ number }: Trial) => number < 2;
  const choice = chooseWinner([trial(0, 0.6), trial(1, 0.6, [0.7]), trial(2, 0.1, [0.2])], minimize, isDefault);
  expect(choice.defaults?.trial.number).toBe(1);
  expect(choice.defaults?.value).toBe(0.7);
  const stoppedDefault = trial(0, 0.6, [], { state: "stopped" });
  expect(chooseWinner([stoppedDefault, trial(2, 0.1)], minimize, isDefault).defaults).toBeNull();
  expect(choice.winner?.trial.number).toBe(2);
});
