import fc from "fast-check";
import { expect, test } from "vitest";
import { selectWindow, type WindowTrial } from "./select-window.ts";

const sizes = { all: 10, best: 3, newest: 4, refresh: 5 };

function finished(number: number, loss: number, finishedSeq = number + 1): WindowTrial {
  return { number, state: "complete", values: [loss], finishedSeq };
}

function unfinished(number: number): WindowTrial {
  return { number, state: "running", values: null, finishedSeq: null };
}

test("up to the limit everything is shown", () => {
  const trials = [...Array.from({ length: 10 }, (_, i) => finished(i, i)), unfinished(10), unfinished(11)];
  expect(selectWindow(trials, [1], sizes)).toEqual(trials.map((trial) => trial.number));
});

test("one more finished trial leaves the best, the newest and the unfinished", () => {
  const trials = [unfinished(0), ...Array.from({ length: 11 }, (_, i) => finished(i + 1, 100 - i))];
  expect(selectWindow(trials, [-1], sizes)).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
});

test("newest goes by the finish, not by the number", () => {
  const trials = Array.from({ length: 11 }, (_, i) => finished(i, i, 100 - i));
  expect(selectWindow(trials, [-1], { ...sizes, best: 0 })).toEqual([0, 1, 2, 3]);
});

test("ties of the loss go to the smaller number", () => {
  const trials = Array.from({ length: 11 }, (_, i) => finished(i, 7));
  expect(selectWindow(trials, [1], { ...sizes, newest: 0 })).toEqual([0, 1, 2]);
});

test("trials without a finite value are not best", () => {
  const losses = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 5, 4, 3, 2, 9, 9, 9, 9];
  const trials = losses.map((loss, i) => finished(i, loss));
  expect(selectWindow(trials, [1], { ...sizes, newest: 0 })).toEqual([4, 5, 6]);
});

test("with several objectives the best are the non-dominated ones", () => {
  const points = [
    [5, 5],
    [1, 9],
    [9, 1],
    [4, 4],
    [9, 9],
    [9, 9],
    [9, 9],
    [9, 9],
    [9, 9],
    [9, 9],
    [9, 9],
  ];
  const trials = points.map((values, i): WindowTrial => ({ number: i, state: "complete", values, finishedSeq: i + 1 }));
  expect(selectWindow(trials, [1, 1], { ...sizes, newest: 0 })).toEqual([1, 2, 3]);
});

test("what finishes after a refresh is added until the next one", () => {
  const trials = Array.from({ length: 15 }, (_, i) => finished(i, i));
  expect(selectWindow(trials, [1], sizes)).toEqual([0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14]);
  expect(selectWindow([...trials, finished(15, 15)], [1], sizes)).toEqual([0, 1, 2, 12, 13, 14, 15]);
});

test("the view that is narrowed step by step equals the one that is chosen at once", () => {
  const losses = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(losses, (all) => {
      let view: WindowTrial[] = [];
      all.forEach((loss, i) => {
        view.push(finished(i, loss));
        if (i + 1 > sizes.all && (i - sizes.all) % sizes.refresh === 0) view = narrowed(view);
      });
      const trials = all.map((loss, i) => finished(i, loss));
      expect(selectWindow(trials, [1], sizes)).toEqual(view.map((trial) => trial.number));
    }),
    { numRuns: 300 },
  );
});

function narrowed(view: readonly WindowTrial[]): WindowTrial[] {
  const lossOf = (trial: WindowTrial): number => trial.values?.[0] ?? Number.NaN;
  const best = view.toSorted((a, b) => lossOf(a) - lossOf(b) || a.number - b.number).slice(0, sizes.best);
  const newest = view.slice(-sizes.newest);
  return view.filter((trial) => best.includes(trial) || newest.includes(trial));
}
