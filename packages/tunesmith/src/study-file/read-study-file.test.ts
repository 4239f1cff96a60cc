import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseKeep } from "../training/checkpoint-retention.ts";
import { commandFaults, macroNames } from "../training/command-line.ts";
import { formatFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";
import type { StudyDefinition } from "./study-definition.ts";

const checks = { commandFaults, macroNames, parseKeep };

function definitionOf(text: string, fileName = "study.yaml"): StudyDefinition {
  const { definition, faults } = readStudyFile(text, fileName, "/work", checks);
  if (definition === undefined) throw new Error(formatFaults(fileName, faults));
  return definition;
}

/** `line:column path | message` of every fault. */
function faultsOf(text: string | Uint8Array, fileName = "study.yaml"): string[] {
  const { faults = [] } = readStudyFile(text, fileName, "/work", checks);
  return faults.map(({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`);
}

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
  test("the example of the design", () => {
    expect(definitionOf(designExample)).toMatchObject({});
    console.log(JSON.stringify(definitionOf(designExample), null, 1));
  });
  test("digits", () => {
    const text = readFileSync(new URL("../../../../examples/digits/study.yaml", import.meta.url), "utf8");
    console.log(JSON.stringify(definitionOf(text), null, 1));
  });
  test("sweep", () => {
    console.log(JSON.stringify(definitionOf(`
program: train.py
method: bayes
metric: {name: val_loss, goal: minimize, target: 0.1, impute: worst}
project: p
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  batch_size: {values: [16, 32, 64], probabilities: [0.2, 0.3, 0.5]}
  epochs: {value: 10}
  optimizer: {parameters: {momentum: {min: 0.0, max: 0.99}, name: {values: [adam, sgd]}}}
  x: {distribution: normal, mu: 0, sigma: 1}
  y: {distribution: q_uniform, min: 0.5, max: 10, q: 2}
  z: {distribution: q_log_normal, mu: 1, sigma: 1}
  w: {distribution: log_uniform, min: -5, max: 0}
early_terminate: {type: hyperband, min_iter: 3, eta: 3}
run_cap: 50
command: ["\${env}", "\${interpreter}", "\${program}", "\${args}"]
`), null, 1));
  });
  test("faults", () => {
    console.log(faultsOf(`name: "a\\tb"
command: node x | y \${foo}
parameters:
  lr: { min: 0, max: 1.0, log: true, defualt: 3 }
  x: 3
  y: { values: [1,1] }
  args: { value: 1 }
  q: { min: 0, max: 1, default: 0.5 }
  z: { distribution: beta }
  zz: { distribution: normal, min: 3 }
paramters: {}
budget: { time: 30, trials: 0 }
parallel: maybe
sampler: { type: tpe, startup: 3 }
scheduler: ./x.mjs
outcome_constraints: ["a <", "b"]
fidelity: { name: e, min: 5, max: 2 }
objectives: [{ name: a, goal: min }, {name: a}]
keep: { checkpoints: last }
enqueue: [{lr: 5}]
`).join("\n"));
  });
});
