import { describe, expect, test } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Config } from "../../parameters/parameter.ts";
import { random } from "../../samplers/random.ts";
import { PopulationDrill } from "../../testing/population-drill.ts";
import { testProblem } from "../../testing/test-study.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import { lineageOf, scheduleOf } from "./lineage.ts";
import { pbt } from "./pbt.ts";

const max = 100;

/** Contracts towards x by a factor that is x as well: what it comes to depends on the order of all that it was trained with. */
function advance(model: number | null, { x }: Config): { model: number; loss: number } {
  const next = (model ?? 1) * (1 - 0.1 * (x as number)) + 0.1 * (x as number) ** 2;
  return { model: next, loss: Math.abs(next - 0.3) };
}

function study(seed: number): PopulationDrill<number> {
  const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max }, seed });
  const makePolicy = () => pbt({ population: 6, interval: 10 }).drive(random());
  const stepMs = (trial: number): number => 1 + (trial % 3);
  return new PopulationDrill<number>({ problem, makePolicy, workerCount: 4, advance, stepMs }).run();
}

describe("the lineage of a population", () => {
  test("is a forest: every trial goes back to one that began by itself, through older trials only", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { trials, history } = study(seed);
      expect(trials.some(({ parent }) => parent !== null)).toBe(true);
      for (const { number } of trials) {
        const lineage = lineageOf(history, number);
        expect(lineage.at(-1)).toBe(number);
        expect(trials[lineage[0]].parent).toBeNull();
        lineage.slice(1).forEach((child, i) => {
          expect(trials[child].parent).toBe(lineage[i]);
          expect(child).toBeGreaterThan(lineage[i]);
        });
      }
    }
  });
});

describe("a schedule", () => {
  test("trains one model again to the very same weights", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { trials, history } = study(seed);
      for (const { number, checkpoint, hasOwnCheckpoint } of trials) {
        if (!hasOwnCheckpoint) continue;
        let model: number | null = null;
        let step = 0;
        for (const { fromStep, toStep, config } of scheduleOf(history, number)) {
          expect(fromStep).toBe(step);
          for (; step < toStep; step++) ({ model } = advance(model, config));
        }
        expect(step).toBe(checkpoint.step);
        expect(model).toBe(checkpoint.model);
      }
    }
  });

  test("of a trial that has not reported has no length", () => {
    const history = new HistoryRecorder(createSpace({ x: float(0, 1) }), 1, 1);
    history.add({ number: 0, config: { x: 0.5 }, note: null, bracket: 1, state: "queued" });
    expect(scheduleOf(history, 0)).toEqual([{ trial: 0, fromStep: 0, toStep: 0, config: { x: 0.5 } }]);
  });

  test("of a trial that is not in view is refused", () => {
    expect(() => scheduleOf(study(0).history, 10_000)).toThrow("trial 10000 is not in the view of the history");
  });
});
