import type { Budget, JsonObject, ProblemSpec } from "@tunesmith/core";
import { deepestField, type Field, type Reading } from "./reading.ts";
import { type StudyMembers, unusedKeys } from "./study-keys.ts";

type Objectives = ProblemSpec["objectives"];
type Fidelity = NonNullable<ProblemSpec["fidelity"]>;

/** Keys of which only one may be given: an alias and the native key, or two that exclude each other. */
const alternatives: readonly (readonly [string, string])[] = [
  ["objectives", "objective"],
  ["metric", "objective"],
  ["metric", "objectives"],
  ["method", "sampler"],
  ["early_terminate", "scheduler"],
  ["run_cap", "budget.trials"],
  ["trial_timeout", "limits.trial_time"],
  ["trial_timeout", "limits.trial_timeout"],
  ["limits.trial_timeout", "limits.trial_time"],
  ["folds", "repeats"],
];

export function refuseAlternatives(root: Field, reading: Reading): void {
  for (const [first, second] of alternatives) {
    const [field, other] = [first, second].map((path) => writtenAt(root, path));
    if (field === null || other === null) continue;
    const [later, earlier] = field.node.at >= other.node.at ? [field, other] : [other, field];
    reading.faults.push({ at: later.node.at, path: later.path, message: `given besides ${earlier.path}; keep one of the two` });
  }
}

function writtenAt(root: Field, path: string): Field | null {
  const found = deepestField(root, path.split("."));
  return found.path === path ? found : null;
}

export function noticeUnused(root: Field, reading: Reading): void {
  const { node } = root;
  if (node.kind !== "map") return;
  const metric = node.members.get("metric")?.node;
  const inMetric = metric?.kind === "map" ? [...metric.members.keys()].filter((key) => key.startsWith("impute")) : [];
  const unused = [...unusedKeys.filter((key) => node.members.has(key)), ...inMetric.map((key) => `metric.${key}`)];
  if (unused.length > 0) reading.notices.push(`not used: ${unused.join(", ")}`);
}

/** The objectives, whichever of the three keys gave them; empty without any. */
export function objectivesOf({ objective, objectives, metric }: StudyMembers, reading: Reading): Objectives {
  if (metric !== undefined) {
    const { name, goal, target } = metric;
    if (goal === undefined) reading.notices.push(`metric ${name} is minimised, as sweeps do without a goal`);
    return [{ name, goal: goal ?? "minimize", take: "last", ...(target !== undefined && { stopAt: target }) }];
  }
  const given = objectives ?? (objective === undefined ? [] : [objective]);
  return given.map(({ name, goal, stop_at, take, step }) => ({
    name,
    goal,
    take: (take ?? "last") as "last",
    ...(stop_at !== undefined && { stopAt: stop_at }),
    ...(step !== undefined && { step }),
  }));
}

export function budgetOf({ budget, run_cap }: StudyMembers): Budget {
  const trials = budget?.trials ?? run_cap;
  return {
    ...(trials !== undefined && { trials }),
    ...(budget?.time !== undefined && { timeMs: budget.time }),
    ...(budget?.no_improvement !== undefined && { noImprovement: budget.no_improvement }),
    ...(budget?.steps !== undefined && { steps: budget.steps }),
  };
}

/** The sampler that `sampler` or `method` names; `auto` where nothing does. */
export function samplerOf({ sampler, method }: StudyMembers): JsonObject {
  if (sampler !== undefined) return sampler;
  return { type: method === "bayes" ? "gp" : (method ?? "auto") };
}

export interface Stopping {
  readonly scheduler: JsonObject;
  readonly fidelity: Fidelity | null;
}

/** Scheduler and fidelity, from their own keys or from `early_terminate`. */
export function stoppingOf(members: StudyMembers, reading: Reading): Stopping {
  const fidelity = fidelityOf(members);
  const early = members.early_terminate;
  if (early === undefined) return { scheduler: members.scheduler ?? { type: "auto" }, fidelity };
  const eta = early.eta ?? 3;
  const max = early.max_iter;
  // With max_iter and s the brackets of Hyperband begin at max_iter / eta^s.
  const min = early.min_iter ?? (max === undefined ? 1 : Math.max(1, Math.floor(max / eta ** (early.s ?? 1))));
  if (fidelity === null && max === undefined) {
    const example = `fidelity: { name: epochs, min: ${min}, max: … } and scheduler: asha`;
    reading.notices.push(`early_terminate is not used, because it does not say how long a whole training is; write ${example}`);
    return { scheduler: { type: "none" }, fidelity };
  }
  reading.notices.push("early_terminate: hyperband runs as asha, which decides about each trial at once");
  return {
    scheduler: { type: "asha", eta },
    fidelity: fidelity ?? { name: "iterations", min, max: max ?? min, unit: "steps", resume: "auto" },
  };
}

function fidelityOf({ fidelity }: StudyMembers): Fidelity | null {
  if (fidelity === undefined) return null;
  const { name, min, max, unit, resume } = fidelity;
  return { name, min, max, unit: unit ?? "steps", resume: resume ?? "auto" };
}
