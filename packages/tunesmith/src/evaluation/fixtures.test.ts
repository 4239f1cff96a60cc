import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createLineSplitter } from "./line-splitter.ts";
import { createMetricCollector, type MetricCollectorOptions } from "./metric-collector.ts";
import type { MetricReport } from "./metric-track.ts";

/** One row per fixture: what is looked for, and the reports counted by hand in the file: [step, objective values…], a fold in front where there is one. */
interface Expectation {
  readonly file: string;
  readonly objectives: readonly string[];
  readonly step?: string;
  readonly fold?: string;
  readonly reports: readonly (readonly number[])[];
}

const expectations: readonly Expectation[] = [
  // The best line at the end repeats epoch 3 and counts once.
  {
    file: "plain-pairs.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 0.801],
      [2, 0.6125],
      [3, 0.587],
      [4, Number.NaN],
    ],
  },
  {
    file: "names-and-colons.txt",
    objectives: ["val/loss"],
    step: "epoch",
    reports: [
      [1, 1.001],
      [2, 0.803],
      [3, 0.742],
    ],
  },
  {
    file: "names-and-colons.txt",
    objectives: ["val/acc"],
    step: "epoch",
    reports: [
      [1, 61.5],
      [2, 70],
      [3, 73.25],
    ],
  },
  {
    file: "logging-prefix.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 1.9],
      [2, 1.3],
      [3, 1.05],
      [4, Number.POSITIVE_INFINITY],
    ],
  },
  {
    file: "keras-verbose-2.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 0.166],
      [2, 0.1222],
      [3, 0.1087],
    ],
  },
  {
    file: "keras-terminal.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 0.65],
      [2, 0.5],
    ],
  },
  {
    file: "keras-terminal.txt",
    objectives: ["loss"],
    step: "epoch",
    reports: [
      [1, 0.71],
      [2, 0.52],
    ],
  },
  {
    file: "keras-no-terminal.txt",
    objectives: ["loss"],
    step: "epoch",
    reports: [
      [1, 0.71],
      [2, 0.52],
    ],
  },
  {
    file: "keras-no-terminal.txt",
    objectives: ["val_accuracy"],
    reports: [
      [1, 0.8],
      [2, 0.84],
    ],
  },
  // Lightning counts epochs from 0, and its bar shows the earlier epoch's val_loss until the new one is there.
  {
    file: "lightning-bar.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [0, 0.52],
      [1, 0.41],
      [2, 0.38],
    ],
  },
  {
    file: "lightning-bar.txt",
    objectives: ["val_loss"],
    reports: [
      [1, 0.52],
      [2, 0.41],
      [3, 0.38],
    ],
  },
  {
    file: "huggingface-dicts.txt",
    objectives: ["eval_loss"],
    step: "epoch",
    reports: [
      [1, 0.4891],
      [2, 0.4203],
    ],
  },
  // Half epochs are no steps, so all four are counted.
  {
    file: "huggingface-dicts.txt",
    objectives: ["loss"],
    step: "epoch",
    reports: [
      [1, 0.6912],
      [2, 0.5512],
      [3, 0.4401],
      [4, 0.401],
    ],
  },
  {
    file: "xgboost.txt",
    objectives: ["validation_1-logloss"],
    step: "iteration",
    reports: [
      [0, 0.60992],
      [1, 0.54871],
      [2, 0.50127],
      [3, 0.4661],
      [4, 0.4388],
    ],
  },
  {
    file: "lightgbm.txt",
    objectives: ["auc"],
    step: "iteration",
    reports: [
      [10, 0.981],
      [20, 0.988],
      [30, 0.99],
    ],
  },
  {
    file: "catboost.txt",
    objectives: ["test"],
    step: "iteration",
    reports: [
      [0, 0.6613301],
      [100, 0.149912],
      [200, 0.120192],
    ],
  },
  {
    file: "katib.txt",
    objectives: ["accuracy"],
    step: "epoch",
    reports: [
      [1, 0.81],
      [2, 0.86],
      [3, 0.89],
    ],
  },
  {
    file: "katib.txt",
    objectives: ["loss"],
    reports: [
      [1, 0.35],
      [2, 0.28],
      [3, 0.24],
      [4, 0.21],
    ],
  },
  {
    file: "syne-tune.txt",
    objectives: ["loss"],
    step: "epoch",
    reports: [
      [1, 0.93],
      [2, 0.71],
      [3, Number.NaN],
    ],
  },
  { file: "smac.txt", objectives: ["cost"], reports: [[1, 0.5]] },
  {
    file: "pytorch-mnist.txt",
    objectives: ["loss"],
    step: "epoch",
    reports: [
      [1, 0.0465],
      [2, 0.0345],
    ],
  },
  {
    file: "pytorch-mnist.txt",
    objectives: ["Loss"],
    step: "epoch",
    reports: [
      [1, 2.17046],
      [2, 0.03212],
    ],
  },
  {
    file: "imagenet-example.txt",
    objectives: ["Acc@1"],
    step: "epoch",
    reports: [
      [0, 12.31],
      [1, 21.45],
    ],
  },
  {
    file: "nanogpt.txt",
    objectives: ["val_loss"],
    step: "step",
    reports: [
      [0, 4.2823],
      [250, 2.0612],
      [1000, 1.589],
    ],
  },
  {
    file: "two-ranks.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 0.81],
      [2, 0.62],
      [3, 0.55],
    ],
  },
  {
    file: "json-lines.txt",
    objectives: ["val.loss"],
    step: "epoch",
    reports: [
      [1, 0.85],
      [2, Number.NaN],
      [3, 0.58],
    ],
  },
  {
    file: "sklearn-verbose.txt",
    objectives: ["loss"],
    step: "iteration",
    reports: [
      [1, 2.10519331],
      [2, 1.80441702],
      [3, 1.52220144],
    ],
  },
  {
    file: "numpy-and-torch-values.txt",
    objectives: ["val_loss"],
    step: "epoch",
    reports: [
      [1, 0.9125],
      [2, 0.801],
      [3, 0.799],
    ],
  },
  {
    file: "tutorial-steps.txt",
    objectives: ["Loss"],
    step: "epoch",
    reports: [
      [1, 0.612],
      [2, 0.4987],
    ],
  },
  {
    file: "folds.txt",
    objectives: ["val_loss"],
    step: "epoch",
    fold: "fold",
    reports: [
      [1, 1, 0.9],
      [1, 2, 0.7],
      [2, 1, 0.95],
      [2, 2, 0.72],
      [3, 1, 0.88],
      [3, 2, 0.69],
    ],
  },
  // Epoch 2 lacks the latency and makes no step.
  {
    file: "two-objectives.txt",
    objectives: ["val_loss", "latency_ms"],
    step: "epoch",
    reports: [
      [1, 0.9, 4],
      [3, 0.7, 5.5],
    ],
  },
  {
    file: "chinese-windows.txt",
    objectives: ["验证损失"],
    step: "epoch",
    reports: [
      [1, 0.91],
      [2, 0.72],
    ],
  },
  { file: "no-metric.txt", objectives: ["val_loss"], reports: [] },
];

