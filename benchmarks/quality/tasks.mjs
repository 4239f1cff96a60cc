// Panel entries → tasks. A task is what every method is given (parameters, number of objectives) and `evaluate`, less is better.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axTask, tableTask, yahpoTask } from "./data-tasks.mjs";
import { importCore, qualityFolder } from "./library.mjs";

const { bbob } = await importCore("problems/bbob/bbob.js");
const { discretised } = await importCore("problems/discretised.js");
const { noisy } = await importCore("problems/noisy.js");
const fronts = await importCore("problems/two-objectives.js");

/** The frozen list of tasks, with the hypotheses. */
export const panel = JSON.parse(readFileSync(join(qualityFolder, "panel.json"), "utf8"));
const otherPanelFile = process.env.TUNESMITH_PANEL ?? null;

/** The tasks of the panel; of the one that TUNESMITH_PANEL names instead, to choose constants on other tasks than these. */
export const entries = otherPanelFile === null ? panel.tasks : JSON.parse(readFileSync(otherPanelFile, "utf8")).tasks;
/** Where the best values and medians of these tasks stand; made by calibrate.mjs. */
export const entriesScalesFile =
  otherPanelFile === null ? join(qualityFolder, "scales.json") : otherPanelFile.replace(/\.json$/, "-scales.json");

export function readScales() {
  return JSON.parse(readFileSync(entriesScalesFile, "utf8"));
}

export function openTask(name) {
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no task ${name}; there are: ${entries.map((one) => one.name).join(", ")}`);
  return { name, family: entry.family, ...builders[entry.kind](entry) };
}

const builders = {
  bbob: ({ f, d, instance, discretise, noise }) => {
    const plain = bbob(f, d, instance);
    // JSON has no infinity: null leaves a coordinate continuous.
    const counts = discretise?.valueCounts.map((count) => count ?? Number.POSITIVE_INFINITY);
    const gridded = discretise ? discretised(plain, { ...discretise, valueCounts: counts }) : plain;
    return ofProblem(noise ? noisy(gridded, noise) : gridded);
  },
  front: ({ problem, d }) => ofProblem(fronts[problem](d)),
  table: tableTask,
  yahpo: yahpoTask,
  ax: axTask,
};

function ofProblem(problem) {
  const values = (metrics) => problem.objectives.map(({ name }) => metrics[name]);
  return {
    parameters: problem.parameters,
    objectives: problem.objectives.map(({ name }) => name),
    best: problem.optimum?.value ?? null,
    median: null,
    front: problem.front,
    evaluate: (config, draw) => values(problem.evaluate(config, draw)),
    ...(problem.noiseless ? { truth: (config) => values(problem.noiseless.evaluate(config)) } : {}),
  };
}
