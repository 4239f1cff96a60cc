import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { commonHyperparameter, commonHyperparameters } from "./common-hyperparameters.ts";
import { formatFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";
import type { StudyDefinition } from "./study-definition.ts";
import { type StudyOutline, writeStudyFile } from "./write-study-file.ts";

function readBack(outline: StudyOutline): StudyDefinition {
  const { definition, faults } = readStudyFile(Buffer.from(writeStudyFile(outline)), "x.yaml", "/project", trainingChecks);
  if (definition === undefined) throw new Error(`${formatFaults("x.yaml", faults)}\n${writeStudyFile(outline)}`);
  return definition;
}

const outline: StudyOutline = {
  name: "mnist",
  command: "python train.py ${args}",
  parameters: [
    { name: "lr", parameter: { type: "float", min: 1e-5, max: 1, log: true, default: 1e-3 }, reason: "matters most" },
    { name: "batch_size", parameter: { type: "ordinal", values: [16, 32] }, arg: "--batch-size" },
    { name: "momentum", parameter: { type: "float", min: 0, max: 0.99, log: false, when: { optimizer: "sgd" } } },
    { name: "optimizer", parameter: { type: "categorical", values: ["adam", "sgd"] } },
  ],
  objective: { name: "val_loss", goal: "minimize" },
  budget: { trials: 100, timeMs: 1_800_000 },
};

describe("writing a study file", () => {
  test("reads well", () => {
    expect(writeStudyFile(outline)).toBe(`# Run it with:  tunesmith run <this file>

name: mnist

# The program to tune. \${args} becomes --name=value for every parameter below.
command: python train.py \${args}

# What to look for in the lines it prints, such as val_loss=0.31, and which way is better.
objective: { name: val_loss, goal: minimize }

# What may vary. log: true searches orders of magnitude; a range of whole numbers is of type int.
parameters:
  lr: { type: float, min: 0.00001, max: 1, default: 0.001, log: true }   # matters most
  batch_size: { type: ordinal, values: [16, 32], arg: --batch-size }
  momentum: { type: float, min: 0, max: 0.99, when: { optimizer: sgd } }
  optimizer: { type: categorical, values: [adam, sgd] }

# How much to spend; without it the study runs until it is stopped.
budget: { trials: 100, time: 30m }
`);
  });

  test("is read back as it was meant", () => {
    const { name, problem, settings, training } = readBack(outline);
    expect(name).toBe("mnist");
    expect(problem.parameters).toEqual(Object.fromEntries(outline.parameters.map(({ name, parameter }) => [name, parameter])));
    expect(training).toMatchObject({ command: "python train.py ${args}", parameterArgs: { batch_size: "--batch-size" } });
    expect(settings.budget).toEqual({ trials: 100, timeMs: 1_800_000 });
  });

  test("without a budget too", () => {
    expect(readBack({ ...outline, budget: {} }).settings.budget).toEqual({});
  });

  test("whatever names, texts and reasons hold", () => {
    const word = fc
      .string({ unit: "binary", minLength: 1, maxLength: 20 })
      .filter(
        (text) =>
          !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u.test(text) && text === text.trim() && text !== "",
      );
    const name = word.filter(
      (text) =>
        !trainingChecks.macroNames.includes(text) &&
        !text.startsWith("envvar:") &&
        !["__proto__", "constructor", "prototype"].includes(text),
    );
    const choices = fc.uniqueArray(fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)), {
      minLength: 1,
      maxLength: 4,
      selector: (value) => value,
    });
    fc.assert(
      fc.property(name, name, choices, fc.string({ unit: "binary" }), word, (study, parameter, values, reason, objective) => {
        const parameters = [{ name: parameter, parameter: { type: "categorical" as const, values }, reason }];
        const back = readBack({ ...outline, name: study, parameters, objective: { name: objective, goal: "maximize", reason } });
        expect(back.name).toBe(study);
        expect({ ...back.problem.parameters }).toEqual({ [parameter]: { type: "categorical", values } });
        expect(back.problem.objectives[0].name).toBe(objective);
      }),
    );
  });
});

describe("common hyperparameters", () => {
  test("all of them make a study without faults", () => {
    const parameters = commonHyperparameters.map(({ names, parameter, reason }) => ({ name: names[0], parameter, reason }));
    expect(Object.keys(readBack({ ...outline, parameters }).problem.parameters)).toEqual(parameters.map(({ name }) => name));
  });

  test("no name stands for two of them", () => {
    const names = commonHyperparameters.flatMap((each) => each.names);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test.each([
    ["--learning-rate", "lr"],
    ["learningRate", "lr"],
    ["--lr", "lr"],
    ["-bs", "batch_size"],
    ["--weight_decay", "weight_decay"],
    ["hidden_size", "width"],
    ["--num-layers", "layers"],
    ["--label-smoothing", "label_smoothing"],
  ])("%s is %s", (argument, name) => {
    expect(commonHyperparameter(argument)?.names[0]).toBe(name);
  });

  test.each(["--data-dir", "--epochs", "--seed", "toString", ""])("%j is none", (argument) => {
    expect(commonHyperparameter(argument)).toBeNull();
  });
});
