// The objective: trains one small network and reports after every epoch. Runs in a Web Worker, once per thread of the study.
// A worker does not see the page's import map, so core is imported by its address.
import { exposeObjective } from "./core/index.js";
import { train, validation } from "./moons.mjs";
import { createNetwork, evaluate, trainOneEpoch } from "./network.mjs";

export async function objective(trial) {
  const network = createNetwork(trial.params, trial.seed);
  for (const epoch of trial.steps()) {
    trainOneEpoch(network, train, trial.params);
    const { loss, accuracy } = evaluate(network, validation);
    if ((await trial.report(epoch, { valLoss: loss, valAccuracy: accuracy })) !== "continue") return;
  }
}

exposeObjective(objective);
