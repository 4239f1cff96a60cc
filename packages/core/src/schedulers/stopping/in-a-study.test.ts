import { describe, expect, it } from "vitest";
import { createStudy, type Trial } from "../../index.ts";
import { float } from "../../parameters/build-parameter.ts";
import { asha } from "../asha.ts";
import { firstToStop } from "./first-to-stop.ts";
import { median } from "./median.ts";
import { patience } from "./patience.ts";
import { percentile } from "./percentile.ts";
import { threshold } from "./threshold.ts";
import { wilcoxon } from "./wilcoxon.ts";

const common = { parameters: { x: float(-1, 1) }, sampler: "random", seed: 1 } as const;
const objective = { name: "loss", goal: "minimize" } as const;
const fidelity = { name: "epochs", min: 1, max: 20 };

async function trialsOf(study: { trials(): AsyncIterable<Trial> }): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for await (const trial of study.trials()) trials.push(trial);
  return trials;
}

function codesOf(trials: readonly Trial[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state, stopWhy } of trials) {
    const key = state === "stopped" ? String(stopWhy?.code) : state;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe("stopping rules in a study", () => {
  it("median stops trainings that draw their own parameters", async () => {
    const study = await createStudy({ ...common, objective, fidelity, defineByRun: true, scheduler: median() });
    await study.optimize(
      async (trial) => {
        const y = trial.suggestFloat("y", 0, 1);
        for (const epoch of trial.steps()) {
          if ((await trial.report(epoch, { loss: Math.abs(trial.params.x) + y + 1 / epoch })) !== "continue") break;
        }
      },
      { trials: 40, parallel: 4 },
    );
    const trials = await trialsOf(study);
    const codes = codesOf(trials);
    expect(Object.keys(codes).sort()).toEqual(["complete", "percentile"]);
    expect(codes.percentile).toBeGreaterThan(10);
    for (const { fidelity: reached, state } of trials) {
      if (state === "complete") expect(reached).toBe(20);
      else expect(reached).toSatisfy((at: number) => at >= 4 && at <= 18);
    }
  });

  it("percentile lets the first front of two objectives go on", async () => {
    const objectives = [
      { name: "error", goal: "minimize" },
      { name: "speed", goal: "maximize" },
    ] as const;
    const study = await createStudy({ ...common, objectives, fidelity, scheduler: percentile({ keep: 1 }) });
    await study.optimize(
      async (trial) => {
        const { x } = trial.params;
        for (const epoch of trial.steps()) {
          const speed = x > 0 ? x - 0.2 * trial.number : x;
          if ((await trial.report(epoch, { error: x, speed })) !== "continue") break;
        }
      },
      { trials: 30 },
    );
    const codes = codesOf(await trialsOf(study));
    expect(Object.keys(codes).sort()).toEqual(["complete", "percentile-front"]);
  });

  it("threshold and patience need no fidelity", async () => {
    const rules = firstToStop([threshold({ above: 1.5 }), patience({ reports: 2, keep: 0 })]);
    const study = await createStudy({ ...common, objective, scheduler: rules });
    await study.optimize(
      async (trial) => {
        for (let step = 1; step <= 8; step++) {
          const loss = trial.number % 2 === 0 ? step : Math.max(1 / step, 0.25);
          if ((await trial.report(step, { loss })) !== "continue") break;
        }
      },
      { trials: 10 },
    );
    expect(codesOf(await trialsOf(study))).toEqual({ "threshold-above": 5, patience: 5 });
  });

  it("a report of other metrics alone is no point of the learning curve", async () => {
    const study = await createStudy({ ...common, objective, fidelity, scheduler: threshold({ above: 5 }) });
    await study.optimize(
      async (trial) => {
        for (const epoch of trial.steps()) {
          const metrics: Record<string, number> = epoch % 2 === 0 ? { loss: Math.abs(trial.params.x) } : { gradient: 1 / epoch };
          if ((await trial.report(epoch, metrics)) !== "continue") break;
        }
      },
      { trials: 3 },
    );
    expect(codesOf(await trialsOf(study))).toEqual({ complete: 3 });
  });

  it("wilcoxon compares trials by the folds they report as steps", async () => {
    const study = await createStudy({
      ...common,
      objective: { ...objective, take: "mean:10" },
      fidelity: { name: "fold", min: 1, max: 10 },
      scheduler: wilcoxon(),
    });
    await study.optimize(
      async (trial) => {
        for (const fold of trial.steps()) {
          if ((await trial.report(fold, { loss: Math.abs(trial.params.x) + Math.sin(fold) })) !== "continue") break;
        }
      },
      { trials: 20 },
    );
    const trials = await trialsOf(study);
    const best = trials.reduce((a, b) => (Math.abs(a.config.x as number) <= Math.abs(b.config.x as number) ? a : b));
    expect(best.state).toBe("complete");
    const stopped = trials.filter(({ state }) => state === "stopped");
    expect(stopped.length).toBeGreaterThan(10);
    for (const { stopWhy, fidelity: reached } of stopped) {
      expect(reached).toBe(4);
      expect(stopWhy).toMatchObject({ code: "wilcoxon", folds: 4, p: 0.0625 });
    }
  });

  it("joined with asha decide in the order they are named", async () => {
    const study = await createStudy({
      ...common,
      objective,
      fidelity,
      scheduler: firstToStop([asha(), threshold({ above: 2.5 })]),
    });
    await study.optimize(
      async (trial) => {
        for (const epoch of trial.steps()) {
          const loss = epoch === 2 && trial.number === 0 ? Number.NaN : Math.abs(trial.params.x) + 1 / epoch;
          if ((await trial.report(epoch, { loss })) !== "continue") break;
        }
      },
      { trials: 12 },
    );
    const trials = await trialsOf(study);
    expect(trials[0].stopWhy).toEqual({ code: "threshold-not-finite", metric: "loss", fidelity: 2, value: "NaN" });
    expect(codesOf(trials)["asha-rung"]).toBeGreaterThan(3);
  });
});
