import { describe, expect, test } from "vitest";
import type { Report } from "../trial/trial.ts";
import type { Job } from "./engine.ts";
import { LazyAbort } from "./lazy-abort.ts";
import { type DecisionWord, type Objective, type ObjectiveContext, runObjective } from "./objective-trial.ts";

const job: Job = {
  ref: { studyId: "s", trial: 4, replicate: 1, attempt: 1 },
  config: { x: 0.5 },
  suggested: {},
  seed: 11,
  fold: 1,
  target: 3,
  maxFidelity: 3,
  checkpoint: null,
  decisionFidelities: [],
  confirm: false,
};

function stage(changed: Partial<ObjectiveContext> = {}) {
  const abort = new LazyAbort();
  const reports: Report[] = [];
  const context: ObjectiveContext = {
    objectiveNames: ["loss"],
    fidelityUnit: "steps",
    drawSeed: null,
    abort,
    monotonicMs: () => 0,
    async report(report): Promise<DecisionWord> {
      reports.push(report);
      return "continue";
    },
    recordValues: async () => {},
    saveState: async () => {},
    ...changed,
  };
  return { abort, reports, run: (objective: Objective, of: Job = job) => runObjective(objective, of, context) };
}

describe("runObjective", () => {
  test("shows the trial its job", async () => {
    const { run } = stage();
    let seen: unknown;
    await run(({ number, params, seed, fold, target }) => {
      seen = { number, params, seed, fold, target };
      return 1;
    });
    expect(seen).toEqual({ number: 4, params: { x: 0.5 }, seed: 11, fold: 1, target: 3 });
  });

  test.each<[string, Objective, object]>([
    ["a number", () => 0.5, { kind: "complete", metrics: { loss: 0.5 } }],
    ["metrics", async () => ({ loss: 1, cost: 2 }), { kind: "complete", metrics: { loss: 1, cost: 2 } }],
    ["nothing", () => {}, { kind: "complete", metrics: {} }],
    [
      "text",
      (() => "0.5") as unknown as Objective,
      { kind: "failed", reason: "error", message: '"0.5" found; allowed: a number, or numbers by name' },
    ],
    [
      "null",
      (() => null) as unknown as Objective,
      { kind: "failed", reason: "error", message: "null found; allowed: a number, or numbers by name" },
    ],
    [
      "metrics that are no numbers",
      (() => ({ loss: "1" })) as unknown as Objective,
      { kind: "failed", reason: "error", message: 'loss is "1"; allowed: a number' },
    ],
    ["an error", () => Promise.reject(new Error("no luck")), { kind: "failed", reason: "error", message: "no luck" }],
    [
      "something without text",
      () => {
        throw Object.create(null);
      },
      { kind: "failed", reason: "error", message: "a value of type object that has no text" },
    ],
  ])("an objective that gives %s", async (_, objective, outcome) => {
    expect(await stage().run(objective)).toEqual(outcome);
  });

  test("steps end at the target, and when the trial is told to leave", async () => {
    const { run, abort } = stage();
    const seen: number[] = [];
    await run(async (trial) => {
      for (const step of trial.steps()) seen.push(step);
    });
    await run(async (trial) => {
      for (const step of trial.steps()) {
        seen.push(10 * step);
        if (step === 2) abort.abort();
      }
    });
    expect(seen).toEqual([1, 2, 3, 10, 20]);
  });

  test("without a target steps do not end by themselves", async () => {
    let last = 0;
    await stage().run(
      (trial) => {
        for (const step of trial.steps()) {
          last = step;
          if (step === 1_000) break;
        }
      },
      { ...job, target: null },
    );
    expect(last).toBe(1_000);
  });

  test("after another answer than continue there are no more steps, and the answer stays", async () => {
    const answers: DecisionWord[] = ["continue", "stop", "continue"];
    const { run } = stage({ report: async () => answers.shift() ?? "continue" });
    const seen: unknown[] = [];
    await run(async (trial) => {
      for (const step of trial.steps()) seen.push(step, await trial.report(step, 1));
      seen.push(await trial.report(9, 1));
    });
    expect(seen).toEqual([1, "continue", 2, "stop", "stop"]);
  });

  test("reports that nobody waited for are recorded before the trial ends", async () => {
    let recorded = 0;
    const { run } = stage({
      async report() {
        for (let i = 0; i < 20; i++) await Promise.resolve();
        recorded++;
        return "continue";
      },
    });
    await run((trial) => {
      void trial.report(1, 1);
      void trial.report(2, 1);
    });
    expect(recorded).toBe(2);
  });

  test("a report that is refused fails the trial if the objective does not catch it", async () => {
    const { run } = stage({ report: () => Promise.reject(new Error("step -1 found")) });
    expect(await run(async (trial) => void (await trial.report(-1, 1)))).toMatchObject({
      kind: "failed",
      message: "step -1 found",
    });
    expect(await run(async (trial) => void (await trial.report(1, 1).catch(() => {})))).toMatchObject({ kind: "complete" });
  });

  test("fidelity is the step, the seconds since the start, or the target", async () => {
    let nowMs = 500;
    const fidelities = async (fidelityUnit: ObjectiveContext["fidelityUnit"]): Promise<number[]> => {
      const { run, reports } = stage({ fidelityUnit, monotonicMs: () => (nowMs += 250) });
      await run(async (trial) => {
        await trial.report(1, 1);
        await trial.report(2, 1);
      });
      return reports.map(({ fidelity }) => fidelity);
    };
    expect(await fidelities("steps")).toEqual([1, 2]);
    expect(await fidelities(null)).toEqual([1, 2]);
    expect(await fidelities("time")).toEqual([0.25, 0.5]);
    expect(await fidelities("value")).toEqual([3, 3]);
  });

  test("steps of a trial that trains for a time end with it", async () => {
    let nowMs = 0;
    let stepCount = 0;
    await stage({ fidelityUnit: "time", monotonicMs: () => nowMs }).run((trial) => {
      for (const step of trial.steps()) {
        stepCount = step;
        nowMs += 500;
      }
    });
    expect(stepCount).toBe(6);
  });
});

