import { group, listOf, type Members, type Reader } from "./reading.ts";
import {
  anything,
  byteSize,
  command,
  config,
  count,
  duration,
  environment,
  finiteNumber,
  flag,
  name,
  oneOf,
  orWord,
  positiveNumber,
  sampler,
  scheduler,
  text,
} from "./value-readers.ts";

// Every key that a study file may hold, with its reader. docs/study-file.md and docs/study-file.schema.json say what they mean; a test
// holds the three together.

const takeRule: Reader<string> = (field, reading) => {
  const value = text(field, reading);
  if (value === undefined || /^(?:last|best|mean:[1-9]\d{0,8})$/.test(value)) return value;
  reading.faults.push({ at: field.node.at, path: field.path, message: `${JSON.stringify(value)}; allowed: last, best, mean:3` });
};

export const objectiveKeys = {
  name,
  goal: oneOf("minimize", "maximize"),
  stop_at: finiteNumber,
  take: takeRule,
  step: name,
};

export const metricKeys = {
  name,
  goal: oneOf("minimize", "maximize"),
  target: finiteNumber,
  impute: anything,
  impute_while_running: anything,
};

/** The word for an argument, as in `--learning-rate`. */
const argumentName: Reader<string> = (field, reading) => {
  const value = text(field, reading);
  if (value === undefined || /^[^\s=\p{Cc}]{1,200}$/u.test(value)) return value;
  reading.faults.push({
    at: field.node.at,
    path: field.path,
    message: `${JSON.stringify(value)}; allowed: a word such as --epochs, without blanks and =`,
  });
};

export const fidelityKeys = {
  name,
  min: positiveNumber,
  max: positiveNumber,
  unit: oneOf("steps", "time", "value"),
  resume: oneOf("auto", "yes", "no"),
  arg: argumentName,
};

export const earlyTerminateKeys = {
  type: oneOf("hyperband"),
  min_iter: count(1, 1e9),
  max_iter: count(1, 1e9),
  s: count(1, 100),
  eta: positiveNumber,
  strict: anything,
};

export const budgetKeys = {
  trials: count(1, 1e9),
  time: duration,
  no_improvement: count(1, 1e9),
  steps: positiveNumber,
};

export const resourceKeys = {
  cpus: count(1, 100_000),
  gpus: count(0, 10_000),
  gpus_shared_by: count(1, 1_000),
};

export const limitKeys = {
  trial_time: duration,
  trial_timeout: duration,
  trial_memory: byteSize,
};

export const retryKeys = { infra: count(0, 1_000), error: count(0, 1_000) };
export const confirmKeys = { top: count(1, 1_000), seeds: count(1, 1_000) };
export const keepKeys = { checkpoints: text };

/** Of a parameter; what the values mean is checked with the space. */
export const parameterKeys = {
  type: text,
  min: anything,
  max: anything,
  log: anything,
  step: anything,
  values: anything,
  weights: anything,
  value: anything,
  default: anything,
  prior: anything,
  when: anything,
  arg: argumentName,
  distribution: text,
  probabilities: anything,
  q: positiveNumber,
  mu: finiteNumber,
  sigma: positiveNumber,
  parameters: anything,
};

export const priorKeys = { distribution: anything, mean: anything, sd: anything };

const objective = group(objectiveKeys, { name: "the metric's name", goal: "minimize or maximize" });

export const studyKeys = {
  $schema: anything,
  name,
  command,
  program: text,
  shell: flag,
  workdir: text,
  env: environment,
  evaluate: command,
  test: command,
  metrics_file: text,
  objective,
  objectives: listOf(objective, "objectives", 100),
  metric: group(metricKeys, { name: "the metric's name" }),
  outcome_constraints: listOf(text, "expressions", 1_000),
  parameters: anything,
  parameter_constraints: listOf(text, "expressions", 1_000),
  sampler,
  method: oneOf("bayes", "auto", "grid", "random"),
  scheduler,
  early_terminate: group(earlyTerminateKeys, { type: "hyperband" }),
  fidelity: group(fidelityKeys, {
    name: "the word for it, such as epochs",
    min: "the least worth comparing",
    max: "the longest training",
  }),
  budget: group(budgetKeys, {}),
  run_cap: count(1, 1e9),
  parallel: orWord("auto", count(1, 10_000), "auto, or a whole number from 1 to 10000"),
  resources: group(resourceKeys, {}),
  limits: group(limitKeys, {}),
  trial_timeout: duration,
  retries: group(retryKeys, {}),
  repeats: count(1, 1_000),
  folds: count(2, 1_000),
  confirm: group(confirmKeys, {}),
  enqueue: listOf(config, "configs"),
  keep: group(keepKeys, {}),
  seed: count(0, Number.MAX_SAFE_INTEGER),
  description: anything,
  project: anything,
  entity: anything,
  controller: anything,
  job: anything,
  image_uri: anything,
  kind: anything,
  impute: anything,
  impute_while_running: anything,
};

export type StudyMembers = Members<typeof studyKeys>;

/** Keys of a sweep file that mean nothing here. */
export const unusedKeys: readonly (keyof StudyMembers)[] = [
  "description",
  "project",
  "entity",
  "controller",
  "job",
  "image_uri",
  "kind",
  "impute",
  "impute_while_running",
];

/** The groups by the path at which they stand; `*` is any name. */
export const keyTables = {
  "": studyKeys,
  objective: objectiveKeys,
  "objectives.*": objectiveKeys,
  metric: metricKeys,
  "parameters.*": parameterKeys,
  "parameters.*.prior": priorKeys,
  fidelity: fidelityKeys,
  early_terminate: earlyTerminateKeys,
  budget: budgetKeys,
  resources: resourceKeys,
  limits: limitKeys,
  retries: retryKeys,
  confirm: confirmKeys,
  keep: keepKeys,
};
