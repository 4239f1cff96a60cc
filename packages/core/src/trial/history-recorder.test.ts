import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float, int } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import { historySnapshot } from "../simulation/history-snapshot.ts";
import { selectWindow } from "../storage/select-window.ts";
import { HistoryRecorder } from "./history-recorder.ts";
import { type TrialState, trialStateCodes } from "./trial-state.ts";

const space = createSpace({ x: float(0, 1), n: int(1, 3) }, []);
const sizes = { all: 12, best: 4, newest: 5, refresh: 3 };

function recorder({ objectiveCount = 1, replicateCount = 1, small = false } = {}): HistoryRecorder {
  return new HistoryRecorder(space, objectiveCount, replicateCount, small ? sizes : undefined);
}

function add(history: HistoryRecorder, number: number, x = 0.5, state: TrialState = "running"): void {
  history.add({ number, config: { x, n: 2 }, note: null, bracket: 0, state });
}

function report(history: HistoryRecorder, fidelity: number, loss: number, { replicate = 0, attempt = 1 } = {}): boolean {
  return history.report(0, { replicate, attempt, step: fidelity, fidelity, losses: [loss] });
}

function curveOf(history: HistoryRecorder): [number, number][] {
  const { count, fidelities, losses } = history.curve(0);
  return Array.from({ length: count }, (_, i) => [fidelities[i], losses[i]]);
}

