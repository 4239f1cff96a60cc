import fc from "fast-check";
import { expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { formatFlagFaults } from "./format-faults.ts";
import { readParamFlags } from "./read-param-flags.ts";
import { readStudyFile } from "./read-study-file.ts";
import { keyTables } from "./study-keys.ts";

/** A definition, or faults that each have a place and a message. */
function expectReading(content: string | Uint8Array): void {
  const { definition, faults } = readStudyFile(content, "study.yaml", "/project", trainingChecks);
  if (definition !== undefined) return;
  expect(faults.length).toBeGreaterThan(0);
  for (const { line, column, message } of faults) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toBe("");
  }
  expect(faults.map(({ line }) => line)).toEqual(faults.map(({ line }) => line).sort((a, b) => a - b));
}

const valid = `command: python train.py \${args}
objective: { name: loss, goal: minimize, stop_at: 0.1 }
parameters:
  lr: { min: 1e-5, max: 1e-1, log: true, default: 1e-3 }
  opt: { values: [adam, sgd] }
  momentum: { min: 0.0, max: 0.99, when: { opt: sgd } }
sampler: { type: tpe, startup_count: 5 }
fidelity: { name: epochs, min: 1, max: 27 }
budget: { trials: 10, time: 5m }
enqueue: [{ lr: 0.01 }]
`;

test("whatever bytes a file holds, reading it gives a definition or faults", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectReading));
});

test("a valid file with any piece cut out, doubled or replaced gives a definition or faults", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      "[",
      "]",
      "{",
      "}",
      ":",
      "- ",
      "\n",
      "\n  ",
      "&a ",
      "*a",
      "!!x ",
      "|",
      ">",
      '"',
      "'",
      "#",
      "?",
      "%",
      "null",
      "~",
      "-1",
      "1e999",
      ".nan",
      "\t",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const position = fc.nat(valid.length);
  fc.assert(
    fc.property(fc.array(fc.tuple(position, fc.nat(20), piece), { minLength: 1, maxLength: 4 }), (edits) => {
      expectReading(
        edits.reduce((text, [at, length, inserted]) => text.slice(0, at) + inserted + text.slice(at + length), valid),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("any value under any key gives a definition or faults", () => {
  const keys = [...new Set(Object.values(keyTables).flatMap((table) => Object.keys(table)))];
  const value = fc.jsonValue({ maxDepth: 3 });
  const group = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 5 })), value, { maxKeys: 5 });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(...Object.keys(keyTables[""])),
        fc.oneof(value, group, fc.array(group, { maxLength: 3 }), fc.dictionary(fc.string(), group)),
      ),
      (study) => {
        expectReading(JSON.stringify(study));
      },
    ),
    { numRuns: 1_000 },
  );
});

test("whatever flags say, reading them gives a definition or faults that name a flag", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.stringMatching(/^[a-z]{0,3}=?[-0-9.e]{0,5}(\.\.)?[-0-9.e]{0,5}(:[a-z=0-9]{0,6})?$/),
  );
  const flags = fc.record(
    {
      param: fc.array(text, { maxLength: 3 }),
      minimize: fc.array(text, { maxLength: 2 }),
      fidelity: text,
      trials: text,
      sampler: text,
      name: text,
      command: fc.array(text, { maxLength: 3 }),
    },
    { requiredKeys: ["param", "command"] },
  );
  fc.assert(
    fc.property(flags, (study) => {
      const { definition, faults } = readParamFlags(study, "/project", trainingChecks);
      if (definition === undefined) {
        expect(faults.length).toBeGreaterThan(0);
        expect(faults.map(({ flag }) => flag)).not.toContain(undefined);
        expect(formatFlagFaults(faults)).toContain("nothing was started");
      }
    }),
    { numRuns: 1_000 },
  );
});
