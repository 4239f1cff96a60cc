import fc from "fast-check";
import { expect, test } from "vitest";
import { createMetricCollector, type MetricCollectorOptions } from "./metric-collector.ts";
import type { MetricReport } from "./metric-track.ts";
import { explainMissing } from "./missing-metric.ts";

function collecting(options: Partial<MetricCollectorOptions> = {}) {
  const reports: MetricReport[] = [];
  const collector = createMetricCollector({
    objectiveNames: ["val_loss"],
    stepName: "epoch",
    ...options,
    onReport: (report) => reports.push(report),
  });
  const steps = () => reports.map(({ step, metrics }) => [step, metrics.get("val_loss")]);
  return { collector, reports, steps };
}

test("a line with the objective and the step is reported at once", () => {
  const { collector, steps } = collecting();
  collector.line("epoch=3 val_loss=0.31");
  expect(steps()).toEqual([[3, 0.31]]);
});

test("only lines that carry the objective make a step; other numbers ride along with the next", () => {
  const { collector, reports } = collecting();
  collector.line("epoch=1 loss=0.9 lr=0.1");
  collector.line("loss=0.8");
  expect(reports).toEqual([]);
  collector.line("val_loss=0.7 acc=0.5");
  expect(reports).toEqual([
    {
      step: 1,
      metrics: new Map([
        ["val_loss", 0.7],
        ["loss", 0.8],
        ["lr", 0.1],
        ["acc", 0.5],
      ]),
    },
  ]);
  collector.line("epoch=2 val_loss=0.6");
  expect(reports[1]).toEqual({ step: 2, metrics: new Map([["val_loss", 0.6]]) });
});

test("the step is matched without regard to case, and comes from the latest line that had it", () => {
  const { collector, steps } = collecting();
  for (const line of ["Epoch 4/10", "val_loss=0.5", "EPOCH: 5", "something else", "val_loss=0.4"]) collector.line(line);
  expect(steps()).toEqual([
    [4, 0.5],
    [5, 0.4],
  ]);
});

test("without a step the lines are counted from 1, or from behind the step resumed from", () => {
  const fresh = collecting({ stepName: undefined });
  const resumed = collecting({ stepName: undefined, afterStep: 9 });
  for (const { collector } of [fresh, resumed]) for (const value of [0.5, 0.5, 0.4]) collector.line(`epoch=7 val_loss=${value}`);
  expect(fresh.steps()).toEqual([
    [1, 0.5],
    [2, 0.5],
    [3, 0.4],
  ]);
  expect(resumed.steps()).toEqual([
    [10, 0.5],
    [11, 0.5],
    [12, 0.4],
  ]);
});

test.each(["0.5", "-1", "nan", "9007199254740992", "1e300"])(
  "after a step of %s the steps are counted for good, on from the highest",
  (odd) => {
    const { collector, steps } = collecting();
    for (const epoch of ["2", odd, "3", "1"]) collector.line(`epoch=${epoch} val_loss=0.${epoch.length}`);
    expect(steps().map(([step]) => step)).toEqual([2, 3, 4, 5]);
  },
);

test("a fractional step on a line without the objective changes nothing", () => {
  const { collector, steps } = collecting();
  for (const line of ["epoch=0.5 loss=1", "epoch=1.0 val_loss=0.5", "epoch=1.5 loss=1", "epoch=2 val_loss=0.4"])
    collector.line(line);
  expect(steps()).toEqual([
    [1, 0.5],
    [2, 0.4],
  ]);
});

test("the largest step is 2^53 − 1", () => {
  const { collector, steps } = collecting();
  collector.line("epoch=9007199254740991 val_loss=0.5");
  collector.line("epoch=0.5 val_loss=0.4");
  expect(steps()).toEqual([[Number.MAX_SAFE_INTEGER, 0.5]]);
});

