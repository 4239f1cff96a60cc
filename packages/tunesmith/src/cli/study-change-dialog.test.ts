import { createMemoryStorage, type StudyRecord } from "@tunesmith/core";
import { expect, test } from "vitest";
import { readStudyFile } from "../study-file/read-study-file.ts";
import type { StudyDefinition } from "../study-file/study-definition.ts";
import { createStudyRecord } from "../tuning/create-study-record.ts";
import { capturedContext } from "./commands/testing/command-stage.ts";
import { applyChange } from "./study-change-dialog.ts";

const checks = { commandFaults: () => [], macroNames: [], parseKeep: (rule: string) => ({ rule }), readOwnSampler: () => null };

function read(...more: readonly string[]): StudyDefinition {
  const lines = ["name: digits", "command: node train.mjs", "parameters: { lr: { min: 0.0, max: 1.0 } }", "parallel: 1", ...more];
  const objective = more.some((line) => line.startsWith("objective")) ? [] : ["objective: { name: val_loss, goal: minimize }"];
  const text = [...lines, ...objective].join("\n");
  const { definition, faults } = readStudyFile(text, "study.yaml", "/project", checks);
  if (definition === undefined) throw new Error(JSON.stringify(faults));
  return definition;
}

test("a drawn seed stays, and stays a drawn one, until the study file names one; from then on it is a chosen one", async () => {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  const first = await createStudyRecord(storage, read());
  const { seed } = first.problem;
  const change = async (...more: string[]): Promise<StudyRecord["problem"]> => {
    const record = (await storage.getStudy("study")) as StudyRecord;
    return (await applyChange(capturedContext(), storage, record, read(...more), { continue: true }))?.study.problem ?? {};
  };
  expect(first.problem).toMatchObject({ seedDrawn: true });
  expect(await change("budget: { trials: 9 }")).toMatchObject({ seed, seedDrawn: true });
  const chosen = await change("budget: { trials: 9 }", `seed: ${seed}`);
  expect([chosen.seed, chosen.seedDrawn]).toEqual([seed, undefined]);
  const later = await change("budget: { trials: 10 }");
  expect([later.seed, later.seedDrawn]).toEqual([seed, undefined]);
});

test("trials that were measured for another objective are not continued", async () => {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  const record = await createStudyRecord(storage, read());
  const other = read("objective: { name: accuracy, goal: maximize }");
  const change = (options: { readonly continue?: boolean; readonly new?: boolean }) =>
    applyChange(capturedContext(), storage, record, other, options);
  for (const options of [{}, { continue: true }])
    await expect(change(options)).rejects.toThrow(
      "digits is there already, and its trials were measured for another objective than maximize accuracy: they cannot be continued",
    );
  expect(await storage.getStudy("study")).toEqual(record);
});
