import { createRng, type Rng } from "../numerics/rng.ts";
import { boolean, categorical, constant, float, int, ordinal } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import type { TrialState } from "../trial/trial-state.ts";
import { type TestProblem, TestStudy, testProblem } from "./test-study.ts";

/** Problems that between them hold every kind of parameter, condition and constraint. */
export const contractProblems: Readonly<Record<string, TestProblem>> = {
  floats: { parameters: { a: float(-3, 7), b: float(1e-8, 1e4, { log: true }), c: float(0, 1, { step: 0.1 }) } },
  integers: {
    parameters: {
      few: int(1, 4),
      many: int(-1_000_000, 1_000_000),
      log: int(1, 5_000, { log: true }),
      odd: int(1, 9, { step: 2 }),
    },
  },
  choices: {
    parameters: {
      bool: boolean(),
      name: categorical(["a", "b", "c"]),
      none: categorical([null, 1, "1"]),
      size: ordinal(["s", "m", "l"]),
    },
  },
  priors: {
    parameters: {
      choice: categorical(["x", "y", "z"], { weights: [0, 1, 9] }),
      lr: float(1e-5, 1, { log: true, prior: { distribution: "log-normal", mean: -7, sd: 1 } }),
      width: int(1, 100, { prior: { distribution: "normal", mean: 90, sd: 5 } }),
    },
  },
  conditional: {
    parameters: {
      beta: float(0, 1, { when: { optimizer: ["adam", "lion"] } }),
      layers: int(1, 3),
      momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
      nesterov: boolean({ when: "momentum > 0.5" }),
      optimizer: categorical(["adam", "sgd", "lion"]),
      width2: int(8, 64, { log: true, when: "layers >= 2" }),
      width3: int(8, 64, { log: true, when: "layers >= 3" }),
    },
  },
  constrained: {
    parameters: { x: float(0, 1), y: float(0, 1), z: int(1, 10) },
    parameterConstraints: ["x + y <= 1", "z * x <= 5"],
  },
  narrow: { parameters: { x: float(0, 1), y: float(0, 1, { default: 0.5 }) }, parameterConstraints: ["abs(x - y) <= 1e-6"] },
  tiny: { parameters: { a: boolean(), b: int(1, 3) } },
  fixed: { parameters: { only: constant("v"), one: int(4, 4) } },
  wide: { parameters: Object.fromEntries(Array.from({ length: 40 }, (_, j) => [`x${j}`, float(0, 1)])) },
  objectives: { parameters: { x: float(0, 1), y: float(0, 1) }, objectiveCount: 2 },
  outcome: { parameters: { x: float(0, 1), y: int(0, 9) }, constrained: true },
};

/** How losses of a contract history look. */
export const lossKinds = ["plain", "constant", "huge", "infinite", "nan"] as const;
export type LossKind = (typeof lossKinds)[number];

/** A study with `count` trials in all states, some configs repeated, some enqueued with open values. */
export function contractStudy(problemName: string, kind: LossKind, count: number, seed: number): TestStudy {
  const study = new TestStudy(testProblem({ ...contractProblems[problemName], seed }));
  const rng = createRng(seed, "contract", problemName, kind);
  let config: Config | null = null;
  for (let i = 0; i < count; i++) {
    if (config === null || rng.uniform() > 0.1) config = randomConfig(study, rng);
    addTrial(study, config, kind, rng);
  }
  return study;
}

function randomConfig({ problem: { space } }: TestStudy, rng: Rng): Config {
  const point = new Float64Array(space.dimensions.length);
  for (let draw = 0; draw < 50; draw++) {
    const config = space.decode(point.map((_, j) => space.dimensions[j].fromPrior(rng.uniform())));
    if (space.satisfies(config)) return config;
  }
  return space.defaults();
}

const states: readonly TrialState[] = [
  "complete",
  "complete",
  "complete",
  "complete",
  "stopped",
  "failed",
  "cancelled",
  "running",
  "queued",
  "paused",
];

function addTrial(study: TestStudy, config: Config, kind: LossKind, rng: Rng): void {
  const state = states[rng.int(states.length)];
  const losses = study.problem.objectives.map(() => lossOf(kind, rng));
  if (state === "queued") {
    const names = Object.keys(config);
    study.add(
      { config: Object.fromEntries(names.slice(0, rng.int(names.length + 1)).map((name) => [name, config[name]])) },
      0,
      state,
    );
    return;
  }
  const trial = study.add({ config });
  if (state !== "failed" && rng.uniform() < 0.7) study.report(trial, 1 + rng.int(9), losses);
  if (state === "paused") study.setState(trial, state);
  const violation = rng.uniform() < 0.3 ? rng.uniform() : rng.uniform() < 0.1 ? Number.NaN : 0;
  if (state === "complete") study.finish(trial, { losses, violation });
  else if (state !== "running" && state !== "paused") study.finish(trial, { state, losses: null, violation: Number.NaN });
}

function lossOf(kind: LossKind, rng: Rng): number {
  const u = rng.uniform();
  if (kind === "constant") return 7;
  if (kind === "huge") return (u - 0.5) * 1e308;
  if (kind === "infinite" && u < 0.4) return u < 0.2 ? Infinity : -Infinity;
  return kind === "nan" && u < 0.8 ? Number.NaN : u;
}