const bytesOf = (file: string) => readFileSync(new URL(`./fixtures/${file}`, import.meta.url));

function reportsOf(expectation: Expectation, chunkBytes: number): number[][] {
  const reports: MetricReport[] = [];
  const options: MetricCollectorOptions = {
    objectiveNames: expectation.objectives,
    stepName: expectation.step,
    foldName: expectation.fold,
    onReport: (report) => reports.push(report),
  };
  const collector = createMetricCollector(options);
  const splitter = createLineSplitter();
  const bytes = bytesOf(expectation.file);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const line of splitter.push(bytes.subarray(at, at + chunkBytes))) collector.line(line.text, line.redrawn);
  }
  for (const line of splitter.end()) collector.line(line.text, line.redrawn);
  collector.close();
  return reports.map(({ step, fold, metrics }) => {
    const values = expectation.objectives.map((name) => metrics.get(name) ?? -1);
    return fold === undefined ? [step, ...values] : [fold, step, ...values];
  });
}

for (const expectation of expectations) {
  const { file, objectives, step = "counted", reports } = expectation;
  test(`${file} gives ${reports.length} reports of ${objectives.join(", ")} by ${step}, however the bytes are cut`, () => {
    expect(reportsOf(expectation, 65_536)).toEqual(reports);
    expect(reportsOf(expectation, 7)).toEqual(reports);
    expect(reportsOf(expectation, 1)).toEqual(reports);
  });
}

test("every fixture has an expectation", () => {
  const files = readdirSync(new URL("./fixtures/", import.meta.url)).sort();
  expect([...new Set(expectations.map((expectation) => expectation.file))].sort()).toEqual(files);
});
