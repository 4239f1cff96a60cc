import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { formatFlagFaults } from "./format-faults.ts";
import { readParamFlags, type StudyFlags } from "./read-param-flags.ts";
import type { StudyDefinition } from "./study-definition.ts";

const command = ["python", "src/train.py", "${args}"];

function definitionOf(flags: Partial<StudyFlags>): StudyDefinition {
  const { definition, faults } = readParamFlags(
    { param: ["x=0.0..1.0"], minimize: ["loss"], command, ...flags },
    "/project",
    trainingChecks,
  );
  if (definition === undefined) throw new Error(formatFlagFaults(faults));
  return definition;
}

function faultsOf(flags: Partial<StudyFlags>): string[] {
  const { faults = [] } = readParamFlags(
    { param: ["x=0.0..1.0"], minimize: ["loss"], command, ...flags },
    "/project",
    trainingChecks,
  );
  return faults.map(({ flag, message }) => `${flag} | ${message}`);
}

describe("a study from flags", () => {
  test("all of them at once", () => {
    const { name, problem, settings, training, notices } = definitionOf({
      param: ["lr=1e-5..1e-1:log", "layers=1..4", "dropout=0.0..0.5", "opt=adam,sgd"],
      minimize: ["val_loss"],
      trials: "40",
      time: "30m",
      parallel: "2",
      sampler: "random",
      scheduler: "asha",
      fidelity: "epochs=1..81",
      seed: "7",
      step: "epoch",
    });
    expect(name).toBe("train");
    expect(problem.parameters).toEqual({
      lr: { type: "float", min: 1e-5, max: 0.1, log: true },
      layers: { type: "int", min: 1, max: 4, log: false },
      dropout: { type: "float", min: 0, max: 0.5, log: false },
      opt: { type: "categorical", values: ["adam", "sgd"] },
    });
    expect(problem.objectives).toEqual([{ name: "val_loss", goal: "minimize", take: "last", step: "epoch" }]);
    expect(problem.fidelity).toEqual({ name: "epochs", min: 1, max: 81, unit: "steps", resume: "auto" });
    expect(problem.seed).toBe(7);
    expect(settings).toMatchObject({
      sampler: { type: "random" },
      scheduler: { type: "asha" },
      budget: { trials: 40, timeMs: 1_800_000 },
      parallel: 2,
    });
    expect(training).toMatchObject({ command, workdir: "/project", parameterNames: ["lr", "layers", "dropout", "opt"] });
    expect(notices).toEqual(["whole numbers: layers (1..4); for floats write the ends with a point, as in 0.0..1.0"]);
  });

  test.each<[string, object]>([
    ["x=0..10:step=2", { type: "int", min: 0, max: 10, step: 2, log: false }],
    ["x=-1..1", { type: "int", min: -1, max: 1, log: false }],
    ["x=-1.5..-0.5", { type: "float", min: -1.5, max: -0.5, log: false }],
    ["x=1e-3..1", { type: "float", min: 0.001, max: 1, log: false }],
    ["x=1..1000:log:default=10", { type: "int", min: 1, max: 1000, log: true, default: 10 }],
    ["x=true,false", { type: "boolean" }],
    ["x=16,32,64", { type: "categorical", values: [16, 32, 64] }],
    ["x=a,1,true", { type: "categorical", values: ["a", 1, true] }],
    ["x=3", { type: "constant", value: 3 }],
    ["x=../data", { type: "constant", value: "../data" }],
    ["x=a=b", { type: "constant", value: "a=b" }],
    ["x=", { type: "constant", value: "" }],
    ["x=null", { type: "constant", value: "null" }],
  ])("--param %s", (param, parameter) => {
    expect(definitionOf({ param: [param] }).problem.parameters).toEqual({ x: parameter });
  });

  test("several objectives, each with its goal", () => {
    expect(
      definitionOf({ minimize: ["loss", "latency"], maximize: ["acc"] }).problem.objectives.map(
        ({ name, goal }) => `${goal} ${name}`,
      ),
    ).toEqual(["minimize loss", "minimize latency", "maximize acc"]);
  });

  test("the name is given, else the script's, else study", () => {
    expect(definitionOf({ name: "2024" }).name).toBe("2024");
    expect(definitionOf({ command: ["node", "a/my-train.mjs", "${args}"] }).name).toBe("my-train");
    expect(definitionOf({ command: ["make", "${args}"] }).name).toBe("study");
  });

  test("elements of the command stay what they are", () => {
    const elements = ["python", "train.py", "${args}", "a b", "$HOME", "&&", "007"];
    expect(definitionOf({ command: elements }).training.command).toEqual(elements);
  });
});

describe("faults name the flag", () => {
  test.each<[Partial<StudyFlags>, ...string[]]>([
    [{ param: [] }, "--param | missing; give what may vary, such as lr: { min: 1e-5, max: 1e-1, log: true }"],
    [{ minimize: [] }, "--minimize | missing; give what to look for, such as { name: val_loss, goal: minimize }"],
    [{ command: [] }, "command | missing; give the command that trains, such as python train.py ${args}"],
    [{ param: ["lr"] }, "--param lr | has no name; write name=low..high, name=a,b,c or name=value"],
    [{ param: ["x=1.."] }, "--param x=1.. | 1.. has one end; write both, as in 1..4"],
    [{ param: ["x=..4:log"] }, "--param x=..4:log | ..4:log has one end; write both, as in 1..4"],
    [{ param: ["x=1", "x=2"] }, "--param x=2 | x stands twice; keep one"],
    [{ param: ["x=0..1:log"] }, "--param x=0..1:log | 0 with log: the range must lie above 0"],
    [{ param: ["x=0..1:lgo"] }, "--param x=0..1:lgo | :lgo is no option of a range; allowed: :log, :step=2, :default=1"],
    [{ param: ["x=5..1"] }, "--param x=5..1 | 5, above max 1"],
    [{ param: ["x=0..1e400"] }, "--param x=0..1e400 | 1e400 is too large for a number; the largest is 1.79e308"],
    [{ param: ["x=a,a"] }, '--param x=a,a | "a" stands twice'],
    [{ param: ["args=1"] }, "--param args=1 | ${args} means something else in a command; give the parameter another name"],
    [{ trials: "0" }, "--trials 0 | 0; allowed: a whole number from 1 to 1000000000"],
    [{ time: "30" }, '--time 30 | "30" has no unit: write 30s, 30m or 30h'],
    [{ parallel: "many" }, '--parallel many | "many"; allowed: auto, or a whole number from 1 to 10000'],
    [{ sampler: "./x.mjs" }, '--sampler ./x.mjs | "./x.mjs" is not there: no file /project/x.mjs'],
    [{ scheduler: "asha" }, "--scheduler asha | asha stops trials early and needs a fidelity to measure how far they are"],
    [{ fidelity: "epochs" }, "--fidelity epochs | is no fidelity; write name=least..most, such as epochs=1..81"],
    [{ fidelity: "epochs=9..3" }, "--fidelity epochs=9..3 | 9 lies above max 3"],
    [{ seed: "-1" }, "--seed -1 | -1; allowed: a whole number from 0 to 9007199254740991"],
    [{ minimize: ["a"], maximize: ["a"] }, "--maximize a | a stands twice"],
    [{ command: ["python", "--x=${args}"] }, "command | ${args} stands for several arguments: it must be an element of its own"],
  ])("%j", (flags, ...faults) => {
    expect(faultsOf(flags)).toEqual(faults);
  });
});
