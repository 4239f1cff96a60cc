import { createScheduler, isDriving, type JsonObject, type Problem, type StudySettings } from "@tunesmith/core";

/** How a scheduler compares trials at rungs, as far as it can be told from a study's settings. */
export interface RungPlan {
  /** Whether trials are judged in passing, against those that have come so far; else they pause at a rung until their place is known. */
  readonly isInPassing: boolean;
  /** Of in-passing schedulers: one in `eta` goes on. */
  readonly eta: number;
  /** Fidelities at which the trials of a bracket are compared, ascending, the greatest fidelity last; empty for trials of none. */
  levelsOf(bracket: number): readonly number[];
  /** Bracket that a trial is compared in, given the one on record with it. */
  bracketOf(recorded: number): number;
}

const inPassing = new Set(["auto", "asha"]);
const pausing = new Set(["asha-promotion", "successive-halving", "hyperband"]);

/** Null where no scheduler compares trials at rungs. */
export function rungPlan(problem: Problem, { scheduler }: Pick<StudySettings, "scheduler">): RungPlan | null {
  const { fidelity } = problem;
  const spec = rungSpec(scheduler);
  if (fidelity === null || spec === null) return null;
  const made = createScheduler(spec);
  if (isDriving(made)) return null;
  const isInTurn = made.type === "successive-halving" || made.type === "hyperband";
  // Where a rung lies does not depend on the unit; only whether reports on the way are judged does.
  const stepped: Problem = { ...problem, fidelity: { ...fidelity, unit: "steps" } };
  return {
    isInPassing: inPassing.has(String(spec.type)),
    eta: Number(made.options.eta),
    levelsOf(bracket) {
      // In brackets that run in turn, those of none have number 0.
      if (bracket < 1 && isInTurn) return [];
      return [...(made.decisionFidelities(stepped, bracket) ?? []), fidelity.max];
    },
    // By promotion everything is compared with everything.
    bracketOf: (recorded) => (made.type === "asha-promotion" ? 0 : recorded),
  };
}

// Whose rungs they are that a model chooses configs for.
const underneath: Readonly<Record<string, string>> = { bohb: "hyperband", "model-asha": "asha" };

/** The scheduler with rungs: the one of the study, the one underneath it, or one in its list of rules. */
function rungSpec(spec: JsonObject): JsonObject | null {
  const { eta, brackets } = spec;
  const type = underneath[String(spec.type)];
  if (type !== undefined) return { type, ...(eta === undefined ? {} : { eta }), ...(brackets === undefined ? {} : { brackets }) };
  if (inPassing.has(String(spec.type)) || pausing.has(String(spec.type))) return spec;
  const rules = Array.isArray(spec.rules) ? (spec.rules as readonly (string | JsonObject)[]) : [];
  for (const rule of rules) {
    const found = rungSpec(typeof rule === "string" ? { type: rule } : rule);
    if (found !== null) return found;
  }
  return null;
}
