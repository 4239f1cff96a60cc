import { expect, test } from "vitest";
import { float } from "../parameters/build-parameter.ts";
import type { StudyEvent, StudyEventKind } from "../storage/storage.ts";
import { testProblem } from "../testing/test-study.ts";
import { problemOverTime } from "./problem-over-time.ts";

const problem = { ...testProblem({ parameters: { x: float(0, 1) } }), trialBudget: 90, parallel: 4 };

function event(seq: number, kind: StudyEventKind, ref: number | null = null): StudyEvent {
  return { seq, kind, trial: null, replicate: null, attempt: null, ref };
}

test("the trial budget and the parallel count are at each event what they were before the next change of either", () => {
  const problemAt = problemOverTime(problem, [
    event(1, "study-created", 1),
    event(2, "study-revised", 1),
    event(3, "trial-budget-changed", null),
    event(4, "claimed"),
    event(5, "study-revised", 1),
    event(6, "trial-budget-changed", 20),
    event(7, "parallel-changed", 1),
    event(8, "reported", 5),
  ]);
  const seen = [1, 2, 3, 5, 6, 7, 100].map((seq) => [seq, problemAt(seq).trialBudget, problemAt(seq).parallel]);
  expect(seen).toEqual([
    [1, null, 1],
    [2, null, 1],
    [3, 20, 1],
    [5, 20, 1],
    [6, 90, 1],
    [7, 90, 4],
    [100, 90, 4],
  ]);
});

test("it is one object for as long as nothing changes, so that samplers may keep what they know about it", () => {
  const problemAt = problemOverTime(problem, [event(1, "study-created", 1), event(5, "parallel-changed", 2)]);
  expect(problemAt(1)).toBe(problemAt(4));
  expect(problemAt(5)).toBe(problem);
  expect(problemAt(9)).toBe(problem);
});
