import { categorical, float, int, ordinal } from "@tunesmith/core";

/** What may be tuned, and where a person might start: the first trial takes the defaults. */
export const parameters = {
  lr: float(1e-4, 1, { log: true, default: 0.01 }),
  optimizer: categorical(["sgd", "adam"], { default: "sgd" }),
  momentum: float(0, 0.99, { default: 0, when: { optimizer: "sgd" } }),
  layers: int(1, 3, { default: 1 }),
  width: int(2, 32, { log: true, default: 8 }),
  activation: categorical(["tanh", "relu"], { default: "tanh" }),
  batch: ordinal([8, 16, 32, 64], { default: 32 }),
  weightDecay: float(1e-6, 1e-1, { log: true, default: 1e-6 }),
};

export const objective = { name: "valLoss", goal: "minimize" };

/** A trial may train 81 epochs; it is compared with the others, and may be stopped, after 9 and 27. */
export const fidelity = { name: "epochs", min: 9, max: 81 };
export const rungs = [9, 27];
