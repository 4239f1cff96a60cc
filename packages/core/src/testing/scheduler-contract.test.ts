import { describe, expect, it } from "vitest";
import { asha } from "../schedulers/asha.ts";
import { none } from "../schedulers/none.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { firstToStop } from "../schedulers/stopping/first-to-stop.ts";
import { median } from "../schedulers/stopping/median.ts";
import { patience } from "../schedulers/stopping/patience.ts";
import { percentile } from "../schedulers/stopping/percentile.ts";
import { threshold } from "../schedulers/stopping/threshold.ts";
import { wilcoxon } from "../schedulers/stopping/wilcoxon.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { bestGoesOnContract, schedulerContract } from "./scheduler-contract.ts";

const comparing: Readonly<Record<string, () => Scheduler>> = {
  none,
  asha,
  "asha with brackets": () => asha({ brackets: 3 }),
  median,
  percentile: () => percentile({ percentile: 10, startup: 1, window: [0, 1], keep: 0 }),
  patience: () => patience({ reports: 2, keep: 0 }),
  "several rules": () => firstToStop([asha(), median({ startup: 2 }), patience()]),
};

// Bounds are absolute, and one fold's loss says little beside another's: the best report so far may be one too many.
const others: Readonly<Record<string, () => Scheduler>> = {
  threshold: () => threshold(),
  "threshold of one metric": () => threshold({ above: 0.8, metric: "loss0" }),
  wilcoxon: () => wilcoxon({ metric: "loss0" }),
};

for (const [name, make] of Object.entries(comparing)) {
  describe(`${name} keeps the scheduler contract`, () => {
    for (const { name: promise, run } of [...schedulerContract, ...bestGoesOnContract]) it(promise, () => run(make));
  });
}

for (const [name, make] of Object.entries(others)) {
  describe(`${name} keeps the scheduler contract`, () => {
    for (const { name: promise, run } of schedulerContract) it(promise, () => run(make));
  });
}

describe("the scheduler contract", () => {
  const failuresOf = (make: () => Scheduler): string[] =>
    [...schedulerContract, ...bestGoesOnContract].filter(({ run }) => throws(() => run(make))).map(({ name }) => name);
  const stop = (numbers: Record<string, number> = {}) => ({ kind: "stop", why: { code: "broken", ...numbers } }) as const;
  const purity = "answers the same question with the same answer, from the history alone";
  const best = "never stops a trial at a report that beats every report before it";

  it("finds a scheduler that counts how often it was asked", () => {
    const counting = (): Scheduler => {
      let count = 0;
      return { ...none(), onReport: () => (++count % 7 === 0 ? stop() : { kind: "continue" }), decisionFidelities: () => null };
    };
    expect(failuresOf(counting)).toEqual([purity, best]);
  });

  it("finds a scheduler that stops where it did not say so, and for no reason", () => {
    expect(failuresOf(() => ({ ...none(), onReport: () => stop() }))).toEqual([
      "stops and pauses only after passing a fidelity at which it said it may",
      best,
    ]);
  });

  it("finds numbers that JSON cannot carry", () => {
    const broken = (): Scheduler => ({
      ...none(),
      onReport(_, { losses, objectiveCount }, row) {
        const loss = losses[row * objectiveCount];
        return loss <= 9 ? { kind: "continue" } : stop({ loss });
      },
      decisionFidelities: () => null,
    });
    expect(failuresOf(broken)).toEqual(["says why in JSON"]);
  });

  it("finds a scheduler that resumes what is not paused, and one that never lets go", () => {
    const ends = "lets every trial start, train and end, with any number of workers, failures and losses";
    const resuming = (): Scheduler => ({
      ...none(),
      resume: (_, { trialCount }) => (trialCount > 3 ? { trial: 1, target: 27 } : null),
    });
    expect(failuresOf(resuming)).toContain(ends);
    const returning = (): Scheduler => ({
      ...none(),
      onReport: () => ({ kind: "pause", why: { code: "again" } }),
      resume(_, { rows, states, fidelities, numbers }) {
        const row = rows.find((each) => states[each] === trialStateCodes.paused);
        return row === undefined ? null : { trial: numbers[row], target: fidelities[row] };
      },
      decisionFidelities: () => null,
    });
    expect(failuresOf(returning)).toContain(ends);
  });

  it("finds a scheduler that refuses everything", () => {
    const refusals = failuresOf(() => ({ ...none(), refuse: () => "it is raining" }));
    expect(refusals).toEqual(["serves some problem, and says in one sentence why it refuses another"]);
  });
});

function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