test("the same step and value from several ranks counts once; another value is counted as a conflict and the first stands", () => {
  const { collector, steps } = collecting();
  for (const line of [
    "epoch=1 val_loss=0.5",
    "epoch=1 val_loss=0.5",
    "epoch=2 val_loss=nan",
    "epoch=2 val_loss=nan",
    "epoch=1 val_loss=0.4",
  ])
    collector.line(line);
  expect(steps()).toEqual([
    [1, 0.5],
    [2, Number.NaN],
  ]);
  expect(collector.summary()).toMatchObject({ reportCount: 2, repeatCount: 2, conflictCount: 1, lineCount: 5 });
});

test("steps may descend", () => {
  const { collector, steps } = collecting();
  for (const line of ["epoch=5 val_loss=0.5", "epoch=3 val_loss=0.4"]) collector.line(line);
  expect(steps()).toEqual([
    [5, 0.5],
    [3, 0.4],
  ]);
});

test("a redrawn line waits for its step's last line, the next step, or the end", () => {
  const { collector, steps } = collecting();
  collector.line("Epoch 1: 50% val_loss=0.9", true);
  collector.line("Epoch 1: 99% val_loss=0.8", true);
  expect(steps()).toEqual([]);
  collector.line("Epoch 1: 100% val_loss=0.7");
  expect(steps()).toEqual([[1, 0.7]]);
  collector.line("Epoch 2: 50% val_loss=0.6", true);
  collector.line("Epoch 3: 0%", true);
  expect(steps()).toEqual([
    [1, 0.7],
    [2, 0.6],
  ]);
  collector.line("Epoch 3: 50% val_loss=0.5", true);
  collector.close();
  expect(steps()).toEqual([
    [1, 0.7],
    [2, 0.6],
    [3, 0.5],
  ]);
});

test("with counted steps a redrawn line is a step unless it repeats the last values", () => {
  const { collector, steps } = collecting({ stepName: undefined });
  for (const value of [0.5, 0.5, 0.4, 0.4]) collector.line(`val_loss=${value}`, true);
  collector.line("val_loss=0.4");
  expect(steps()).toEqual([
    [1, 0.5],
    [2, 0.4],
    [3, 0.4],
  ]);
});

test("with several objectives a step is made when all were seen for it, and what lacks one is dropped", () => {
  const { collector, reports } = collecting({ objectiveNames: ["val_loss", "latency"] });
  for (const line of ["epoch=1 val_loss=0.5", "latency=3", "epoch=2 latency=4", "epoch=3 latency=5 val_loss=0.3"])
    collector.line(line);
  expect(reports.map(({ step, metrics }) => [step, ...metrics])).toEqual([
    [1, ["val_loss", 0.5], ["latency", 3]],
    [3, ["val_loss", 0.3], ["latency", 5]],
  ]);
});

test("with several objectives and no step each full set counts as a step, the newest values standing", () => {
  const { collector, reports } = collecting({ objectiveNames: ["a", "b"], stepName: undefined });
  for (const line of ["a=1", "a=2", "b=3", "b=4", "a=5"]) collector.line(line);
  expect(reports.map(({ step, metrics }) => [step, metrics.get("a"), metrics.get("b")])).toEqual([
    [1, 2, 3],
    [2, 5, 4],
  ]);
});

test("folds keep their steps apart, and the fold is that of the latest line that named one", () => {
  const { collector, reports } = collecting({ foldName: "fold" });
  for (const line of [
    "fold=0",
    "epoch=1 val_loss=0.5",
    "fold=1 epoch=1 val_loss=0.5",
    "epoch=2 val_loss=0.4",
    "fold=0 epoch=2 val_loss=0.3",
  ])
    collector.line(line);
  expect(reports.map(({ fold, step, metrics }) => [fold, step, metrics.get("val_loss")])).toEqual([
    [0, 1, 0.5],
    [1, 1, 0.5],
    [1, 2, 0.4],
    [0, 2, 0.3],
  ]);
  expect(collector.summary().reportCount).toBe(4);
});

test("without a fold name a fold is a number like any other", () => {
  const { collector, reports } = collecting();
  collector.line("fold=2 epoch=1 val_loss=0.5");
  expect(reports).toEqual([
    {
      step: 1,
      metrics: new Map([
        ["val_loss", 0.5],
        ["fold", 2],
      ]),
    },
  ]);
});

