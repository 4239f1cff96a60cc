import { describe, expect, test } from "vitest";
import { definitionFromJson, definitionJson } from "./definition-json.ts";
import { readStudyFile } from "./read-study-file.ts";
import { compareDefinitions, type StudyChange } from "./study-change.ts";
import type { StudyDefinition } from "./study-definition.ts";

const checks = { commandFaults: () => [], macroNames: [], parseKeep: (rule: string) => ({ rule }), readOwnSampler: () => null };

const lines: Readonly<Record<string, string>> = {
  name: "digits",
  command: "node train.mjs ${args}",
  objective: "{ name: val_loss, goal: minimize }",
  parameters: "{ lr: { min: 1e-5, max: 1e-1, log: true }, layers: { min: 1, max: 4 } }",
  scheduler: "{ type: asha, eta: 3 }",
  fidelity: "{ name: epochs, min: 1, max: 81 }",
  enqueue: "[{ lr: 0.001 }]",
  seed: "42",
};

function read(changes: Readonly<Record<string, string | undefined>> = {}): StudyDefinition {
  const text = Object.entries({ ...lines, ...changes }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${value}`],
  );
  const { definition, faults } = readStudyFile(text.join("\n"), "study.yaml", "/project", checks);
  if (definition === undefined) throw new Error(JSON.stringify(faults));
  return definition;
}

function change(changes: Readonly<Record<string, string | undefined>>): StudyChange {
  return compareDefinitions(definitionFromJson(definitionJson(read())), read(changes));
}

const nothing = { silent: [], revision: [], question: [], otherStudy: [], enqueue: [] };

describe("a changed study file", () => {
  test("is unchanged by another order, other comments and other ways to write the same", () => {
    expect(change({})).toEqual(nothing);
    expect(
      change({ parameters: "{ layers: { max: 4, min: 1, type: int }, lr: { max: 0.1, min: 0.00001, log: true } }" }),
    ).toEqual(nothing);
  });

  test("goes on with the drawn seed when it names none", () => {
    expect(change({ seed: undefined })).toEqual(nothing);
  });

  test.each<[Readonly<Record<string, string | undefined>>, Partial<StudyChange>]>([
    [{ budget: "{ trials: 200 }" }, { silent: ["budget"] }],
    [{ parallel: "3" }, { silent: ["parallel"] }],
    [{ limits: "{ trial_time: 1h }" }, { silent: ["limits"] }],
    [{ resources: "{ gpus: 1 }" }, { silent: ["resources"] }],
    [{ retries: "{ error: 1 }" }, { silent: ["retries"] }],
    [{ env: "{ A: b }" }, { silent: ["env"] }],
    [{ keep: "{ checkpoints: all }" }, { silent: ["keep"] }],
    [{ confirm: "{ top: 1 }" }, { silent: ["confirm"] }],
    [{ test: "node test.mjs" }, { silent: ["test"] }],
    [
      { enqueue: "[{ lr: 0.001 }, { lr: 0.01 }, { lr: 0.001 }]" },
      { silent: ["enqueue"], enqueue: [{ lr: 0.01 }, { lr: 0.001 }] },
    ],
    [{ enqueue: undefined }, {}],
    [{ sampler: "random" }, { revision: ["sampler"] }],
    [{ sampler: "{ type: tpe, startup_count: 5 }" }, { revision: ["sampler"] }],
    [{ scheduler: "{ type: asha, eta: 4 }" }, { revision: ["scheduler"] }],
    [{ scheduler: "none" }, { question: ["scheduler"] }],
    [{ parameters: "{ lr: { min: 1e-5, max: 1e-2, log: true }, layers: { min: 1, max: 4 } }" }, { question: ["parameters"] }],
    [
      { parameters: "{ lr: { min: 1e-5, max: 1e-1, log: true, arg: --rate }, layers: { min: 1, max: 4 } }" },
      { question: ["parameters"] },
    ],
    [{ parameter_constraints: "[layers < 4]" }, { question: ["parameter_constraints"] }],
    [{ outcome_constraints: "[ms < 4]" }, { question: ["outcome_constraints"] }],
    [{ objective: "{ name: val_loss, goal: maximize }" }, { otherStudy: ["objective"] }],
    [{ objective: "{ name: val_acc, goal: minimize }" }, { otherStudy: ["objective"] }],
    [{ objective: "{ name: val_loss, goal: minimize, step: epoch }" }, { question: ["objective"] }],
    [{ command: "node other.mjs ${args}" }, { question: ["command"] }],
    [{ shell: "true" }, { question: ["command"] }],
    [{ evaluate: "node eval.mjs" }, { question: ["evaluate"] }],
    [{ workdir: "src" }, { question: ["workdir"] }],
    [{ fidelity: "{ name: epochs, min: 1, max: 27 }" }, { question: ["fidelity"] }],
    [{ fidelity: "{ name: epochs, min: 1, max: 81, arg: --epochs }" }, { question: ["fidelity"] }],
    [{ folds: "5" }, { question: ["folds"] }],
    [{ repeats: "3" }, { question: ["repeats"] }],
    [{ seed: "43" }, { question: ["seed"] }],
    [{ name: "other" }, {}],
    [
      { budget: "{ trials: 5 }", sampler: "random", seed: "1" },
      { silent: ["budget"], revision: ["sampler"], question: ["seed"] },
    ],
  ])("%j", (changes, expected) => {
    expect(change(changes)).toEqual({ ...nothing, ...expected });
  });
});

describe("the stored form", () => {
  test("gives back the definition, its parameters in their order", () => {
    const definition = read({ env: "{ A: b }", limits: "{ trial_time: 1h }", budget: "{ trials: 5 }" });
    const stored = JSON.parse(JSON.stringify(definitionJson(definition)));
    const back = definitionFromJson(stored);
    expect(back).toEqual({ ...definition, notices: [] });
    expect(Object.keys(back.problem.parameters)).toEqual(["lr", "layers"]);
    expect(definitionJson(back)).toEqual(stored);
  });

  test("is the same text for files that mean the same", () => {
    const text = (definition: StudyDefinition) => JSON.stringify(definitionJson(definition).problem);
    expect(text(read({ parameters: "{ layers: { max: 4, min: 1 }, lr: { max: 1e-1, log: true, min: 1e-5 } }" }))).toBe(
      text(read()),
    );
  });

  test("of a later version is refused", () => {
    expect(() => definitionFromJson({ ...definitionJson(read()), version: 2 })).toThrow(
      "the study's definition has version 2; this Tunesmith reads version 1",
    );
  });
});
