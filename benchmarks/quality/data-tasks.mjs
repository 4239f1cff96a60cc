// The panel's tasks that are made of other people's tables and surrogates, read from the folder that TUNESMITH_BENCHDATA names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadOnnxModel } from "./onnx-model.mjs";

function dataFolder() {
  const folder = process.env.TUNESMITH_BENCHDATA;
  if (!folder)
    throw new Error("TUNESMITH_BENCHDATA is not set; allowed: the folder with yahpo, fcnet, hpobench_mlp, nasbench201, ax_hss");
  return folder;
}

const readJson = (...path) => JSON.parse(readFileSync(join(dataFolder(), ...path), "utf8"));

/** Names that every language takes as an identifier. */
const plainName = (name) => name.replace(/[^A-Za-z0-9]/g, "_");

// ── Tables: fcnet, hpobench_mlp, nasbench201 ────────────────────────────────────────────────────────────────────────────────────

/** @returns A task whose value is the mean of a config's repeats, sign so that less is better. */
export function tableTask({ data, task }) {
  const space = readJson(data, "dev", "space.json");
  const { file, repeats, best_mean, quantiles_best_to_worst } = space.tasks.find((one) => one.task === task);
  const bytes = readFileSync(join(dataFolder(), data, "dev", file));
  const table = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const sign = space.direction === "minimize" ? 1 : -1;
  return {
    parameters: Object.fromEntries(space.params.map(({ name, type, choices }) => [plainName(name), { type, values: choices }])),
    objectives: [space.metric],
    best: sign * best_mean,
    median: sign * quantiles_best_to_worst["0.5"],
    evaluate(config) {
      const index = space.params.reduce(
        (sum, { name, choices, stride }) => sum + position(choices, config[plainName(name)]) * stride,
        0,
      );
      const values = Array.from(table.subarray(index * repeats, (index + 1) * repeats)).filter((value) => !Number.isNaN(value));
      return [(sign * values.reduce((sum, value) => sum + value, 0)) / values.length];
    },
  };
}

function position(choices, value) {
  const index = choices.indexOf(value);
  if (index < 0) throw new Error(`${value} is none of ${choices}`);
  return index;
}

// ── YAHPO surrogates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// Columns of iaml_super, which has no reference.json (README of the data).
const superColumns = {
  x_cat: ["task_id", "learner", "ranger.replace", "ranger.respect.unordered.factors", "ranger.splitrule", "xgboost.booster"],
  x_cont: [
    ...["ranger.num.trees", "ranger.sample.fraction", "ranger.mtry.ratio", "ranger.min.node.size", "ranger.num.random.splits"],
    ...["rpart.cp", "rpart.maxdepth", "rpart.minbucket", "rpart.minsplit", "glmnet.alpha", "glmnet.s", "xgboost.nrounds"],
    ...["xgboost.eta", "xgboost.gamma", "xgboost.lambda", "xgboost.alpha", "xgboost.subsample", "xgboost.max_depth"],
    ...["xgboost.min_child_weight", "xgboost.colsample_bytree", "xgboost.colsample_bylevel", "xgboost.rate_drop"],
    ...["xgboost.skip_drop", "trainsize"],
  ],
  y: ["mmce", "f1", "auc", "logloss", "ramtrain", "rammodel", "rampredict", "timetrain", "timepredict", "mec", "ias", "nf"],
  full_fidelity: { trainsize: 1 },
  instance_param: "task_id",
  objective: "mmce",
  direction: "minimize",
  instances: {},
};

const maximised = new Set(["acc", "val_accuracy"]);

/**
 * @param outputs  Names of what is optimised; default: the scenario's main objective.
 * @returns        A task at full fidelity.
 */
export function yahpoTask({ data, instance, outputs }) {
  const folder = ["yahpo", "dev", data];
  const reference = data === "iaml_super" ? superColumns : readJson(...folder, "reference.json");
  const model = loadOnnxModel(join(dataFolder(), ...folder, "model.onnx"));
  const space = readJson(...folder, "config_space.json");
  const codes = readJson(...folder, "encoding.json");
  const names = outputs ?? [reference.objective];
  const fixed = { ...reference.full_fidelity, [reference.instance_param]: instance };
  const signs = names.map((name) => (maximised.has(name) ? -1 : 1));
  const facts = reference.instances[instance];
  return {
    parameters: yahpoParameters(space, fixed),
    objectives: names,
    best: facts && !outputs ? signs[0] * facts.best : null,
    median: facts && !outputs ? signs[0] * facts.random_quantiles_best_to_worst["0.5"] : null,
    evaluate(config) {
      const settingOf = (name) => fixed[name] ?? config[plainName(name)];
      const categories = reference.x_cat.map((name) => codes[name][String(settingOf(name) ?? "#na#")]);
      const numbers = reference.x_cont.map((name) => Number(settingOf(name) ?? 0));
      const row = model({
        x_cat: { dims: [1, categories.length], type: 6, data: Float64Array.from(categories) },
        x_cont: { dims: [1, numbers.length], type: 1, data: Float32Array.from(numbers) },
      });
      return names.map((name, k) => signs[k] * row[reference.y.indexOf(name)]);
    },
  };
}

function yahpoParameters({ hyperparameters, conditions }, fixed) {
  const searched = hyperparameters.filter(({ name }) => !Object.hasOwn(fixed, name));
  return Object.fromEntries(
    searched.map(({ name, type, lower, upper, log, choices }) => {
      const parameter =
        type === "categorical"
          ? { type, values: choices }
          : { type: type === "uniform_int" ? "int" : "float", min: lower, max: upper, log: log ?? false };
      const condition = conditions.find(({ child }) => child === name);
      return [plainName(name), condition === undefined ? parameter : { ...parameter, when: whenOf(condition) }];
    }),
  );
}

/** Of a conjunction only the innermost parent is kept: it is itself active only where the others hold. */
function whenOf(condition) {
  const { parent, type, value, values } = condition.conditions?.[0] ?? condition;
  return { [plainName(parent)]: type === "EQ" ? value : values };
}

// ── Ax's hierarchical spaces ────────────────────────────────────────────────────────────────────────────────────────────────────

export function axTask({ task }) {
  const { space, models, published_optimum } = readJson("ax_hss", "dev", `${task}.json`);
  return {
    parameters: Object.fromEntries(space.map((one) => [plainName(one.name), axParameter(one)])),
    objectives: ["accuracy"],
    best: -published_optimum,
    median: null,
    evaluate(config) {
      const model = models.find(({ flags }) => Object.entries(flags).every(([name, on]) => config[plainName(name)] === on));
      return [
        -boostedTrees(
          model,
          model.features.map((name) => Math.fround(Number(config[plainName(name)]))),
        ),
      ];
    },
  };
}

function axParameter({ type, low, high, log, active_if }) {
  const parameter = type === "bool" ? { type: "boolean" } : { type: "float", min: low, max: high, log };
  if (active_if === undefined) return parameter;
  return { ...parameter, when: Object.fromEntries(Object.entries(active_if).map(([name, value]) => [plainName(name), value])) };
}

export function boostedTrees({ base_score, trees }, x) {
  return trees.reduce((sum, { l, r, i, c }) => {
    let node = 0;
    while (l[node] !== -1) node = x[i[node]] < Math.fround(c[node]) ? l[node] : r[node];
    return sum + c[node];
  }, base_score);
}
