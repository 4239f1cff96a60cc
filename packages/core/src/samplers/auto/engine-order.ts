import type { Problem } from "../../trial/problem.ts";
import { gpSuggestionMs } from "./gp-suggestion-ms.ts";
import type { Progress } from "./progress.ts";

/** The samplers that `auto` chooses among. */
export type EngineName = "grid" | "qmc" | "gp" | "tpe" | "cma-es" | "nsga2" | "nsga3" | "refine" | "random";

/** Why `auto` asks an engine. */
export type EngineReason =
  /** So few configs that all of them can be tried. */
  | "tiny"
  /** Too few results to learn from. */
  | "design"
  | "several-objectives"
  | "conditional"
  | "many-choices"
  /** So many trials are planned that an evolution strategy gets further. */
  | "large-budget"
  /** Trainings are shorter than the time that the model would think about them. */
  | "short-trainings"
  /** More results than the model of the first trials is made for. */
  | "many-results"
  | "model"
  /** Nothing better was found for a while, and the second best looks elsewhere. */
  | "turn"
  /** The losses are smooth: a step downhill from the best trial. */
  | "smooth";

/** A sampler to ask, and why. */
export interface Choice {
  readonly engine: EngineName;
  readonly reason: EngineReason;
}

const tinyLimit = 64;

/**
 * Which samplers to ask for the next trial, most preferred first, by what is known of the problem before any is run and by the results there
 * are. Those that refuse the problem or have nothing to say are passed over.
 *
 * A function of its arguments alone. docs/samplers.md says what the numbers were chosen on.
 *
 * Source: crossing points between models and evolution strategies: F. Hutter, H. Hoos, K. Leyton-Brown (2013),
 * https://doi.org/10.1145/2464576.2501592; small initial designs: J. Bossek, C. Doerr, P. Kerschke (2020), https://doi.org/10.1145/3377930.3390155.
 */
export function engineOrder(problem: Problem, progress: Progress): readonly Choice[] {
  const shape = shapeOf(problem);
  const { completeCount } = progress;
  if (shape.cardinality <= Math.min(tinyLimit, problem.trialBudget ?? tinyLimit) && !problem.defineByRun)
    return [{ engine: "grid", reason: "tiny" }];
  const order = modelOrder(problem, shape, completeCount);
  if (completeCount < designSize(problem)) return choices("design", order[0].engine === "gp" ? ["gp", "qmc"] : ["qmc"]);
  if (order[0].engine === "gp" && isTooSlow(problem, progress)) return choices("short-trainings", cheapOrder(problem, shape));
  const keepsTurns = problem.objectives.length > 1 || order[0].reason === "large-budget";
  return keepsTurns || completeCount < stepsFrom ? order : takingTurns(order, progress);
}

/** A number of trials is to be used as well as can be, whatever a model costs; without one it is time that runs out. */
function isTooSlow({ space, objectives, trialBudget }: Problem, { completeCount, durationMs }: Progress): boolean {
  const modelMs = objectives.length * gpSuggestionMs(completeCount, space.dimensions.length);
  return trialBudget === null && durationMs < modelMs;
}

// With fewer results there is no valley to go down in, and with a few more the best sampler is still needed most.
const stepsFrom = 20;
const secondsFrom = 40;
// Results in a row that were no better than the best before them; at least as many as are under way.
const staleAfter = 8;
// Of the signal: below it the model has explained the losses to their last digits, and a parabola fits them nearby.
const smoothShare = 1e-4;
const refineEvery = 4;
const secondEvery = { smooth: 4, rugged: 2 } as const;

/**
 * The same samplers, begun with the one whose turn it is by the number of the trial: while the best one improves it keeps all turns but those
 * of the steps downhill on smooth losses.
 */
function takingTurns(order: readonly Choice[], progress: Progress): readonly Choice[] {
  const { trialNumber, completeCount, noiseShare, staleCount, pendingCount } = progress;
  const isSmooth = noiseShare < smoothShare;
  if (isSmooth && trialNumber % refineEvery === 3) return [{ engine: "refine", reason: "smooth" }, ...order];
  const isSeconds = trialNumber % (isSmooth ? secondEvery.smooth : secondEvery.rugged) === 1;
  const isStale = completeCount >= secondsFrom && staleCount >= Math.max(staleAfter, pendingCount);
  const [best, second, ...others] = order;
  if (!isSeconds || !isStale || second === undefined) return order;
  return [{ engine: second.engine, reason: "turn" }, best, ...others];
}

interface Shape {
  readonly dimensionCount: number;
  /** Unordered choices, and the bits they carry together. */
  readonly choiceCount: number;
  readonly choiceBits: number;
  readonly conditional: boolean;
  readonly cardinality: number;
}

function shapeOf({ space }: Problem): Shape {
  const choices = space.dimensions.filter(({ kind }) => kind === "categorical");
  return {
    dimensionCount: space.dimensions.length,
    choiceCount: choices.length,
    choiceBits: choices.reduce((sum, { cellCount }) => sum + Math.log2(cellCount), 0),
    conditional: space.conditional,
    cardinality: space.cardinality,
  };
}

/** Results to have before a model is asked: five to ten, twenty for many parameters, never more than 15 % of the budget. */
export function designSize({ space, trialBudget, parallel }: Problem): number {
  const dimensionCount = space.dimensions.length;
  const wanted = dimensionCount > 50 ? 20 : Math.min(10, Math.max(5, dimensionCount + 1));
  const share = trialBudget === null ? wanted : Math.max(3, Math.floor(0.15 * trialBudget));
  return Math.max(Math.min(wanted, share), Math.min(parallel, wanted));
}

function modelOrder({ objectives, trialBudget }: Problem, shape: Shape, n: number): readonly Choice[] {
  const d = shape.dimensionCount;
  if (objectives.length > 1) return choices("several-objectives", severalObjectives(objectives.length, shape, n));
  // A model that has to give way before the end is kept if the end is near.
  const switchAt = Math.min(300, Math.max(200, 25 * d));
  const suitsModel = n < switchAt || (trialBudget !== null && trialBudget <= 1.5 * switchAt);
  if (shape.conditional) return choices("conditional", suitsModel ? ["gp", "tpe"] : ["tpe", "gp"]);
  if (shape.choiceCount > 10 || shape.choiceBits > 30) return choices("many-choices", ["tpe", "gp", "cma-es"]);
  if ((trialBudget ?? 0) > Math.max(2_000, 20 * d * d)) return choices("large-budget", ["cma-es", "tpe"]);
  if (d > 100) return choices("model", n < 300 ? ["tpe", "cma-es"] : ["cma-es", "tpe"]);
  if (suitsModel) return choices("model", ["gp", "tpe", "cma-es"]);
  return choices("many-results", ["cma-es", "tpe", "gp"]);
}

function severalObjectives(m: number, { conditional, dimensionCount }: Shape, n: number): readonly EngineName[] {
  if (conditional) return ["tpe", "nsga2"];
  if (n < 300 && dimensionCount <= 30) return ["gp", "tpe"];
  return m <= 3 ? ["nsga2", "tpe"] : ["nsga3", "tpe"];
}

function cheapOrder({ objectives: { length: m } }: Problem, { conditional, choiceCount }: Shape): readonly EngineName[] {
  if (m > 1) return [m <= 3 ? "nsga2" : "nsga3", "tpe"];
  return conditional || choiceCount > 0 ? ["tpe", "cma-es"] : ["cma-es", "tpe"];
}

function choices(reason: EngineReason, engines: readonly EngineName[]): readonly Choice[] {
  return engines.map((engine) => ({ engine, reason }));
}
