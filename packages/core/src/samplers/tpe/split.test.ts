import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { History } from "../../trial/history.ts";
import { Arena } from "./arena.ts";
import { splitHistory } from "./split.ts";

function newStudy(objectiveCount = 1): TestStudy {
  return new TestStudy(testProblem({ parameters: { x: float(0, 1) }, objectiveCount, constrained: true }));
}

function numbersOf(history: History, rows: Int32Array): number[] {
  return Array.from(rows, (row) => history.numbers[row]);
}

function split({ history }: TestStudy, count: number, constrained = true): { below: number[]; above: number[]; n: number } {
  const { below, above, finishedCount } = splitHistory(history, constrained, () => count, new Arena());
  return { below: numbersOf(history, below), above: numbersOf(history, above), n: finishedCount };
}

describe("splitHistory", () => {
  it("takes complete trials by loss, then stopped ones by fidelity and last loss, then infeasible ones by violation", () => {
    const study = newStudy();
    const at = { x: 0.5 };
    study.addFinished(at, { losses: [2] });
    study.addFinished(at, { losses: [0], violation: 3 });
    study.addFinished(at, { losses: [9], violation: 1 });
    for (const [fidelity, loss] of [
      [3, 0.1],
      [9, 5],
      [9, 4],
    ]) {
      const trial = study.add({ config: at });
      study.report(trial, fidelity, [loss]);
      study.finish(trial, { state: "stopped", losses: null });
    }
    study.addFinished(at, { losses: [1] });
    const order = [6, 0, 5, 4, 3, 2, 1];
    for (let count = 0; count <= order.length; count++) {
      const { below, above, n } = split(study, count);
      expect(below).toEqual(order.slice(0, count).sort((a, b) => a - b));
      expect(above).toEqual(order.slice(count).sort((a, b) => a - b));
      expect(n).toBe(7);
    }
  });

  it("counts failed, NaN, running and queued trials as bad but not as results, and cancelled ones not at all", () => {
    const study = newStudy();
    study.addFinished({ x: 0.1 }, { state: "failed", losses: null });
    study.addFinished({ x: 0.2 }, { losses: [Number.NaN] });
    study.addFinished({ x: 0.3 }, { state: "cancelled", losses: null });
    study.add({ config: { x: 0.4 } });
    study.add({ config: { x: 0.5 } }, 0, "queued");
    study.addFinished({ x: 0.6 }, { losses: [Infinity] });
    expect(split(study, 3)).toEqual({ below: [5], above: [0, 1, 3, 4], n: 1 });
  });

  it("counts a paused trial as a stopped one once it has reported", () => {
    const study = newStudy();
    for (const reports of [true, false]) {
      const trial = study.add({ config: { x: 0.5 } });
      if (reports) study.report(trial, 1, [3]);
      study.setState(trial, "paused");
    }
    expect(split(study, 2)).toEqual({ below: [0], above: [1], n: 1 });
  });

  it("ignores violations where there are no outcome constraints, and takes an unknown one as the worst", () => {
    const study = newStudy();
    study.addFinished({ x: 0.1 }, { losses: [1], violation: Number.NaN });
    study.addFinished({ x: 0.2 }, { losses: [2], violation: 50 });
    study.addFinished({ x: 0.3 }, { losses: [3], violation: 0 });
    expect(split(study, 1, false).below).toEqual([0]);
    expect(split(study, 1).below).toEqual([2]);
    expect(split(study, 2).below).toEqual([1, 2]);
  });

  it("breaks ties by trial number", () => {
    const study = newStudy();
    for (let i = 0; i < 6; i++) study.addFinished({ x: 0.5 }, { losses: [i < 2 ? 8 : 7] });
    expect(split(study, 2).below).toEqual([2, 3]);
  });

  it("chooses what a full sort would choose", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 0, max: 30 }),
        (losses, count) => {
          const study = newStudy();
          for (const loss of losses) study.addFinished({ x: 0.5 }, { losses: [loss] });
          const sorted = [...losses.keys()].sort((a, b) => losses[a] - losses[b] || a - b);
          expect(split(study, count).below).toEqual(sorted.slice(0, count).sort((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes whole non-dominated ranks, and of the last one those that add most hypervolume", () => {
    const study = newStudy(2);
    const losses = [
      [1, 5],
      [2, 3],
      [4, 1],
      [3, 3.5],
      [5, 5],
      [1.01, 4.99],
      [6, 6],
    ];
    for (const pair of losses) study.addFinished({ x: 0.5 }, { losses: pair });
    // Rank 0 is 0, 1, 2, 5; trial 5 lies next to trial 0.
    expect(split(study, 4).below).toEqual([0, 1, 2, 5]);
    expect(split(study, 5).below).toEqual([0, 1, 2, 3, 5]);
    const three = split(study, 3).below;
    expect(three).toContain(1);
    expect(three).toContain(2);
    expect(three.filter((number) => number === 0 || number === 5)).toHaveLength(1);
  });

  it("survives losses near the limits of floating point", () => {
    const study = newStudy(2);
    for (let i = 0; i < 12; i++) study.addFinished({ x: 0.5 }, { losses: [i * 1e307, (11 - i) * 1e307 - 5e307] });
    expect(split(study, 4).below).toHaveLength(4);
  });

  it("spreads over a front of seven objectives by crowding", () => {
    const study = newStudy(7);
    for (let i = 0; i < 9; i++)
      study.addFinished({ x: 0.5 }, { losses: Array.from({ length: 7 }, (_, k) => (k % 2 === 0 ? i : -i)) });
    expect(split(study, 2).below).toEqual([0, 8]);
  });
});
