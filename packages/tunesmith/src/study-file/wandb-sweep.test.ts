import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { formatFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";
import type { StudyDefinition } from "./study-definition.ts";

function definitionOf(text: string): StudyDefinition {
  const { definition, faults } = readStudyFile(text, "sweep.yaml", "/project", trainingChecks);
  if (definition === undefined) throw new Error(formatFaults("sweep.yaml", faults));
  return definition;
}

function faultsOf(text: string): string[] {
  const { faults = [] } = readStudyFile(text, "sweep.yaml", "/project", trainingChecks);
  return faults.map(({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`);
}

/** A sweep around some lines, which begin at line 5. */
const sweep = (lines: string): string => `program: train.py
method: random
metric: { name: val_loss, goal: minimize }
${lines.startsWith("parameters:") ? "" : "parameters: { x: { min: 0.0, max: 1.0 } }"}
${lines}
`;

const parameterOf = (x: string): unknown =>
  (definitionOf(sweep(`parameters:\n  x: ${x}`)).problem.parameters as Record<string, unknown>).x;
const noticesOf = (lines: string): readonly string[] => definitionOf(sweep(lines)).notices;

describe("sweep files run unchanged", () => {
  test("a Bayesian sweep with early termination", () => {
    const { problem, settings, training, notices } = definitionOf(`
program: train.py
method: bayes
name: resnet-sweep
description: the first try
project: vision
entity: team
metric:
  name: val/accuracy
  goal: maximize
  target: 0.95
parameters:
  learning_rate: { distribution: log_uniform_values, min: 1e-5, max: 1e-1 }
  batch_size: { values: [16, 32, 64], probabilities: [0.2, 0.3, 0.5] }
  epochs: { value: 30 }
  hidden: { min: 32, max: 512 }
  dropout: { min: 0.0, max: 0.5 }
early_terminate:
  type: hyperband
  s: 2
  eta: 3
  max_iter: 27
run_cap: 50
`);
    expect(problem.objectives).toEqual([{ name: "val/accuracy", goal: "maximize", take: "last", stopAt: 0.95 }]);
    expect(problem.parameters).toEqual({
      learning_rate: { type: "float", min: 1e-5, max: 0.1, log: true },
      batch_size: { type: "categorical", values: [16, 32, 64], weights: [0.2, 0.3, 0.5] },
      epochs: { type: "constant", value: 30 },
      hidden: { type: "int", min: 32, max: 512, log: false },
      dropout: { type: "float", min: 0, max: 0.5, log: false },
    });
    expect(problem.fidelity).toEqual({ name: "iterations", min: 3, max: 27, unit: "steps", resume: "auto" });
    expect(settings).toMatchObject({ sampler: { type: "gp" }, scheduler: { type: "asha", eta: 3 }, budget: { trials: 50 } });
    expect(training).toMatchObject({
      command: ["${env}", "${interpreter}", "${program}", "${args}"],
      program: "train.py",
      workdir: "/project",
    });
    expect(notices).toEqual([
      "not used: description, project, entity",
      "early_terminate: hyperband runs as asha, which decides about each trial at once",
    ]);
  });

  test("a grid with its own command and nested parameters", () => {
    const { problem, settings, training } = definitionOf(`
program: src/train.py
command:
  - \${env}
  - python3
  - \${program}
  - --fixed=1
  - \${args_no_hyphens}
method: grid
metric: { name: loss }
parameters:
  optimizer:
    parameters:
      name: { values: [adam, sgd] }
      momentum: { values: [0.0, 0.9] }
  seed_value: { values: [1, 2, 3] }
controller: { type: local }
job: x
image_uri: y
kind: sweep
`);
    expect(training.parameterNames).toEqual(["optimizer.name", "optimizer.momentum", "seed_value"]);
    expect(Object.keys(problem.parameters)).toEqual(["optimizer.name", "optimizer.momentum", "seed_value"]);
    expect(settings.sampler).toMatchObject({ type: "grid" });
    expect(training.command).toEqual(["${env}", "python3", "${program}", "--fixed=1", "${args_no_hyphens}"]);
  });

  test("a metric without goal is minimised, and the reader says so", () => {
    const { problem, notices } = definitionOf(
      "program: a.py\nmethod: random\nmetric: { name: loss, impute: worst }\nparameters: { x: { values: [1, 2] } }\n",
    );
    expect(problem.objectives[0].goal).toBe("minimize");
    expect(notices).toEqual(["not used: metric.impute", "metric loss is minimised, as sweeps do without a goal"]);
  });
});

describe("early_terminate", () => {
  test("takes the fidelity of its own key where there is one", () => {
    const { problem, settings } = definitionOf(
      sweep("early_terminate: { type: hyperband, min_iter: 3 }\nfidelity: { name: epochs, min: 2, max: 50 }"),
    );
    expect(problem.fidelity).toMatchObject({ name: "epochs", min: 2, max: 50 });
    expect(settings.scheduler).toMatchObject({ type: "asha", eta: 3 });
  });

  test("without a longest training stops nothing and says what to write", () => {
    const { problem, settings, notices } = definitionOf(sweep("early_terminate: { type: hyperband, min_iter: 3 }"));
    expect([problem.fidelity, settings.scheduler.type]).toEqual([null, "none"]);
    expect(notices).toEqual([
      "early_terminate is not used, because it does not say how long a whole training is; write fidelity: { name: epochs, min: 3, max: … } and scheduler: asha",
    ]);
  });
});

describe("distributions", () => {
  test.each<[string, object]>([
    ["{ distribution: constant, value: 3 }", { type: "constant", value: 3 }],
    ["{ distribution: categorical, values: [a, b] }", { type: "categorical", values: ["a", "b"] }],
    [
      "{ distribution: categorical_w_probabilities, values: [a, b], probabilities: [1, 3] }",
      { type: "categorical", values: ["a", "b"], weights: [1, 3] },
    ],
    ["{ distribution: int_uniform, min: 1, max: 9 }", { type: "int", min: 1, max: 9, log: false }],
    ["{ distribution: uniform, min: 1, max: 9 }", { type: "float", min: 1, max: 9, log: false }],
    ["{ distribution: q_uniform, min: 0, max: 10, q: 2 }", { type: "int", min: 0, max: 10, log: false, step: 2 }],
    ["{ distribution: q_uniform, min: 0, max: 1, q: 0.25 }", { type: "float", min: 0, max: 1, log: false, step: 0.25 }],
    ["{ distribution: log_uniform_values, min: 1e-4, max: 1e-1 }", { type: "float", min: 1e-4, max: 0.1, log: true }],
    ["{ distribution: inv_log_uniform_values, min: 1e-4, max: 1e-1 }", { type: "float", min: 1e-4, max: 0.1, log: true }],
    ["{ distribution: q_log_uniform_values, min: 8, max: 128, q: 8 }", { type: "int", min: 8, max: 128, log: true, step: 8 }],
    ["{ distribution: log_uniform, min: -2, max: 0 }", { type: "float", min: Math.exp(-2), max: 1, log: true }],
    ["{ distribution: inv_log_uniform, min: 0, max: 2 }", { type: "float", min: Math.exp(-2), max: 1, log: true }],
    [
      "{ distribution: normal, mu: 10, sigma: 2 }",
      { type: "float", min: 2, max: 18, log: false, prior: { distribution: "normal", mean: 10, sd: 2 } },
    ],
    [
      "{ distribution: q_normal, mu: 10, sigma: 2, q: 1 }",
      { type: "int", min: 2, max: 18, log: false, prior: { distribution: "normal", mean: 10, sd: 2 } },
    ],
    [
      "{ distribution: log_normal, mu: 0, sigma: 1 }",
      { type: "float", min: Math.exp(-4), max: Math.exp(4), log: true, prior: { distribution: "log-normal", mean: 0, sd: 1 } },
    ],
    [
      "{ distribution: q_log_normal, mu: 0, sigma: 1, q: 5 }",
      { type: "int", min: 0, max: 55, log: false, step: 5, prior: { distribution: "log-normal", mean: 0, sd: 1 } },
    ],
  ])("%s", (x, parameter) => {
    expect(parameterOf(x)).toEqual(parameter);
  });

  test("whatever is understood otherwise than written is said", () => {
    expect(noticesOf("parameters:\n  x: { distribution: log_uniform, min: -2, max: 0 }")).toEqual([
      "x: log_uniform takes min and max as exponents of e: searched from 0.1353 to 1",
    ]);
    expect(noticesOf("parameters:\n  x: { distribution: normal }")).toEqual([
      "x: normal has no ends: searched from -4 to 4, 4 sigma around mu",
    ]);
    expect(noticesOf("parameters:\n  x: { distribution: q_uniform, min: 1, max: 10, q: 4 }")).toEqual([
      "x: q_uniform with q 4 ends at multiples of q: 0 to 12",
    ]);
    expect(noticesOf("parameters:\n  x: { distribution: uniform, min: 1, max: 10 }")).toEqual([]);
  });

  test.each<[string, ...string[]]>([
    [
      "{ distribution: beta }",
      "6:22 parameters.x.distribution | beta cannot be searched here; use uniform, or normal with mu and sigma",
    ],
    [
      "{ distribution: q_beta }",
      "6:22 parameters.x.distribution | q_beta cannot be searched here; use uniform, or normal with mu and sigma",
    ],
    [
      "{ distribution: log_uniform_values, min: 0, max: 1 }",
      "6:47 parameters.x.min | 0 with log_uniform_values: the range must lie above 0",
    ],
    ["{ distribution: uniform, min: 0 }", "6:6 parameters.x.max | missing; distribution uniform needs min and max"],
    ["{ distribution: normal, min: 0 }", "6:30 parameters.x.min | not used by distribution normal, which takes mu, sigma"],
    ["{ distribution: normal, sigma: 0 }", "6:37 parameters.x.sigma | 0; allowed: a number above 0"],
    [
      "{ distribution: log_uniform, min: 0, max: 1000 }",
      "6:22 parameters.x.distribution | min and max are exponents of e here, and these lead out of the numbers; the distribution ending in _values takes the values themselves",
    ],
    [
      "{ distribution: categorical, values: [a, b], probabilities: [1] }",
      "6:66 parameters.x.probabilities | a list of 1; allowed: a list of 2, one for each choice",
    ],
    [
      "{ distribution: int_uniform, min: 0.5, max: 3 }",
      "6:40 parameters.x.min | 0.5; allowed: a whole number between -(2^53 - 1) and 2^53 - 1",
    ],
    ["{ distribution: uniform, min: low, max: 3 }", '6:36 parameters.x.min | "low"; allowed: a finite number'],
    ["{ min: 0, max: 9, q: 2 }", "6:24 parameters.x.q | needs a distribution such as q_uniform; the native key is step"],
    [
      "{ values: [a], weights: [1], probabilities: [1] }",
      "6:35 parameters.x.probabilities | another name of weights, which is given too; keep one",
    ],
    [
      "{ parameters: { y: { value: 1 } }, distribution: uniform }",
      "6:41 parameters.x.distribution | a group holds only parameters",
    ],
  ])("%s is refused", (x, ...faults) => {
    expect(faultsOf(sweep(`parameters:\n  x: ${x}`))).toEqual(faults);
  });

  test("an unknown distribution lists the known ones", () => {
    expect(faultsOf(sweep("parameters:\n  x: { distribution: gauss }"))[0]).toMatch(
      /^6:22 parameters\.x\.distribution \| "gauss"; allowed: constant, categorical, /,
    );
  });
});

describe("an alias beside its native key is a fault", () => {
  test.each<[string, string]>([
    ["objective: { name: a, goal: minimize }", "5:12 objective | given besides metric; keep one of the two"],
    ["sampler: tpe", "5:10 sampler | given besides method; keep one of the two"],
    ["run_cap: 3\nbudget: { trials: 3 }", "6:19 budget.trials | given besides run_cap; keep one of the two"],
    [
      "limits: { trial_time: 1h }\ntrial_timeout: 1h",
      "6:16 trial_timeout | given besides limits.trial_time; keep one of the two",
    ],
    [
      "scheduler: none\nearly_terminate: { type: hyperband, min_iter: 1 }\nfidelity: { name: e, min: 1, max: 2 }",
      "6:18 early_terminate | given besides scheduler; keep one of the two",
    ],
  ])("%s", (lines, fault) => {
    expect(faultsOf(sweep(lines))).toEqual([fault]);
  });

  test("run_cap beside another budget is none", () => {
    expect(definitionOf(sweep("run_cap: 3\nbudget: { time: 1h }")).settings.budget).toEqual({ trials: 3, timeMs: 3_600_000 });
  });
});

describe("what a sweep cannot mean here", () => {
  test.each<[string, string]>([
    [
      "method: custom\nprogram: a.py\nmetric: { name: l }\nparameters: { x: { value: 1 } }",
      '1:9 method | "custom"; allowed: bayes, auto, grid, random',
    ],
    [
      "program: a.sh\nmethod: random\nmetric: { name: l }\nparameters: { x: { value: 1 } }",
      '1:10 program | "a.sh" is no .py file, so a command must say how to start it, such as command: ["bash", "${program}", "${args}"]',
    ],
    [
      "program: a.py\nmethod: random\nmetric: { name: l }\nparameters: { o: { parameters: { x: { value: 1 } } }, o.x: { value: 2 } }",
      '4:60 parameters.o.x | another parameter is called "o.x" too',
    ],
    [
      "program: a.py\nmethod: random\nmetric: { name: l }\nparameters: { x: { value: 1 } }\nearly_terminate: { type: envelope }",
      '5:26 early_terminate.type | "envelope"; allowed: hyperband',
    ],
    [
      "program: a.py\nmethod: random\nmetric: { name: l }\nparameters: { x: { value: 1 } }\nearly_terminate: { type: hyperband, min_iter: 9, max_iter: 3 }",
      "5:47 early_terminate.min_iter | 9 lies above max 3",
    ],
    [
      "program: a.py\nmethod: random\nmetric: { name: l }\nparameters: { x: { value: 1 } }\nearly_terminate: { type: hyperband, max_iter: 9, eta: 1 }",
      "5:55 early_terminate.eta | 1; allowed: a number from 2",
    ],
  ])("%s", (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});
