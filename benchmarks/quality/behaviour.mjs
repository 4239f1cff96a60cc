// What a sampler of ours does, as a digest: a change of the code that changes no suggestion leaves recorded runs valid.
import { createHash } from "node:crypto";
import { importCore } from "./library.mjs";

const { createStudy } = await importCore("index.js");

const float = (min, max, more = {}) => ({ type: "float", min, max, ...more });
const square = (x, at) => (x - at) ** 2;
// Together they lead a sampler through its kinds of coordinates, its ties, its noise, its conditions and its several objectives; the lengths
// are those after which `auto` has changed over.
const probes = [
  {
    trialCount: 70,
    parameters: Object.fromEntries(Array.from({ length: 6 }, (_, j) => [`x${j}`, float(-5, 5)])),
    losses: (x) => [
      Array.from({ length: 5 }, (_, j) => 100 * square(x[`x${j + 1}`], x[`x${j}`] ** 2) + square(x[`x${j}`], 1)).reduce(
        (a, b) => a + b,
      ),
    ],
  },
  {
    trialCount: 170,
    parameters: {
      model: { type: "categorical", values: ["tree", "net", "line"] },
      depth: { type: "int", min: 1, max: 12, when: { model: "tree" } },
      rate: float(1e-5, 1, { log: true, when: { model: "net" } }),
      width: { type: "int", min: 8, max: 512, log: true, when: { model: "net" } },
      decay: float(0, 1),
    },
    losses: ({ model, depth, rate, width, decay }) => {
      const branch = {
        tree: () => square(depth, 7) / 20,
        net: () => square(Math.log10(rate), -3) / 8 + square(width, 200) / 1e5,
        line: () => 0.4,
      };
      return [branch[model]() + square(decay, 0.2)];
    },
  },
  {
    trialCount: 60,
    parameters: {
      units: { type: "ordinal", values: [16, 32, 64, 128, 256] },
      layers: { type: "int", min: 1, max: 6 },
      step: float(0, 1, { step: 0.125 }),
      kind: { type: "categorical", values: ["a", "b", "c", "d"] },
      bias: { type: "boolean" },
    },
    // Rounded: many losses are equal.
    losses: ({ units, layers, step, kind, bias }) => [
      Math.round(square(Math.log2(units), 6) + square(layers, 3) + 8 * square(step, 0.3) + "badc".indexOf(kind) + (bias ? 0 : 1)),
    ],
  },
  {
    trialCount: 60,
    parameters: Object.fromEntries(Array.from({ length: 4 }, (_, j) => [`x${j}`, float(0, 1)])),
    losses: ({ x0, x1, x2, x3 }, i) => [
      square(x0, 0.3) + square(x1, 0.6) + 0.1 * (x2 + x3) + 0.2 * Math.sin(12.9898 * (i + 1) * (i + 2)),
    ],
  },
  {
    trialCount: 60,
    objectiveCount: 2,
    parameters: Object.fromEntries(Array.from({ length: 5 }, (_, j) => [`x${j}`, float(0, 1)])),
    losses: ({ x0, x1, x2, x3, x4 }) => [x0 + x3 * x4, (1 + x1 + x2) * (1 - Math.sqrt(x0 / (1 + x1 + x2))) + x3],
  },
];

/** Eight hexadecimal digits of all configs that the sampler suggests in the studies above, and of what it refuses. */
export async function behaviourOf(method) {
  const hash = createHash("sha256");
  for (const probe of probes) {
    try {
      await follow(probe, method, (config) => hash.update(JSON.stringify(config)));
    } catch (error) {
      if (error.code !== "refused") throw error;
      hash.update(error.code);
    }
  }
  return hash.digest("hex").slice(0, 8);
}

async function follow({ trialCount, objectiveCount = 1, parameters, losses }, method, see) {
  const names = Array.from({ length: objectiveCount }, (_, k) => `loss${k}`);
  const objectives = names.map((name) => ({ name, goal: "minimize" }));
  const study = await createStudy({ parameters, objectives, sampler: method, seed: 1, budget: { trials: trialCount } });
  try {
    for (let i = 0; i < trialCount; i++) {
      const trial = await study.ask();
      see(trial.params);
      const values = losses(trial.params, i);
      await study.tell(trial, Object.fromEntries(names.map((name, k) => [name, values[k]])));
    }
  } finally {
    await study.close();
  }
}
