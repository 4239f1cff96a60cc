import type { JsonObject } from "../json.ts";
import { createSpace } from "../parameters/create-space.ts";
import { parseExpression } from "../parameters/expression.ts";
import type { Parameters } from "../parameters/parameter.ts";
import { parametersJson } from "../parameters/parameters-json.ts";
import type { Space } from "../parameters/space.ts";
import { type Fault, TunesmithError, throwFaults } from "../tunesmith-error.ts";
import type { Fidelity, Objective, Problem } from "./problem.ts";
import type { StudySettings } from "./study-settings.ts";

/** What a user declares of a problem; everything else has a default. */
export interface ProblemSpec {
  readonly parameters: Parameters | JsonObject;
  readonly parameterConstraints?: readonly string[];
  readonly objectives: readonly (Omit<Objective, "take"> & { readonly take?: Objective["take"] })[];
  readonly outcomeConstraints?: readonly string[];
  readonly fidelity?: (Omit<Fidelity, "unit" | "resume"> & Partial<Pick<Fidelity, "unit" | "resume">>) | null;
  readonly replicates?: Problem["replicates"];
  readonly seed: number;
  /** Whether training code may draw parameters that are not declared (`trial.suggestFloat`, …). Default false. */
  readonly defineByRun?: boolean;
}

/** A declared problem with how its seed came about. */
export interface SeededProblemSpec extends ProblemSpec {
  /** Whether nobody chose the seed. Default false. */
  readonly seedDrawn?: boolean;
}

/**
 * A problem ready for use.
 *
 * @throws {TunesmithError} `invalid-input` with all faults.
 */
export function compileProblem(
  spec: SeededProblemSpec,
  revision: number,
  settings: Pick<StudySettings, "budget" | "parallel">,
): Problem {
  const { space, faults } = compileSpace(spec);
  throwFaults("study", [...faults, ...problemFaults(spec)]);
  return Object.freeze({
    revision,
    space: space as Space,
    objectives: spec.objectives.map((objective) => Object.freeze({ take: "last" as const, ...objective })),
    outcomeConstraints: spec.outcomeConstraints ?? [],
    fidelity: spec.fidelity ? { unit: "steps" as const, resume: "auto" as const, ...spec.fidelity } : null,
    replicates: spec.replicates ?? { kind: "repeats" as const, count: 1 },
    seed: spec.seed,
    seedDrawn: spec.seedDrawn ?? false,
    defineByRun: spec.defineByRun ?? false,
    trialBudget: settings.budget.trials ?? null,
    parallel: settings.parallel,
  });
}

/** The space, or all that is wrong with it. */
function compileSpace({ parameters, parameterConstraints = [] }: ProblemSpec): { space: Space | null; faults: readonly Fault[] } {
  try {
    return { space: createSpace(parameters, parameterConstraints), faults: [] };
  } catch (error) {
    if (!(error instanceof TunesmithError) || error.faults.length === 0) throw error;
    const inStudy = (path: string): string => (path.startsWith("parameterConstraints") ? path : `parameters.${path}`);
    return { space: null, faults: error.faults.map(({ path, message }) => ({ path: inStudy(path), message })) };
  }
}

/** The stored form; `compileProblem` takes it back unchanged. */
export function problemJson(problem: Problem): JsonObject {
  return {
    parameters: parametersJson(problem.space.parameters),
    parameterConstraints: problem.space.parameterConstraints,
    objectives: problem.objectives as unknown as JsonObject[],
    outcomeConstraints: problem.outcomeConstraints,
    fidelity: problem.fidelity as unknown as JsonObject,
    replicates: problem.replicates,
    seed: problem.seed,
    ...(problem.seedDrawn ? { seedDrawn: true } : {}),
    ...(problem.defineByRun ? { defineByRun: true } : {}),
  };
}

function problemFaults(spec: ProblemSpec): Fault[] {
  return [
    ...objectiveFaults(spec.objectives),
    ...expressionFaults(spec.outcomeConstraints ?? []),
    ...(spec.fidelity ? fidelityFaults(spec.fidelity) : []),
    ...replicateKindFaults(spec.replicates?.kind ?? "repeats"),
    ...countFaults("replicates.count", spec.replicates?.count ?? 1, 1, 1_000),
    ...countFaults("seed", spec.seed, 0, Number.MAX_SAFE_INTEGER),
  ];
}

function objectiveFaults(objectives: ProblemSpec["objectives"]): Fault[] {
  if (objectives.length === 0) return [{ path: "objectives", message: "none given; at least one is needed" }];
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const [i, { name, goal, stopAt, take }] of objectives.entries()) {
    const path = objectives.length === 1 ? "objective" : `objectives.${i}`;
    if (typeof name !== "string" || name.trim() === "") faults.push({ path: `${path}.name`, message: "is empty" });
    if (seen.has(name)) faults.push({ path: `${path}.name`, message: `${name} stands twice` });
    seen.add(name);
    if (goal !== "minimize" && goal !== "maximize")
      faults.push({ path: `${path}.goal`, message: `is ${JSON.stringify(goal)}; allowed: minimize, maximize` });
    if (stopAt !== undefined && !Number.isFinite(stopAt))
      faults.push({ path: `${path}.stopAt`, message: `is ${stopAt}; allowed: a finite number` });
    if (take !== undefined && !/^(last|best|mean:[1-9]\d{0,8})$/.test(take))
      faults.push({ path: `${path}.take`, message: `is ${JSON.stringify(take)}; allowed: last, best, mean:3` });
  }
  return faults;
}

function expressionFaults(constraints: readonly string[]): Fault[] {
  return constraints.flatMap((text, i) => {
    try {
      parseExpression(text);
      return [];
    } catch (error) {
      return [{ path: `outcomeConstraints.${i}`, message: error instanceof Error ? error.message : String(error) }];
    }
  });
}

function fidelityFaults(fidelity: NonNullable<ProblemSpec["fidelity"]>): Fault[] {
  const faults: Fault[] = [];
  const { min, max, unit = "steps", resume = "auto" } = fidelity;
  const whole = unit === "steps";
  for (const [name, value] of [
    ["min", min],
    ["max", max],
  ] as const)
    if (!Number.isFinite(value) || value <= 0 || (whole && !Number.isSafeInteger(value)))
      faults.push({ path: `fidelity.${name}`, message: `is ${value}; allowed: a positive ${whole ? "whole " : ""}number` });
  if (min > max) faults.push({ path: "fidelity.min", message: `${min} lies above max ${max}` });
  if (!["steps", "time", "value"].includes(unit))
    faults.push({ path: "fidelity.unit", message: `is ${JSON.stringify(unit)}; allowed: steps, time, value` });
  if (!["auto", "yes", "no"].includes(resume))
    faults.push({ path: "fidelity.resume", message: `is ${JSON.stringify(resume)}; allowed: auto, yes, no` });
  return faults;
}

function replicateKindFaults(kind: string): Fault[] {
  if (kind === "repeats" || kind === "folds") return [];
  return [{ path: "replicates.kind", message: `is ${JSON.stringify(kind)}; allowed: repeats, folds` }];
}

function countFaults(path: string, value: number, low: number, high: number): Fault[] {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return [];
  return [{ path, message: `is ${value}; allowed: a whole number from ${low} to ${high}` }];
}