test("records of a file or the client follow the same rules, their own step first", () => {
  const { collector, reports } = collecting({ foldName: "fold" });
  collector.record({
    step: 3,
    fold: 1,
    metrics: new Map([
      ["val_loss", 0.5],
      ["acc", 0.9],
    ]),
  });
  collector.record({
    metrics: new Map([
      ["Epoch", 4],
      ["val_loss", 0.4],
    ]),
  });
  collector.record({ step: 5, metrics: new Map([["acc", 1]]) });
  expect(reports).toEqual([
    {
      step: 3,
      fold: 1,
      metrics: new Map([
        ["val_loss", 0.5],
        ["acc", 0.9],
      ]),
    },
    { step: 4, fold: 1, metrics: new Map([["val_loss", 0.4]]) },
  ]);
});

test("a report holds at most 100 metrics with names of at most 200 characters, the objectives among them", () => {
  const { collector, reports } = collecting();
  collector.record({ step: 1, metrics: new Map(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, index])) });
  collector.record({
    step: 1,
    metrics: new Map([
      ["n".repeat(201), 1],
      ["val_loss", 0.5],
    ]),
  });
  expect(reports[0].metrics.size).toBe(100);
  expect(reports[0].metrics.get("val_loss")).toBe(0.5);
  expect([...reports[0].metrics.keys()].every((name) => name.length <= 200)).toBe(true);
  expect(collector.summary().seenNames.length).toBe(200);
});

test("a million steps are remembered only 4,096 deep", () => {
  const { collector } = collecting();
  for (let step = 0; step < 10_000; step++) collector.record({ step, metrics: new Map([["val_loss", 1]]) });
  collector.record({ step: 9_000, metrics: new Map([["val_loss", 1]]) });
  expect(collector.summary()).toMatchObject({ reportCount: 10_000, repeatCount: 1 });
  collector.record({ step: 0, metrics: new Map([["val_loss", 1]]) });
  expect(collector.summary()).toMatchObject({ reportCount: 10_001, repeatCount: 1 });
});

test("whatever the steps and values, every step is reported once, with the first value it got", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), fc.nat(3))), (pairs) => {
      const { collector, steps } = collecting();
      for (const [step, value] of pairs) collector.line(`epoch=${step} val_loss=${value}`);
      const first = new Map<number, number>();
      for (const [step, value] of pairs) if (!first.has(step)) first.set(step, value);
      expect(steps()).toEqual([...first]);
      const { reportCount, repeatCount, conflictCount } = collector.summary();
      expect(reportCount + repeatCount + conflictCount).toBe(pairs.length);
    }),
  );
});

const explain = (lines: readonly string[], objectiveNames = ["val_loss"], stepName: string | undefined = "epoch") => {
  const { collector } = collecting({ objectiveNames, stepName });
  for (const line of lines) collector.line(line);
  return explainMissing(collector.summary());
};

test("a metric that never appears is explained by what was seen", () => {
  expect(explain([...Array.from({ length: 213 }, () => "working"), "loss=1 acc=2 val_acc=3"])).toBe(
    "no val_loss in 214 lines; seen: loss, acc, val_acc",
  );
  expect(explain(["loss=1 acc=2 Val-Loss=3"])).toBe("no val_loss in 1 line; seen: Val-Loss, loss, acc");
  expect(explain(["hello", "world"])).toBe("no val_loss in 2 lines, nor any other named number; print it as val_loss=0.31");
  expect(explain([""])).toBe("no val_loss: nothing was printed");
  expect(explain([Array.from({ length: 14 }, (_, index) => `m${index}=1`).join(" ")])).toBe(
    "no val_loss in 1 line; seen: m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 4 more",
  );
  expect(explain(["a=1"], ["b", "c"])).toBe("no b, c in 1 line; seen: a");
  expect(explain(["epoch=1 a=1", "epoch=2 b=1"], ["a", "b"])).toBe("the objectives were never seen for the same step");
  expect(explain(["epoch=1 val_loss=1"])).toBeUndefined();
});
