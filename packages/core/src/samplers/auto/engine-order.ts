import type { Problem } from "../../trial/problem.ts";

/** The samplers that `auto` chooses among. */
export type EngineName = "grid" | "qmc" | "gp" | "tpe" | "cma-es" | "nsga2" | "nsga3" | "random";

/** Why `auto` asks the first of its engines. */
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
  /** More results than the model of the first trials is made for. */
  | "many-results"
  | "model"
  /** The second best has its turn, in case the best is wrong about this problem. */
  | "hedge";

export interface EngineOrder {
  readonly reason: EngineReason;
  /** Most preferred first; those that refuse the problem are passed over. */
  readonly engines: readonly EngineName[];
}

/** What the order depends on, of the study's past. */
export interface Progress {
  /** Number of the trial to come. */
  readonly trialNumber: number;
  /** Trials with a result. */
  readonly completeCount: number;
}

const tinyLimit = 64;
const hedgeEvery = 5;
const hedgeFrom = 20;

/**
 * Which samplers to ask for the next trial, by what is known of the problem before any is run and by how many results there are.
 *
 * A function of its arguments alone. The numbers are judgement until the panel of the quality benchmark has confirmed them.
 *
 * Source: crossing points between models and evolution strategies: F. Hutter, H. Hoos, K. Leyton-Brown (2013),
 * https://doi.org/10.1145/2464576.2501592; small initial designs: J. Bossek, C. Doerr, P. Kerschke (2020), https://doi.org/10.1145/3377930.3390155.
 */
export function engineOrder(problem: Problem, { trialNumber, completeCount }: Progress): EngineOrder {
  const shape = shapeOf(problem);
  if (shape.cardinality <= Math.min(tinyLimit, problem.trialBudget ?? tinyLimit) && !problem.defineByRun)
    return { reason: "tiny", engines: ["grid"] };
  if (completeCount < designSize(shape.dimensionCount, problem)) return { reason: "design", engines: ["qmc"] };
  const order = modelOrder(problem, shape, completeCount);
  const [best, second] = order.engines;
  const isHedge = completeCount >= hedgeFrom && trialNumber % hedgeEvery === hedgeEvery - 1 && order.reason !== "large-budget";
  return isHedge && second !== undefined ? { reason: "hedge", engines: [second, best, ...order.engines.slice(2)] } : order;
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
function designSize(dimensionCount: number, { trialBudget, parallel }: Problem): number {
  const wanted = dimensionCount > 50 ? 20 : Math.min(10, Math.max(5, dimensionCount + 1));
  const share = trialBudget === null ? wanted : Math.max(3, Math.floor(0.15 * trialBudget));
  return Math.max(Math.min(wanted, share), Math.min(parallel, wanted));
}

function modelOrder({ objectives, trialBudget }: Problem, shape: Shape, n: number): EngineOrder {
  const d = shape.dimensionCount;
  if (objectives.length > 1) return { reason: "several-objectives", engines: severalObjectives(objectives.length, shape, n) };
  if (shape.conditional) return { reason: "conditional", engines: n <= 150 ? ["gp", "tpe"] : ["tpe", "gp"] };
  if (shape.choiceCount > 10 || shape.choiceBits > 30) return { reason: "many-choices", engines: ["tpe", "gp", "cma-es"] };
  if ((trialBudget ?? 0) > Math.max(2_000, 20 * d * d)) return { reason: "large-budget", engines: ["cma-es", "tpe"] };
  if (d > 100) return { reason: "model", engines: n < 300 ? ["tpe", "cma-es"] : ["cma-es", "tpe"] };
  // A model that has to give way before the end is kept if the end is near.
  const switchAt = Math.min(300, Math.max(100, 25 * d));
  const isNearEnd = trialBudget !== null && trialBudget <= 1.5 * switchAt;
  if (n < switchAt || isNearEnd) return { reason: "model", engines: ["gp", "tpe", "cma-es"] };
  return { reason: "many-results", engines: ["cma-es", "tpe", "gp"] };
}

function severalObjectives(m: number, { conditional, dimensionCount }: Shape, n: number): readonly EngineName[] {
  if (conditional) return ["tpe", "nsga2"];
  if (n < 300 && dimensionCount <= 30) return ["gp", "tpe"];
  return m <= 3 ? ["nsga2", "tpe"] : ["nsga3", "tpe"];
}
