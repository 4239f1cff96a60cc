import {
  compileProblem,
  type Problem,
  type ProblemSpec,
  parseExpression,
  type Storage,
  type StudyRecord,
  type StudySettings,
  type Trial,
  violation,
} from "@tunesmith/core";
import { type Choice, chooseWinner } from "../evaluation/confirmation.ts";

/** What a study came to. */
export interface StudyResult extends Choice {
  readonly problem: Problem;
}

// Confirmation runs go to the best few; a hundred cover any sensible `confirm.top`.
const candidateLimit = 100;

/** Those that satisfy the outcome constraints; all of them when none does. */
function feasibleFirst(trials: readonly Trial[], { outcomeConstraints }: Problem): readonly Trial[] {
  const constraints = outcomeConstraints.map(parseExpression);
  const feasible = trials.filter(({ metrics }) => constraints.every((each) => violation(each, (name) => metrics?.[name]) === 0));
  return feasible.length > 0 ? feasible : trials;
}

/** Chooses among a study's best trials and the default configuration, see `chooseWinner`. */
export async function studyResult(storage: Storage, study: StudyRecord): Promise<StudyResult> {
  const settings = study.settings as unknown as StudySettings;
  const problem = compileProblem(study.problem as unknown as ProblemSpec, study.revision, settings);
  const [objective] = problem.objectives;
  const candidates = new Map<number, Trial>();
  for (const trial of await storage.bestTrials(study.id, 0, objective.goal, candidateLimit)) candidates.set(trial.number, trial);
  const defaultsKey = problem.space.key(problem.space.defaults());
  const isDefault = ({ config }: Trial): boolean => problem.space.key(config) === defaultsKey;
  // The defaults are tried first when they are tried at all.
  for (const trial of await storage.getTrials(study.id, { limit: candidateLimit }))
    if (isDefault(trial)) candidates.set(trial.number, trial);
  return { ...chooseWinner(feasibleFirst([...candidates.values()], problem), objective, isDefault), problem };
}
