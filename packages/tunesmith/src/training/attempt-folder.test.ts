import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { argsFileOf, attemptFolder, paramsFileOf, publishDecision, putFiles } from "./attempt-folder.ts";

const ref = { studyId: "st_1-A", trial: 12, replicate: 0, attempt: 3 };

it("an attempt lies at studies/<id>/<trial>/<replicate>/<attempt>, private, with its parameters", () => {
  const home = mkdtempSync(join(tmpdir(), "tunesmith-folder-"));
  const folder = attemptFolder(home, ref);
  expect(folder.dir).toBe(join(home, "studies/st_1-A/12/0/3"));
  const params = {
    params: { lr: 0.1 },
    trial: 12,
    replicate: 0,
    attempt: 3,
    seed: 5,
    fold: null,
    fidelity: 9,
    fidelity_max: 27,
    decision_steps: null,
    objectives: ["loss"],
  };
  putFiles(folder.saveDir, [paramsFileOf(folder, params)]);
  expect(JSON.parse(readFileSync(folder.paramsFile, "utf8"))).toEqual(params);
  expect(readdirSync(folder.dir).sort()).toEqual(["params.json", "save"]);
  expect(statSync(folder.dir).mode & 0o077).toBe(0);
  expect(statSync(folder.paramsFile).mode & 0o077).toBe(0);
  for (const seq of [1, 2]) publishDecision(folder, { step: seq, decision: "continue", rule: null, seq });
  expect(JSON.parse(readFileSync(folder.decisionFile, "utf8"))).toEqual({ step: 2, decision: "continue", rule: null, seq: 2 });
  expect(readdirSync(folder.dir)).not.toContain("decision.json.tmp");
  putFiles(null, [argsFileOf(folder, params.params)]);
  expect(JSON.parse(readFileSync(folder.argsFile, "utf8"))).toEqual({ lr: 0.1 });
  rmSync(home, { recursive: true });
});

it.each(["", "..", "a/b", "a.b", "a\0", "ü"])("the study id %j is refused: it would be a path, or end a marker", (studyId) => {
  expect(() => attemptFolder("/h", { ...ref, studyId })).toThrow(RangeError);
});