describe("an objective that goes on from a checkpoint", () => {
  const checkpoint = { step: 2, location: '{"weights":[0.5,null],"file":"a"}' };

  test("finds its state as it was saved, and steps from the next one on", async () => {
    const seen: unknown[] = [];
    await stage().run(({ checkpoint, steps }) => void seen.push(checkpoint(), [...steps()]), { ...job, target: 5, checkpoint });
    await stage().run(({ checkpoint, steps }) => void seen.push(checkpoint(), [...steps()]));
    expect(seen).toEqual([{ step: 2, state: { weights: [0.5, null], file: "a" } }, [3, 4, 5], null, [1, 2, 3]]);
  });

  test("has no steps to train when it was saved at the target", async () => {
    const seen: number[] = [];
    await stage().run((trial) => void seen.push(...trial.steps()), { ...job, target: 2, checkpoint });
    expect(seen).toEqual([]);
  });

  test("fails where a command left the checkpoint", async () => {
    const ofCommand = { ...job, checkpoint: { step: 2, location: "/home/step-2" } };
    expect(await stage().run((trial) => void trial.checkpoint(), ofCommand)).toMatchObject({
      kind: "failed",
      message: "the checkpoint of step 2 is none that saveCheckpoint made: /home/step-2",
    });
  });

  test("fails with what the storage said about a state that nobody waited for", async () => {
    const { run } = stage({ saveState: () => Promise.reject(new Error("no room")) });
    expect(await run((trial) => void trial.saveCheckpoint(1, {}))).toMatchObject({ kind: "failed", message: "no room" });
    expect(await run(async (trial) => trial.saveCheckpoint(1, {}).catch(() => 1))).toMatchObject({ message: "no room" });
  });
});

describe("an objective that returns after its signal was raised", () => {
  const left = { kind: "stopped", why: { code: "left-early" }, metrics: { loss: 5 } };
  const complete = { kind: "complete", metrics: { loss: 5 } };

  test.each<[string, object, Objective]>([
    ["had finished if it never looked", complete, () => 5],
    ["left early if it holds the signal", left, (trial) => (trial.signal.aborted ? 5 : Number.NaN)],
    ["left early if its steps were cut short", left, (trial) => ([...trial.steps()].length === 0 ? 5 : Number.NaN)],
    ["left early if a report told it", left, async (trial) => void (await trial.report(1, 5))],
    [
      "had finished if it has reported the target",
      complete,
      async (trial) => {
        expect(trial.signal.aborted).toBe(true);
        await trial.report(3, 5);
      },
    ],
  ])("%s", async (_, outcome, objective) => {
    const { run, abort } = stage();
    expect(
      await run(async (trial) => {
        abort.abort();
        return objective(trial);
      }),
    ).toEqual(outcome);
  });
});
