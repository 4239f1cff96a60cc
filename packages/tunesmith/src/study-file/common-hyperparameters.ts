import type { Parameter } from "@tunesmith/core";

/** A hyperparameter that many trainings have, where to search it, and why there. */
export interface CommonHyperparameter {
  /** What it is called; lower case, words joined by `_`, the usual name first. */
  readonly names: readonly string[];
  readonly parameter: Parameter;
  /** One line. */
  readonly reason: string;
}

const logFloat = (min: number, max: number): Parameter => ({ type: "float", min, max, log: true });
const float = (min: number, max: number): Parameter => ({ type: "float", min, max, log: false });
const int = (min: number, max: number, log = false): Parameter => ({ type: "int", min, max, log });

/** Ranges to begin with: wide enough to hold the best value of most networks, narrow enough to find it in a hundred trials. */
export const commonHyperparameters: readonly CommonHyperparameter[] = Object.freeze([
  {
    names: ["lr", "learning_rate", "base_lr", "init_lr", "eta", "alpha"],
    parameter: logFloat(1e-5, 1e-1),
    reason: "matters most; good values differ by orders of magnitude, so its logarithm is searched",
  },
  {
    names: ["batch_size", "batch", "bs", "train_batch_size", "per_device_train_batch_size"],
    parameter: { type: "ordinal", values: [16, 32, 64, 128, 256] },
    reason: "powers of two fill the hardware; larger ones want a larger learning rate",
  },
  {
    names: ["weight_decay", "wd", "l2", "l2_reg"],
    parameter: logFloat(1e-6, 1e-1),
    reason: "strength of the pull towards small weights; spans orders of magnitude",
  },
  {
    names: ["dropout", "dropout_rate", "drop", "dropout_p", "p_drop"],
    parameter: float(0, 0.5),
    reason: "share of units switched off; above one half too little is left to learn from",
  },
  {
    names: ["momentum", "sgd_momentum"],
    parameter: float(0, 0.99),
    reason: "how much of the last step is kept; only for optimizers that have it",
  },
  { names: ["beta1", "adam_beta1", "beta_1"], parameter: float(0.8, 0.99), reason: "how long Adam averages the gradient" },
  {
    names: ["beta2", "adam_beta2", "beta_2"],
    parameter: float(0.9, 0.9999),
    reason: "how long Adam averages the squared gradient; lower is steadier with large batches",
  },
  {
    names: ["eps", "epsilon", "adam_epsilon"],
    parameter: logFloat(1e-9, 1e-5),
    reason: "keeps Adam's division finite; rarely matters",
  },
  {
    names: ["layers", "num_layers", "n_layers", "depth", "num_hidden_layers"],
    parameter: int(1, 6),
    reason: "depth of the network; more layers cost time and need more care",
  },
  {
    names: ["width", "hidden_size", "hidden", "hidden_dim", "units", "hidden_units", "embed_dim", "d_model", "num_hidden"],
    parameter: int(16, 512, true),
    reason: "units in each layer; doubling it matters about the same everywhere, so its logarithm is searched",
  },
  {
    names: ["heads", "num_heads", "n_heads", "n_head"],
    parameter: { type: "ordinal", values: [1, 2, 4, 8, 16] },
    reason: "attention heads; the width must be divisible by it",
  },
  {
    names: ["optimizer", "optim", "opt"],
    parameter: { type: "categorical", values: ["adam", "adamw", "sgd"] },
    reason: "keep those that the script knows",
  },
  {
    names: ["activation", "act", "nonlinearity"],
    parameter: { type: "categorical", values: ["relu", "gelu", "tanh"] },
    reason: "keep those that the script knows",
  },
  {
    names: ["scheduler", "lr_scheduler", "lr_schedule", "schedule", "lr_scheduler_type"],
    parameter: { type: "categorical", values: ["constant", "linear", "cosine"] },
    reason: "how the learning rate falls; keep those that the script knows",
  },
  {
    names: ["warmup", "warmup_ratio", "warmup_fraction"],
    parameter: float(0, 0.2),
    reason: "share of the training in which the learning rate rises",
  },
  { names: ["warmup_steps", "num_warmup_steps"], parameter: int(0, 1_000), reason: "steps in which the learning rate rises" },
  { names: ["warmup_epochs"], parameter: int(0, 5), reason: "epochs in which the learning rate rises" },
  {
    names: ["label_smoothing", "smoothing"],
    parameter: float(0, 0.2),
    reason: "share of certainty taken from the labels; helps against overconfidence",
  },
  {
    names: ["gradient_clip", "grad_clip", "clip", "max_grad_norm", "clip_norm"],
    parameter: logFloat(0.1, 10),
    reason: "longest gradient; low values calm an unsteady training",
  },
  { names: ["mixup", "mixup_alpha"], parameter: float(0, 0.5), reason: "how strongly pairs of examples are blended" },
  {
    names: ["gamma", "lr_decay", "lr_gamma"],
    parameter: float(0.1, 0.99),
    reason: "factor by which the learning rate falls at each step of its schedule",
  },
  {
    names: ["num_leaves", "max_leaves"],
    parameter: int(8, 256, true),
    reason: "size of a boosted tree; large ones remember the training rows",
  },
  { names: ["max_depth"], parameter: int(2, 12), reason: "depth of a tree; deep ones remember the training rows" },
  {
    names: ["n_estimators", "num_trees", "num_boost_round", "iterations"],
    parameter: int(50, 2_000, true),
    reason: "number of trees; more want a smaller learning rate",
  },
  { names: ["subsample", "bagging_fraction"], parameter: float(0.5, 1), reason: "share of the rows that each tree sees" },
  {
    names: ["colsample_bytree", "feature_fraction", "max_features"],
    parameter: float(0.3, 1),
    reason: "share of the columns that each tree sees",
  },
  {
    names: ["min_child_weight", "min_data_in_leaf", "min_samples_leaf"],
    parameter: int(1, 100, true),
    reason: "least weight of a leaf; large ones smooth the trees",
  },
  { names: ["c", "svm_c"], parameter: logFloat(1e-3, 1e3), reason: "cost of an error; spans orders of magnitude" },
]);

/** The common hyperparameter that an argument such as `--learning-rate` or `learningRate` most likely is, or null. */
export function commonHyperparameter(argument: string): CommonHyperparameter | null {
  const words = argument.replace(/^-+/, "").replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  const name = words.toLowerCase().replace(/[-. ]/g, "_");
  return commonHyperparameters.find(({ names }) => names.includes(name)) ?? null;
}
