import { compileProblem, type Problem, type ProblemSpec, type Space, TunesmithError } from "@tunesmith/core";
import { withoutIs } from "./parameter-space.ts";
import { joinPath } from "./placed-fault.ts";
import { addFault, deepestField, type Field, fieldAt, type Reading } from "./reading.ts";
import type { StudyMembers } from "./study-keys.ts";
import { budgetOf } from "./sweep-aliases.ts";
import { snakeCase } from "./value-readers.ts";

/** A problem but for its parameters and seed. */
export type SpaceFreeProblem = Required<Omit<ProblemSpec, "parameters" | "parameterConstraints" | "seed" | "defineByRun">>;

/** The problem compiled, or null after adding what core finds wrong with it; parameters are checked already. */
export function compileStudyProblem(
  root: Field,
  spec: SpaceFreeProblem,
  space: Space | null,
  members: StudyMembers,
  reading: Reading,
): Problem | null {
  // Faults of the rest must show even where the parameters or the objective are at fault themselves.
  const objectives = spec.objectives.length > 0 ? spec.objectives : [{ name: "value", goal: "minimize" as const }];
  const parameters = space?.parameters ?? {};
  const parameterConstraints = space?.parameterConstraints ?? [];
  try {
    const problem = { ...spec, objectives, parameters, parameterConstraints, seed: members.seed ?? 0 };
    return compileProblem(problem, 1, { budget: budgetOf(members), parallel: 1 });
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    for (const { path, message } of error.faults) placeProblemFault(root, path, message, reading);
    return null;
  }
}

/** A fault of core, whose paths are camelCase and know no aliases, at the key that was written. */
function placeProblemFault(root: Field, path: string, message: string, reading: Reading): void {
  const [first, ...rest] = path.split(".").map(snakeCase);
  const metric = fieldAt(root, "metric") === null ? null : ["metric", ...rest.map((key) => (key === "stop_at" ? "target" : key))];
  const listed = fieldAt(root, "objectives") === null ? null : ["objectives", "0", ...rest];
  const early = fieldAt(root, "fidelity") === null ? ["early_terminate", ...rest.map((key) => `${key}_iter`)] : null;
  const keys = (first === "objective" ? (metric ?? listed) : first === "fidelity" ? early : null) ?? [first, ...rest];
  const found = deepestField(root, keys);
  addFault(reading, found === root ? { ...root, path: keys.reduce(joinPath, "") } : found, withoutIs(message));
}
