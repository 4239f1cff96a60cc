import { describe, expect, test } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Config } from "../../parameters/parameter.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import type { Fidelity } from "../../trial/problem.ts";
import { numericColumns, observationsOf, readGains, standardized } from "./pb2-data.ts";
import { populationSettings } from "./population-options.ts";

const space = createSpace({
  a: float(0, 1),
  b: categorical(["x", "y"]),
  c: float(0, 10, { when: { b: "y" } }),
  d: int(0, 3),
});
const fidelity: Fidelity = { name: "steps", min: 1, max: 40, unit: "steps", resume: "auto" };
const settings = populationSettings("pb2", { interval: 10 });

function history(): HistoryRecorder {
  const recorder = new HistoryRecorder(space, 1, 1);
  const add = (
    number: number,
    bracket: number,
    parent: { trial: number; step: number } | null,
    losses: Record<number, number>,
  ): void => {
    const config: Config = number === 0 ? { a: 0.25, b: "x", d: 3 } : { a: 0.75, b: "y", c: 5, d: 0 };
    recorder.add({ number, config, note: null, bracket, state: "running", parent });
    for (const [at, loss] of Object.entries(losses))
      recorder.report(number, { replicate: 0, attempt: 1, step: Number(at), fidelity: Number(at), losses: [loss] });
  };
  add(0, 1, null, { 2: 9, 6: 7, 10: 5, 15: 4, 20: 6, 25: 1 });
  add(1, 2, { trial: 0, step: 10 }, { 15: 4.5, 20: 3, 30: Number.NaN, 40: 2 });
  add(2, 0, null, { 10: 5, 20: 1 });
  return recorder;
}

describe("the gains of a population", () => {
  test("are how much the loss fell in each whole interval, per interval, a child's from its parent's loss on; NaN is left out", () => {
    const recorder = history();
    expect(readGains(settings, fidelity, recorder)).toEqual([
      { time: 0.2, before: 9, gain: 5, row: 0 },
      { time: 1, before: 5, gain: -1, row: 0 },
      { time: 1, before: 5, gain: 2, row: 1 },
    ]);
  });

  test("are seen by the loss before and the tuned numbers; an inactive one counts as in the middle", () => {
    const recorder = history();
    const columns = numericColumns(space.dimensions, () => true);
    expect(columns.map((j) => space.dimensions[j].name)).toEqual(["a", "c", "d"]);
    expect(numericColumns(space.dimensions, (name) => name !== "a").length).toBe(2);
    const { inputs, times, count, dimensionCount } = observationsOf(
      recorder,
      columns,
      (loss) => loss / 10,
      readGains(settings, fidelity, recorder),
    );
    expect([count, dimensionCount]).toEqual([3, 4]);
    expect([...times]).toEqual([0.2, 1, 1]);
    expect([...inputs]).toEqual([0.9, 0.25, 0.5, 0.875, 0.5, 0.25, 0.5, 0.875, 0.5, 0.75, 0.5, 0.125]);
  });

  test("are standardised and clipped at two standard deviations; all alike are 0", () => {
    expect([...standardized([1, 3])]).toEqual([-1, 1]);
    expect([...standardized([2, 2, 2])]).toEqual([0, 0, 0]);
    expect(standardized([...Array(20).fill(0), 1_000])[20]).toBe(2);
  });
});
