import { expect, test } from "vitest";
import { formatFaults, formatFlagFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";

const checks = { commandFaults: () => [], macroNames: [], parseKeep: (rule: string) => ({ rule }), readOwnSampler: () => null };

test("all faults of a file stand in columns under one headline", () => {
  const text = `command: python train.py \${args}
objective: { name: loss, goal: minimize }
parameters:
  lr: { distribution: log_uniform_values, min: 0, max: 1 }
  x:
    momentun: 1
    values: [1]
budget: { time: 30 }
`;
  const { faults = [] } = readStudyFile(text, "study.yaml", "/project", checks);
  expect(formatFaults("study.yaml", faults)).toBe(`study.yaml: 3 faults, nothing was started
  4:48  parameters.lr.min        0 with log_uniform_values: the range must lie above 0
  6:5   parameters.x.momentun    unknown; docs/study-file.md lists the keys
  8:17  budget.time              "30" has no unit: write 30s, 30m or 30h`);
});

test("one fault is one fault", () => {
  expect(formatFaults("a.yaml", [{ line: 1, column: 1, path: "", message: "the file is empty" }])).toBe(
    "a.yaml: 1 fault, nothing was started\n  1:1      the file is empty",
  );
});

test("faults of flags name the flag", () => {
  expect(
    formatFlagFaults([
      { flag: "--param lr=0..1:log", message: "0 with log: the range must lie above 0" },
      { flag: "--time 30", message: '"30" has no unit' },
    ]),
  ).toBe(`command line: 2 faults, nothing was started
  --param lr=0..1:log    0 with log: the range must lie above 0
  --time 30              "30" has no unit`);
});

test("beyond fifty they are only counted", () => {
  const faults = Array.from({ length: 60 }, (_, i) => ({ line: i + 1, column: 1, path: "x", message: "unknown" }));
  const lines = formatFaults("a.yaml", faults).split("\n");
  expect([lines[0], lines.length, lines[51]]).toEqual(["a.yaml: 60 faults, nothing was started", 52, "  … and 10 more"]);
});
