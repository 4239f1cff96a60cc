import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { formatFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";
import type { StudyDefinition } from "./study-definition.ts";

function definitionOf(text: string, fileName = "study.yaml"): StudyDefinition {
  const { definition, faults } = readStudyFile(text, fileName, "/project", trainingChecks);
  if (definition === undefined) throw new Error(formatFaults(fileName, faults));
  return definition;
}

/** `line:column path | message` of every fault. */
function faultsOf(content: string): string[] {
  const { faults = [] } = readStudyFile(content, "study.yaml", "/project", trainingChecks);
  return faults.map(({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`);
}

/** A whole study around some lines, which begin at line 4. */
const around = (lines: string): string => `command: python train.py \${args}
objective: { name: loss, goal: minimize }
${lines.startsWith("parameters:") ? "" : "parameters: { x: { min: 0.0, max: 1.0 } }"}
${lines}
`;
/** A study whose only parameter `x` is given, in line 5, from column 6 on. */
const withX = (x: string): string => around(`parameters:\n  x: ${x}`);

const designExample = `name: digits                  # default: the file's name
command: node train.mjs \${args}    # split as a shell would, run without one; "&&", "|", ">" → a fault that names shell: true
workdir: .                    # relative to this file
env: { DATA_DIR: ./data }     # on top of the inherited environment
evaluate: node eval.mjs \${checkpoint}            # optional second command
objective: { name: val_loss, goal: minimize, stop_at: 0.05, take: last, step: epoch }   # take: last | best | mean:3; or objectives: [...]
outcome_constraints: ["latency_ms <= 5"]
parameters:
  lr:        { type: float, min: 1e-5, max: 1e-1, log: true, default: 1e-3, arg: --learning-rate }
  layers:    { type: int, min: 1, max: 4, default: 2 }
  optimizer: { values: [adam, sgd] }
  momentum:  { min: 0.0, max: 0.99, when: { optimizer: sgd } }
  width_2:   { type: int, min: 8, max: 256, when: "layers >= 2" }
parameter_constraints: ["layers * width_2 <= 512"]           # holds while a named parameter is inactive
sampler: auto                 # a name, { type, … }, or ./my-sampler.mjs
scheduler: { type: asha, eta: 3 }
fidelity: { name: epochs, min: 1, max: 81, unit: steps, resume: auto, arg: --epochs }   # unit: steps | time | value; resume: auto | yes | no; in \${args} only if arg is given
budget: { trials: 100, time: 30m, no_improvement: 40 }
parallel: auto
resources: { gpus: 1, cpus: 2, gpus_shared_by: 1 }
limits: { trial_time: 2h, trial_memory: 8GiB }                 # trial_timeout is an alias
retries: { infra: 3, error: 0 }
repeats: 1                    # or folds: 5
confirm: { top: 3, seeds: 3 }
enqueue: [{ lr: 0.001, optimizer: adam }]
keep: { checkpoints: best+last2 }
seed: 42
`;

describe("whole files", () => {
  test("the example of the design, word by word", () => {
    const { settings, ...definition } = definitionOf(designExample);
    expect(definition).toEqual({
      name: "digits",
      problem: {
        parameters: {
          lr: { type: "float", min: 1e-5, max: 0.1, log: true, default: 0.001 },
          layers: { type: "int", min: 1, max: 4, log: false, default: 2 },
          optimizer: { type: "categorical", values: ["adam", "sgd"] },
          momentum: { type: "float", min: 0, max: 0.99, log: false, when: { optimizer: "sgd" } },
          width_2: { type: "int", min: 8, max: 256, log: false, when: "layers >= 2" },
        },
        parameterConstraints: ["layers * width_2 <= 512"],
        objectives: [{ name: "val_loss", goal: "minimize", stopAt: 0.05, take: "last", step: "epoch" }],
        outcomeConstraints: ["latency_ms <= 5"],
        fidelity: { name: "epochs", min: 1, max: 81, unit: "steps", resume: "auto" },
        replicates: { kind: "repeats", count: 1 },
        seed: 42,
      },
      training: {
        command: "node train.mjs ${args}",
        shell: false,
        program: null,
        workdir: "/project",
        env: { DATA_DIR: "./data" },
        evaluate: "node eval.mjs ${checkpoint}",
        test: null,
        parameterNames: ["lr", "layers", "optimizer", "momentum", "width_2"],
        parameterArgs: { lr: "--learning-rate" },
        fidelity: { name: "epochs", unit: "steps", arg: "--epochs" },
        objectiveNames: ["val_loss"],
        goal: "minimize",
        stepName: "epoch",
        metricsFile: null,
        limits: { trialTimeMs: 7_200_000, trialMemoryBytes: 8 * 2 ** 30 },
        graceMs: 30_000,
        keepCheckpoints: "best+last2",
      },
      resources: { cpus: 2, gpus: 1, gpusSharedBy: 1 },
      enqueue: [{ lr: 0.001, optimizer: "adam" }],
      notices: [],
    });
    expect(settings).toMatchObject({
      sampler: { type: "auto" },
      scheduler: { type: "asha", eta: 3 },
      budget: { trials: 100, timeMs: 1_800_000, noImprovement: 40 },
      parallel: "auto",
      retries: { infra: 3, error: 0 },
      confirm: { top: 3, seeds: 3 },
    });
  });

  test("examples/digits/study.yaml", () => {
    const text = readFileSync(new URL("../../../../examples/digits/study.yaml", import.meta.url), "utf8");
    const { name, problem, settings, training } = definitionOf(text);
    expect(name).toBe("digits");
    const types = Object.entries(problem.parameters).map(([key, parameter]) => `${key} ${(parameter as { type: string }).type}`);
    expect(types).toEqual([
      "lr float",
      "optimizer categorical",
      "momentum float",
      "layers int",
      "width int",
      "batch ordinal",
      "weight_decay float",
      "dropout float",
      "activation categorical",
    ]);
    expect(problem.fidelity).toEqual({ name: "epochs", min: 3, max: 27, unit: "steps", resume: "auto" });
    expect(settings).toMatchObject({ scheduler: { type: "asha" }, parallel: 2, confirm: { top: 3, seeds: 3 } });
    expect(training).toMatchObject({ command: "node train.mjs ${args}", stepName: "epoch" });
  });

  test("JSON is a study file too, and $schema is for editors", () => {
    const json = JSON.stringify({
      $schema: "./study-file.schema.json",
      command: ["python", "train.py", "${args}"],
      parameters: { lr: { type: "float", min: 0, max: 1 } },
      objective: { name: "acc", goal: "maximize" },
    });
    const { name, training, problem } = definitionOf(json, "my study.json");
    expect({ name, command: training.command, goal: problem.objectives[0].goal }).toEqual({
      name: "my study",
      command: ["python", "train.py", "${args}"],
      goal: "maximize",
    });
  });

  test("a byte order mark and Windows line ends change nothing", () => {
    const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(designExample.replaceAll("\n", "\r\n"))]);
    expect(readStudyFile(bytes, "study.yaml", "/project", trainingChecks)).toEqual({ definition: definitionOf(designExample) });
  });

  test("what is not written has its default", () => {
    const { name, problem, settings, training, resources, enqueue, notices } = definitionOf(
      withX("{ min: 0.0, max: 1.0 }"),
      "path/my-net.yml",
    );
    expect({ name, seed: problem.seed, fidelity: problem.fidelity, replicates: problem.replicates }).toEqual({
      name: "my-net",
      seed: null,
      fidelity: null,
      replicates: { kind: "repeats", count: 1 },
    });
    expect(settings).toMatchObject({
      sampler: { type: "auto" },
      scheduler: { type: "none" },
      budget: {},
      parallel: "auto",
      confirm: null,
    });
    expect(training).toMatchObject({ workdir: "/project", env: {}, shell: false, keepCheckpoints: "best+last2" });
    expect(resources).toEqual({ cpus: null, gpus: 0, gpusSharedBy: 1 });
    expect([enqueue, notices]).toEqual([[], []]);
  });

  test("a list of schedulers is the first of them to stop, their options written as everywhere", () => {
    const fidelity = "fidelity: { name: epochs, min: 1, max: 9 }";
    const rules = "[median, { type: patience, min_change: 0.01 }]";
    const read = (written: string) => definitionOf(around(`${fidelity}\nscheduler: ${written}`)).settings.scheduler;
    expect(read(rules)).toMatchObject({
      type: "first-to-stop",
      rules: [{ type: "median" }, { type: "patience", minChange: 0.01 }],
    });
    expect(read(`{ type: first-to-stop, rules: ${rules} }`)).toEqual(read(rules));
  });

  test("with a fidelity the default scheduler is asha, with fidelity unit value it is none", () => {
    const fidelity = (unit: string) =>
      definitionOf(around(`fidelity: { name: rows, min: 1, max: 9, unit: ${unit} }`)).settings.scheduler.type;
    expect([fidelity("steps"), fidelity("time"), fidelity("value")]).toEqual(["asha", "asha", "none"]);
  });

  test("several objectives, folds, a shell and a test command", () => {
    const { problem, training } = definitionOf(`
objectives: [{ name: val/acc, goal: maximize, take: best }, { name: latency, goal: minimize, take: mean:3 }]
command: python train.py --lr $TUNESMITH_PARAM_LR | tee log.txt
test: python test.py
shell: true
workdir: ../code
metrics_file: out/metrics.csv
parameters: { lr: { min: 1e-4, max: 1e-1, log: true } }
folds: 5
limits: { trial_timeout: 90s, trial_memory: 512MB }
`);
    expect(problem.objectives).toEqual([
      { name: "val/acc", goal: "maximize", take: "best" },
      { name: "latency", goal: "minimize", take: "mean:3" },
    ]);
    expect(problem.replicates).toEqual({ kind: "folds", count: 5 });
    expect(training).toMatchObject({
      shell: true,
      test: "python test.py",
      workdir: "/code",
      metricsFile: "out/metrics.csv",
      objectiveNames: ["val/acc", "latency"],
      goal: "maximize",
      limits: { trialTimeMs: 90_000, trialMemoryBytes: 512_000_000 },
    });
  });
});

describe("the type of a parameter", () => {
  test.each<[string, object]>([
    ["{ min: 0, max: 1 }", { type: "int", min: 0, max: 1 }],
    ["{ min: 0.0, max: 1 }", { type: "float", min: 0, max: 1 }],
    ["{ min: 0, max: 1. }", { type: "float" }],
    ["{ min: 1, max: 1e3 }", { type: "float", max: 1000 }],
    ["{ min: 1, max: 1000, log: true }", { type: "int", log: true }],
    ["{ min: 0, max: 1, step: 0.25 }", { type: "float", step: 0.25 }],
    ["{ type: float, min: 0, max: 1 }", { type: "float" }],
    ["{ type: int, min: 1e0, max: 1e2 }", { type: "int", min: 1, max: 100 }],
    ["{ min: -0.0, max: 1.0 }", { type: "float", min: 0 }],
    ["{ min: 0x10, max: 0x20 }", { type: "int", min: 16, max: 32 }],
    ["{ min: 5e-324, max: 1.0 }", { type: "float", min: 5e-324 }],
    ['{ values: [1, "1", true, null, 1.5, yes] }', { type: "categorical", values: [1, "1", true, null, 1.5, "yes"] }],
    ["{ type: ordinal, values: [16, 32] }", { type: "ordinal", values: [16, 32] }],
    ["{ values: [a, b], weights: [1, 3], default: b }", { type: "categorical", weights: [1, 3], default: "b" }],
    ["{ value: 10 }", { type: "constant", value: 10 }],
    ["{ value: null }", { type: "constant", value: null }],
    ["{ type: boolean, default: true }", { type: "boolean", default: true }],
    [
      "{ min: 0.0, max: 1.0, prior: { distribution: normal, mean: 0.3, sd: 0.1 } }",
      { prior: { distribution: "normal", mean: 0.3, sd: 0.1 } },
    ],
    ['{ values: ["$(touch canary)", "=cmd", "{x}"] }', { values: ["$(touch canary)", "=cmd", "{x}"] }],
  ])("%s", (x, parameter) => {
    expect((definitionOf(withX(x)).problem.parameters as Record<string, object>).x).toMatchObject(parameter);
  });

  test("names may be anything that objects inherit, but not what they must not have", () => {
    expect(
      Object.keys(
        definitionOf(around("parameters: { toString: { value: 1 }, hasOwnProperty: { value: 2 } }")).problem.parameters,
      ),
    ).toEqual(["toString", "hasOwnProperty"]);
    expect(faultsOf(around("parameters:\n  __proto__: { value: 1 }"))).toEqual([
      "5:14 parameters.__proto__ | the name is reserved; reserved are __proto__, constructor, prototype",
    ]);
  });

  test("declared order is kept even for names that look like numbers", () => {
    expect(
      definitionOf(around("parameters: { b: { value: 1 }, 2: { value: 1 }, 1: { value: 1 } }")).training.parameterNames,
    ).toEqual(["b", "2", "1"]);
  });
});
