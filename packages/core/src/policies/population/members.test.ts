import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import { readMembers, scoreAt } from "./members.ts";

function recorder(): HistoryRecorder {
  return new HistoryRecorder(createSpace({ x: float(0, 1) }), 1, 1);
}

function add(
  history: HistoryRecorder,
  number: number,
  parent: { trial: number; step: number } | null,
  losses: Record<number, number>,
): number {
  history.add({ number, config: { x: 0.5 }, note: null, bracket: 1, state: "running", parent });
  for (const [step, loss] of Object.entries(losses))
    history.report(number, { replicate: 0, attempt: 1, step: Number(step), fidelity: Number(step), losses: [loss] });
  return history.rowOf(number);
}

describe("a member's score", () => {
  test("at a fidelity is the mean of the newest reports up to there, of fewer where there are fewer", () => {
    const history = recorder();
    const row = add(history, 0, null, { 10: 8, 20: 4, 30: 2, 40: 1 });
    expect(scoreAt(history, row, Infinity, 1)).toBe(1);
    expect(scoreAt(history, row, 30, 1)).toBe(2);
    expect(scoreAt(history, row, 39.5, 2)).toBe(3);
    expect(scoreAt(history, row, 20, 10)).toBe(6);
    expect(scoreAt(history, row, 5, 1)).toBe(8);
  });

  test("is NaN if one of these reports was", () => {
    const history = recorder();
    const row = add(history, 0, null, { 10: Number.NaN, 20: 4, 30: 2 });
    expect(scoreAt(history, row, Infinity, 2)).toBe(3);
    expect(scoreAt(history, row, Infinity, 3)).toBeNaN();
  });

  test("before a child's first report, or where it began, is that of the model it is a copy of", () => {
    const history = recorder();
    add(history, 0, null, { 10: 8, 20: 4, 30: 2 });
    const child = add(history, 1, { trial: 0, step: 20 }, {});
    expect(scoreAt(history, child, Infinity, 1)).toBe(4);
    expect(scoreAt(history, child, 15, 1)).toBe(8);
    const grown = add(history, 2, { trial: 0, step: 20 }, { 25: 3 });
    expect(scoreAt(history, grown, 20, 1)).toBe(4);
    expect(scoreAt(history, grown, 25, 1)).toBe(3);
  });

  test("is null where nothing was reported", () => {
    const history = recorder();
    expect(scoreAt(history, add(history, 0, null, {}), 10, 1)).toBeNull();
    expect(scoreAt(history, add(history, 1, { trial: 99, step: 20 }, {}), 10, 1)).toBeNull();
  });
});

describe("a member", () => {
  type Change = (history: HistoryRecorder) => void;
  const reported: Change = (history) => history.report(0, { replicate: 0, attempt: 1, step: 10, fidelity: 10, losses: [1] });
  const saved: Change = (history) => history.addCheckpoint(0, 0);
  const paused: Change = (history) => history.setState(0, "paused");

  test.each<[string, string, Change[]]>([
    ["queued or running", "under-way", [reported]],
    ["paused at its target with a checkpoint", "waiting", [reported, saved, paused]],
    ["paused at its target without one", "short", [reported, paused]],
    ["paused without a report", "short", [saved, paused]],
    ["paused before its target", "short", [(history) => history.aim(0, 20, "running"), reported, saved, paused]],
    ["paused by a person", "held", [reported, saved, (history) => history.setHeld(0, true), paused]],
    ["failed", "failed", [(history) => history.finish(0, { state: "failed", losses: null, violation: 0 }, 1)]],
    ["cancelled", "over", [(history) => history.finish(0, { state: "cancelled", losses: null, violation: 0 }, 1)]],
  ])("that is %s is %s", (_, standing, changes) => {
    const history = recorder();
    add(history, 0, null, {});
    history.aim(0, 10, "running");
    for (const change of changes) change(history);
    expect(readMembers(history, 1).map((member) => member.standing)).toEqual([standing]);
  });

  test("that began at its target, and had nothing to train, waits", () => {
    const history = recorder();
    add(history, 0, null, { 10: 1 });
    add(history, 1, { trial: 0, step: 10 }, {});
    history.aim(1, 10, "running");
    history.setState(1, "paused");
    expect(readMembers(history, 1)).toMatchObject([{ trial: 1, standing: "waiting", reached: 10, score: 1, faultCount: 0 }]);
  });
});
