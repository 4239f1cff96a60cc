import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { random } from "../../samplers/random.ts";
import { type TestProblem, testProblem } from "../../testing/test-study.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import { freezeThaw } from "./freeze-thaw.ts";
import { type FreezeThawOptions, freezeThawDefaults, nextUnit } from "./freeze-thaw-options.ts";

const fidelity: Fidelity = { name: "epochs", min: 1, max: 81, unit: "steps", resume: "auto" };

function refusal(spec: Partial<TestProblem>, change: Partial<Problem> = {}): string | null {
  const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 81 }, ...spec });
  return freezeThaw()
    .drive(random())
    .refuse({ ...problem, ...change });
}

describe("freeze-thaw refuses", () => {
  test.each([
    [{ fidelity: null }, {}, "freeze-thaw pauses trials on their way and needs a fidelity to measure how far they are"],
    [
      { fidelity: { min: 1, max: 81, unit: "value" } },
      {},
      "freeze-thaw learns from reports on the way, but with fidelity unit value trials report only at the end",
    ],
    [
      {},
      { fidelity: { ...fidelity, resume: "no" } },
      "freeze-thaw continues trials from their checkpoints, but the fidelity says resume: no",
    ],
    [{ objectiveCount: 2 }, {}, "freeze-thaw compares trials by one loss, but there are 2 objectives"],
    [{}, { defineByRun: true }, "freeze-thaw needs every parameter declared: it compares trials before all of theirs are drawn"],
    [{ parameters: {} }, {}, "freeze-thaw needs a parameter with more than one value to tune"],
    [
      { fidelity: { min: 1, max: 1 } },
      {},
      "freeze-thaw pauses trials every 1 epochs, but they train for 1 only: none would be paused",
    ],
  ] as const)("%j %j", (spec, change, sentence) => {
    expect(refusal(spec, change)).toBe(sentence);
  });

  test("nothing else", () => {
    expect(refusal({})).toBe(null);
    expect(refusal({ fidelity: { min: 1, max: 81, unit: "time" } })).toBe(null);
  });
});

describe("freeze-thaw's options", () => {
  test("outside their range are refused, each with what was found and what is allowed", () => {
    const options = { unit: 0.6, curves: 0, starts: "grid", regular: 1, leastChance: 2 } as unknown as FreezeThawOptions;
    expect(() => freezeThaw(options)).toThrow(
      "freeze-thaw: unit: is 0.6; allowed: a number above 0, up to 0.5; curves: is 0; allowed: a whole number from 1; " +
        'starts: is "grid"; allowed: model, sampler; regular: is 1; allowed: a whole number from 2; ' +
        "leastChance: is 2; allowed: a number from 0 to 1",
    );
  });

  test("are on record with their defaults, which are frozen", () => {
    expect(freezeThaw({ curves: 5 }).options).toEqual({ ...freezeThawDefaults, curves: 5 });
    expect(Object.isFrozen(freezeThawDefaults)).toBe(true);
  });
});

describe("a unit", () => {
  test("leads to its next multiple, from the least fidelity to the greatest", () => {
    const targets = (unit: number, { min, max }: { min: number; max: number }): number[] => {
      const all: number[] = [];
      for (let at = 0; at < max; at = all[all.length - 1]) all.push(nextUnit({ unit }, { ...fidelity, min, max }, at));
      return all;
    };
    expect(targets(0.25, { min: 1, max: 10 })).toEqual([3, 6, 9, 10]);
    expect(targets(0.05, { min: 1, max: 5 })).toEqual([1, 2, 3, 4, 5]);
    expect(targets(0.1, { min: 25, max: 100 })).toEqual([30, 40, 50, 60, 70, 80, 90, 100]);
  });

  test("of time is its share", () => {
    expect(nextUnit({ unit: 0.1 }, { ...fidelity, min: 0.1, max: 3, unit: "time" }, 0.6)).toBeCloseTo(0.9);
  });
});
