import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { failureData, violationData } from "./condition-data.ts";
import { modelledSubset, observe } from "./observations.ts";

const config = (x: number) => ({ x, y: 0.5 });

function newStudy(constrained = false): TestStudy {
  return new TestStudy(testProblem({ parameters: { x: float(0, 1), y: float(0, 1) }, constrained }));
}

function numbersOf({ history }: TestStudy, rows: Int32Array): number[] {
  return Array.from(rows, (row) => history.numbers[row]);
}

describe("observe", () => {
  it("sorts trials by what they say, results as they finished", () => {
    const study = newStudy();
    for (let i = 0; i < 9; i++) study.add({ config: config(i / 10) }, 0, i === 8 ? "queued" : "running");
    study.add({ config: {} }, 0, "queued");
    study.finish(4, { losses: [4] });
    study.finish(1, { losses: [1] });
    study.finish(0, { losses: [Number.NaN] });
    study.finish(3, { state: "failed", losses: null });
    study.report(5, 1, [9]);
    study.finish(5, { state: "stopped", losses: null });
    study.finish(2, { state: "cancelled", losses: null });
    study.report(6, 1, [0.5]);
    study.setState(6, "paused");
    const observed = observe(study.history);
    expect(numbersOf(study, observed.results)).toEqual([4, 1, 5, 6]);
    expect([...observed.isComplete]).toEqual([1, 1, 0, 0]);
    expect(numbersOf(study, observed.failed)).toEqual([0, 3]);
    expect(numbersOf(study, observed.pending)).toEqual([7, 8]);
  });

  it("takes a stopped trial for no better than the median of the complete ones", () => {
    const study = newStudy();
    for (const loss of [1, 2, 3, 4, 5]) study.addFinished(config(loss / 10), { losses: [loss] });
    for (const loss of [0.1, 9]) {
      const trial = study.add({ config: config(loss / 10) });
      study.report(trial, 1, [loss]);
      study.finish(trial, { state: "stopped", losses: null });
    }
    expect([...observe(study.history).losses]).toEqual([1, 2, 3, 4, 5, 3, 9]);
  });

  it("takes an infinite loss for the worst or best finite one", () => {
    const study = newStudy();
    for (const loss of [2, Infinity, 1, -Infinity, 3]) study.addFinished(config(Math.random()), { losses: [loss] });
    expect([...observe(study.history).losses]).toEqual([2, 3, 1, 1, 3]);
  });
});

describe("modelledSubset", () => {
  it("keeps all of 500; of more the best, the nearest to the best and some others, the same ones as more come", () => {
    const study = newStudy();
    const rng = createRng(1);
    const subset = (): number[] => {
      const observed = observe(study.history);
      const { points } = study.history;
      const chosen = modelledSubset(study.history, observed, () =>
        Float64Array.from(
          observed.results.length * 2 ? [...observed.results].flatMap((row) => [points[2 * row], points[2 * row + 1]]) : [],
        ),
      );
      return Array.from(chosen, (i) => study.history.numbers[observed.results[i]]);
    };
    const add = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const x = rng.uniform();
        study.addFinished({ x, y: rng.uniform() }, { losses: [(x - 0.3) ** 2] });
      }
    };
    add(500);
    expect(subset()).toHaveLength(500);
    add(500);
    const before = subset();
    expect(before.length).toBeGreaterThan(300);
    expect(before.length).toBeLessThanOrEqual(600);
    const byLoss = [...study.history.rows].sort((a, b) => study.history.losses[a] - study.history.losses[b]);
    expect(before).toEqual(expect.arrayContaining(byLoss.slice(0, 200).map((row) => study.history.numbers[row])));
    add(1);
    const kept = new Set(subset());
    expect(before.filter((number) => !kept.has(number)).length).toBeLessThan(6);
  });
});

describe("violationData", () => {
  it("puts those that keep the constraints as far below the border as the median violation lies above", () => {
    const study = newStudy(true);
    for (const violation of [0, 0, 2, 8, 4, Number.NaN])
      study.addFinished(config(violation / 10 || 0), { losses: [1], violation });
    const [{ rows, y, threshold }] = violationData(study.history, observe(study.history).results);
    expect(rows).toHaveLength(5);
    expect(y[0]).toBe(y[1]);
    expect(threshold - y[0]).toBeCloseTo(y[4] - threshold, 12);
    expect([y[0], threshold, y[2], y[4], y[3]]).toEqual([y[0], threshold, y[2], y[4], y[3]].sort((a, b) => a - b));
  });

  it("has nothing to say before a constraint was broken", () => {
    const study = newStudy(true);
    study.addFinished(config(0.1), { losses: [1], violation: 0 });
    expect(violationData(study.history, observe(study.history).results)).toEqual([]);
  });
});

describe("failureData", () => {
  it("sets failed trials against the others and learns from five on", () => {
    const study = newStudy();
    for (let i = 0; i < 10; i++) study.addFinished(config(i / 10), i < 4 ? { state: "failed", losses: null } : { losses: [i] });
    const models = () => {
      const { results, failed } = observe(study.history);
      return failureData(study.history, results, failed);
    };
    expect(models()[0].fits).toBe(false);
    expect(models()[0].rows).toHaveLength(10);
    expect([...models()[0].y].filter((y) => y > models()[0].threshold)).toHaveLength(4);
    study.addFinished(config(0.95), { state: "failed", losses: null });
    expect(models()[0].fits).toBe(true);
  });

  it("has nothing to say without failures", () => {
    const study = newStudy();
    study.addFinished(config(0.1), { losses: [1] });
    expect(failureData(study.history, observe(study.history).results, new Int32Array(0))).toEqual([]);
  });
});