describe("HistoryRecorder", () => {
  test("a running trial's loss and fidelity are those of its greatest fidelity, in whatever order it reports", () => {
    const history = recorder();
    add(history, 0);
    expect([history.losses[0], history.fidelities[0]]).toEqual([Number.NaN, Number.NaN]);
    for (const [fidelity, loss] of [
      [2, 0.2],
      [5, 0.5],
      [3, 0.3],
    ])
      expect(report(history, fidelity, loss)).toBe(true);
    expect([history.losses[0], history.fidelities[0]]).toEqual([0.5, 5]);
    expect(curveOf(history)).toEqual([
      [2, 0.2],
      [3, 0.3],
      [5, 0.5],
    ]);
  });

  test("a child starts where its parent's checkpoint is, and tells so for good", () => {
    const history = recorder();
    add(history, 0);
    history.add({ number: 1, config: { x: 0.5, n: 2 }, note: null, bracket: 0, state: "queued", parent: { trial: 0, step: 10 } });
    expect([history.fidelities[1], history.losses[1], history.curve(1).count]).toEqual([10, Number.NaN, 0]);
    history.report(1, { replicate: 0, attempt: 1, step: 11, fidelity: 11, losses: [1] });
    expect([0, 1].map((row) => [history.parent(row), history.startFidelity(row), history.fidelities[row]])).toEqual([
      [-1, 0, Number.NaN],
      [0, 10, 11],
    ]);
  });

  test("a trial has a checkpoint once all its replicates have one; those that confirm it do not matter", () => {
    const history = recorder({ replicateCount: 2 });
    add(history, 0);
    for (const [replicate, found] of [
      [1, false],
      [1, false],
      [2, false],
      [0, true],
    ] as const) {
      history.addCheckpoint(0, replicate);
      expect(history.hasCheckpoint(0)).toBe(found);
    }
  });

  test("a person's word makes a trial one that a person paused, when it is paused; readers of changes hear of it", () => {
    const history = recorder();
    add(history, 0);
    const { cursor = 0 } = history.changesSince(0) ?? {};
    history.setHeld(0, true);
    expect([history.pausedByPerson(0), [...(history.changesSince(cursor)?.rows ?? [])]]).toEqual([false, [0]]);
    history.setState(0, "paused");
    expect(history.pausedByPerson(0)).toBe(true);
    history.setHeld(0, false);
    expect(history.pausedByPerson(0)).toBe(false);
  });

  test("a newer attempt's reports replace the older ones' from its first one on, also when that comes late", () => {
    const history = recorder();
    add(history, 0);
    for (let step = 1; step <= 5; step++) report(history, step, step);
    report(history, 4, 40, { attempt: 2 });
    expect(curveOf(history).map(([fidelity]) => fidelity)).toEqual([1, 2, 3, 4]);
    report(history, 2, 20, { attempt: 2 });
    report(history, 9, 9, { attempt: 1 });
    expect(curveOf(history)).toEqual([
      [1, 1],
      [2, 20],
      [4, 40],
    ]);
  });

  test("with replicates a fidelity counts once all have reported it, with the mean of their losses", () => {
    const history = recorder({ replicateCount: 3 });
    add(history, 0);
    expect(report(history, 1, 1, { replicate: 0 })).toBe(false);
    expect(report(history, 2, 1, { replicate: 0 })).toBe(false);
    expect(report(history, 1, 2, { replicate: 2 })).toBe(false);
    expect(curveOf(history)).toEqual([]);
    expect(history.losses[0]).toBeNaN();
    expect(report(history, 1, 6, { replicate: 1 })).toBe(true);
    expect(curveOf(history)).toEqual([[1, 3]]);
    expect([history.losses[0], history.fidelities[0]]).toEqual([3, 1]);
  });

  test("once a trial is finished its values stay, whatever comes later", () => {
    const history = recorder();
    add(history, 0);
    report(history, 1, 0.1);
    history.finish(0, { state: "stopped", losses: null, violation: 0 }, 7);
    const before = historySnapshot(history, []);
    expect(report(history, 2, 0.2)).toBe(false);
    history.setState(0, "queued");
    expect(historySnapshot(history, [])).toEqual(before);
    expect([history.losses[0], history.finishSeqs[0], history.states[0]]).toEqual([0.1, 7, trialStateCodes.stopped]);
  });

  test("an incomplete config is in view with an unknown point until it is filled", () => {
    const history = recorder();
    history.add({ number: 0, config: { n: 3 }, note: null, bracket: 0, state: "queued", open: true });
    expect([...history.points.subarray(0, 2)]).toEqual([Number.NaN, Number.NaN]);
    expect(history.hasConfig(space.key({ n: 3 }))).toBe(true);
    history.fill(0, { n: 3, x: 1 }, { by: "test" }, 2);
    expect([...history.points.subarray(0, 2)]).toEqual([...space.encode({ n: 3, x: 1 })]);
    expect([history.note(0), history.bracket(0)]).toEqual([{ by: "test" }, 2]);
    expect([history.hasConfig(space.key({ n: 3 })), history.hasConfig(space.key({ n: 3, x: 1 }))]).toEqual([false, true]);
  });

  test("a trial that does not fit the space counts and is not in view", () => {
    const history = recorder();
    history.add({ number: 0, config: { x: 7, n: 2 }, note: null, bracket: 0, state: "running" });
    history.add({ number: 1, config: { n: 2 }, note: null, bracket: 0, state: "running", open: false });
    add(history, 2);
    history.finish(0, { state: "complete", losses: [1], violation: 0 }, 3);
    expect([history.trialCount, history.finishedCount, history.completeCount]).toEqual([3, 1, 1]);
    expect([history.rowOf(0), history.rowOf(1), history.rowOf(2)]).toEqual([-1, -1, 0]);
  });

  test("tells which rows changed since a cursor, and to start anew after rows were renumbered", () => {
    const history = recorder({ small: true });
    add(history, 0);
    add(history, 1);
    const { cursor } = history.changesSince(0) as { cursor: number };
    expect([...(history.changesSince(cursor)?.rows ?? [])]).toEqual([]);
    history.setState(1, "paused");
    report(history, 1, 1);
    report(history, 2, 1);
    expect([...(history.changesSince(cursor)?.rows ?? [])]).toEqual([0, 1]);
    for (let number = 2; number < 20; number++) {
      add(history, number);
      history.finish(number, { state: "complete", losses: [number], violation: 0 }, number);
    }
    expect(history.changesSince(cursor)).toBeNull();
    expect(history.changesSince(0)).toBeNull();
  });

  test("a fed recorder equals one that was loaded with the window, at every moment, below and above the limit", () => {
    const trial = fc.record({
      loss: fc.integer({ min: 0, max: 9 }),
      state: fc.constantFrom<TrialState>("complete", "complete", "failed"),
      wait: fc.nat(4),
      durationMs: fc.constantFrom(undefined, Number.NaN, 0, 12.5, 3_600_000),
    });
    fc.assert(
      fc.property(fc.array(trial, { minLength: 1, maxLength: 40 }), (trials) => {
        const fed = recorder({ small: true });
        const ends: { number: number; seq: number; dueAt: number }[] = [];
        const snapshots = trials.map((_, number) => ({
          number,
          state: "running" as TrialState,
          values: null as number[] | null,
          finishedSeq: null as number | null,
        }));
        let seq = 0;
        trials.forEach(({ wait }, number) => {
          add(fed, number, number / 100);
          ends.push({ number, seq: 0, dueAt: number + wait });
          for (const { number: ended } of ends.filter(({ dueAt }) => dueAt === number)) {
            const { loss, state, durationMs } = trials[ended];
            const losses = state === "complete" ? [loss] : null;
            fed.finish(ended, { state, losses, violation: 0, durationMs }, ++seq);
            snapshots[ended] = { number: ended, state, values: losses, finishedSeq: seq };
          }
          fed.seq = seq;
          const loaded = recorder({ small: true });
          loaded.setCounts(fed);
          const made = snapshots.slice(0, number + 1);
          const inView = selectWindow(made, [1], sizes).map((each) => made[each]);
          for (const each of inView)
            loaded.load({
              number: each.number,
              config: { x: each.number / 100, n: 2 },
              note: null,
              bracket: 0,
              state: "running",
            });
          for (const each of inView)
            if (each.finishedSeq !== null)
              loaded.loadFinish(
                each.number,
                { state: each.state, losses: each.values, violation: 0, durationMs: trials[each.number].durationMs },
                each.finishedSeq,
              );
          loaded.seq = seq;
          const keys = trials.map((_, i) => space.key({ x: i / 100, n: 2 }));
          expect(historySnapshot(loaded, keys)).toEqual(historySnapshot(fed, keys));
          for (const row of fed.rows) {
            const number = fed.numbers[row];
            const known = snapshots[number].finishedSeq === null ? undefined : trials[number].durationMs;
            expect(fed.durationsMs[row]).toBe(known ?? Number.NaN);
          }
        });
      }),
      { numRuns: 60 },
    );
  });
});
